"""Sizes of zip archives and HDF5 files, looked at before their contents are read."""

import pathlib
import zipfile
from typing import Any

import h5py

RATIO, FREE = 4, 2**20  # Keras and NumPy do not compress the archives of a run


def check_archive(path: pathlib.Path, archive: zipfile.ZipFile) -> None:
    """Compare the sizes that an archive declares with the size of its file.

    A compressed member is rejected: its declared size may be false, and `zipfile` would expand all
    of it before it notices that.

    Raises:
        ValueError: if the contents are much larger than the file, or compressed.
    """
    items = archive.infolist()
    _check(sum(item.file_size for item in items), path.stat().st_size, "its archive")
    for item in items:
        if item.compress_type != zipfile.ZIP_STORED:
            raise ValueError(f"{item.filename!r} in its archive is compressed")


def check_weights(archive: zipfile.ZipFile) -> None:
    """Compare the sizes of the arrays in a .keras file with the size of the file of its weights.

    Raises:
        ValueError: if they are much larger, as compressed arrays can be, or lie in another file.
    """
    name = "model.weights.h5"
    if name not in archive.namelist():
        return
    declared: list[int] = []

    def visit(path: str, item: Any) -> str | None:
        """Return what is wrong, which ends the visit; h5py does not pass on an exception."""
        if not isinstance(item, h5py.HardLink):
            return f"{path!r} in {name} is a link, which is not followed"
        if isinstance(found := weights[path], h5py.Dataset):
            if found.external or found.is_virtual:
                return f"{path!r} in {name} has its values in another file"
            declared.append(found.nbytes)
        return None

    with archive.open(name) as file, h5py.File(file, "r") as weights:
        if reason := weights.visititems_links(visit):
            raise ValueError(reason)
    _check(sum(declared), archive.getinfo(name).file_size, name)


def _check(declared: int, size: int, name: str) -> None:
    if declared > RATIO * size + FREE:
        raise ValueError(
            f"{name} declares {declared:,} bytes of contents in a file of {size:,} bytes"
        )
