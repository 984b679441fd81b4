"""Sizes are looked at before archives are read."""

import io
import tracemalloc
import zipfile

import h5py
import numpy as np
import pytest

import zoo
from zoo.errors import RequestError, RunError
from zoo.runs import checkpoint
from zoo.runs.model_files import load

LARGE = 2**26


def compressed(path, name, content):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("config.json", "{}")
        archive.writestr(name, content)


def compressed_weights():
    file = io.BytesIO()
    with h5py.File(file, "w") as weights:
        weights.create_dataset("x", shape=(LARGE,), dtype="u1", chunks=(2**20,), compression=9)
    return file.getvalue()


@pytest.mark.parametrize("content", [bytes(LARGE), compressed_weights()], ids=["zip", "hdf5"])
def test_model_that_expands_is_not_read(content, tmp_path):
    path = tmp_path / "model.keras"
    compressed(path, "model.weights.h5", content)
    assert path.stat().st_size < 2**18
    tracemalloc.start()
    with pytest.raises(RequestError, match=r"declares 67,\d+,\d+ bytes .* in a file of"):
        load(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < LARGE / 4


def test_checkpoint_that_expands_is_not_read(tmp_path):
    path = tmp_path / "checkpoint.npz"
    np.savez_compressed(path, progress=np.array("{}"), v0=np.zeros(LARGE, "u1"))
    with pytest.raises(RunError, match=r"checkpoint.npz: its archive declares 67,\d+,\d+ bytes"):
        checkpoint.restore(path, ())


def test_saved_model_is_read(tmp_path, trained):
    path = trained("classification").folder / "model.keras"
    assert zoo.load(path).count_params() == trained("classification").result["parameters"]
