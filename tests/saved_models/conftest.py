"""Fixtures with exported models."""

import functools

import pytest
import tensorflow as tf
from sharing import locked, shared_folder

from zoo.saved_models.exporting import export


@pytest.fixture(scope="session")
def exported(trained, tmp_path_factory):
    """Return a function: task name -> folder of its export, written once for all workers."""
    shared = shared_folder(tmp_path_factory)

    @functools.cache
    def export_task(task):
        folder = shared / "exports" / task
        with locked(shared / f"{task}.export.lock"):
            if not folder.exists():
                export(trained(task), folder)
        return folder

    return export_task


@pytest.fixture(scope="session")
def loaded_module(exported):
    """Return a function: task name -> loaded SavedModel.

    A signature is valid only as long as its SavedModel is referenced.
    """
    return functools.cache(lambda task: tf.saved_model.load(str(exported(task) / "1")))


@pytest.fixture(scope="session")
def loaded(loaded_module):
    """Return a function: task name -> signature `serve` of its SavedModel."""
    return lambda task: loaded_module(task).signatures["serve"]
