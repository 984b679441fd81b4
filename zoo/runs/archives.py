"""Sizes of zip archives and HDF5 files, looked at before their contents are read."""

import pathlib
import zipfile
from typing import Any

import h5py

RATIO, FREE = 4, 2**20  # Keras and NumPy do not compress the archives of a run


def check_archive(path: pathlib.Path, archive: zipfile.ZipFile) -> None:
    """Compare the sizes that an archive declares with the size of its file.

    `zipfile` reads at most the declared size of a member.

    Raises:
        ValueError: if the contents are much larger than the file.
    """
    size, declared = path.stat().st_size, sum(item.file_size for item in archive.infolist())
    _check(declared, size, "its archive")


def check_weights(archive: zipfile.ZipFile) -> None:
    """Compare the sizes of the arrays in a .keras file with the size of the file of its weights.

    Raises:
        ValueError: if they are much larger, as compressed arrays can be.
    """
    name = "model.weights.h5"
    if name not in archive.namelist():
        return
    declared: list[int] = []

    def visit(_: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset):
            declared.append(item.nbytes)

    with archive.open(name) as file, h5py.File(file, "r") as weights:
        weights.visititems(visit)
    _check(sum(declared), archive.getinfo(name).file_size, name)


def _check(declared: int, size: int, name: str) -> None:
    if declared > RATIO * size + FREE:
        raise ValueError(
            f"{name} declares {declared:,} bytes of contents in a file of {size:,} bytes"
        )
