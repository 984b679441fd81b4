"""Exported models."""

import functools

import pytest
import tensorflow as tf

from zoo.saved_models.exporting import export


@pytest.fixture(scope="session")
def exported(trained, tmp_path_factory):
    """task -> the folder of its export."""
    folder = tmp_path_factory.mktemp("exports")

    @functools.cache
    def export_task(task):
        export(trained(task), folder / task)
        return folder / task

    return export_task


@pytest.fixture(scope="session")
def loaded_module(exported):
    """task -> its loaded SavedModel, which has to be kept while its signatures are used."""
    return functools.cache(lambda task: tf.saved_model.load(str(exported(task) / "1")))


@pytest.fixture(scope="session")
def loaded(loaded_module):
    """task -> the signature `serve` of its SavedModel."""
    return lambda task: loaded_module(task).signatures["serve"]
