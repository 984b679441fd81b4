"""Sizes are looked at before archives are read."""

import io
import struct
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


def write_archive(path, name, content, compression=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path, "w", compression) as archive:
        archive.writestr("config.json", "{}")
        archive.writestr(name, content)


def compressed_weights():
    file = io.BytesIO()
    with h5py.File(file, "w") as weights:
        weights.create_dataset("x", shape=(LARGE,), dtype="u1", chunks=(2**20,), compression=9)
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "compression"),
    [(bytes(LARGE), zipfile.ZIP_DEFLATED), (compressed_weights(), zipfile.ZIP_STORED)],
    ids=["zip", "hdf5"],
)
def test_model_that_expands_is_not_read(content, compression, tmp_path):
    path = tmp_path / "model.keras"
    write_archive(path, "model.weights.h5", content, compression)
    assert path.stat().st_size < 2**18
    tracemalloc.start()
    with pytest.raises(RequestError, match=r"declares 67,\d+,\d+ bytes .* in a file of"):
        load(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < LARGE / 4


def test_compressed_member_whose_declared_size_is_false_is_not_read(tmp_path):
    path = tmp_path / "model.keras"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("config.json", bytes(LARGE))
    size = struct.pack("<I", LARGE)
    assert path.read_bytes().count(size) == 2
    path.write_bytes(path.read_bytes().replace(size, struct.pack("<I", 1000)))
    tracemalloc.start()
    with pytest.raises(RequestError, match="'config.json' in its archive is compressed"):
        load(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < LARGE / 4


@pytest.mark.parametrize("kind", ["link", "external", "virtual"])
def test_weights_in_another_file_are_not_read(kind, tmp_path):
    content = io.BytesIO()
    with h5py.File(content, "w") as weights:
        if kind == "link":
            weights["x/vars"] = h5py.ExternalLink("/etc/passwd", "x")
        elif kind == "external":
            weights.create_dataset("x", (4,), "u1", external=[("/etc/passwd", 0, 4)])
        else:
            layout = h5py.VirtualLayout((4,), "u1")
            layout[:] = h5py.VirtualSource("/etc/passwd", "x", (4,))
            weights.create_virtual_dataset("x", layout)
    path = tmp_path / "model.keras"
    write_archive(path, "model.weights.h5", content.getvalue())
    with pytest.raises(RequestError, match="in model.weights.h5 (is a link|has its values in)"):
        load(path)


def test_checkpoint_that_expands_is_not_read(tmp_path):
    path = tmp_path / "checkpoint.npz"
    np.savez_compressed(path, progress=np.array("{}"), v0=np.zeros(LARGE, "u1"))
    with pytest.raises(RunError, match=r"checkpoint.npz: its archive declares 67,\d+,\d+ bytes"):
        checkpoint.restore(path, ())


def test_saved_model_is_read(tmp_path, trained):
    path = trained("classification").folder / "model.keras"
    assert zoo.load(path).count_params() == trained("classification").result["parameters"]
