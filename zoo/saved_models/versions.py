"""The numbered versions of an export, and which of them may be replaced.

TensorFlow Serving expects NAME/NUMBER/saved_model.pb, and serves the largest number.
"""

import os
import pathlib
from collections.abc import Mapping
from typing import Any

import zoo
from zoo.errors import RequestError, RunError
from zoo.runs import files
from zoo.runs.shapes import BOOL, TEXT, Optional

# TensorFlow does not read the files in assets.extra.
MARKER = pathlib.PurePosixPath("assets.extra", "recurrent_zoo_export.json")
_KIND = "an export of Recurrent Zoo"
_SOURCE = {
    "task": TEXT,
    "form?": TEXT,
    "features": {"*": TEXT},
    "numbered?": BOOL,
    "header": Optional(BOOL),
}
_SHAPE = {"kind": TEXT, "version": TEXT, "files": [TEXT], "source": _SOURCE}


def mark(folder: pathlib.Path, source: Mapping[str, Any]) -> None:
    """Write the marker of an export: its kind, its files, and how the data of its run was read."""
    (folder / MARKER.parent).mkdir(exist_ok=True)
    value = {"kind": _KIND, "version": zoo.__version__, "files": sorted(_files(folder))}
    files.write_json(folder / MARKER, {**value, "source": source})


def source(folder: pathlib.Path) -> dict[str, Any] | None:
    """Return how the data of an export's run was read, or None without a marker."""
    try:
        value: Any = files.read_json(folder / MARKER, _SHAPE)
    except RunError:
        return None
    return value["source"]


def target(folder: pathlib.Path) -> pathlib.Path:
    """Return the path of the next export into `folder`.

    The largest version is replaced if it is an export of this project to which nothing was added;
    otherwise the export gets the next number.

    Raises:
        RunError: if `folder` is a file, or cannot be read.
    """
    with files.writing(folder):
        numbers = _numbers(folder)
    if not numbers:
        return folder / "1"
    newest = folder / str(numbers[-1])
    return newest if is_ours(newest) else folder / str(numbers[-1] + 1)


def model_folder(path: pathlib.Path) -> pathlib.Path:
    """Return the folder of a SavedModel: `path`, or its newest version.

    Raises:
        RequestError: if there is none.
    """
    if (path / "saved_model.pb").is_file():
        return path
    folder = newest(path) if path.is_dir() else None
    if folder is None:
        raise RequestError(
            f"{path} is neither a run folder nor an exported model. "
            "Create one with `zoo train` or `zoo export`."
        )
    return folder


def newest(folder: pathlib.Path) -> pathlib.Path | None:
    """Return the SavedModel with the largest number in a folder, or None without one."""
    found = (folder / str(number) for number in reversed(_numbers(folder)))
    return next((path for path in found if (path / "saved_model.pb").is_file()), None)


def is_ours(folder: pathlib.Path) -> bool:
    """Return whether a folder holds nothing but the files that an export wrote there."""
    if folder.is_symlink() or (folder / MARKER.parent).is_symlink():
        return False
    try:
        value: Any = files.read_json(folder / MARKER, _SHAPE)
    except RunError:
        return False
    return value["kind"] == _KIND and _files(folder) <= {*value["files"], str(MARKER)}


def _numbers(folder: pathlib.Path) -> list[int]:
    """Return the names in a folder that are numbers, in rising order."""
    if not folder.exists():
        return []
    names = [path.name for path in folder.iterdir()]
    return sorted(int(name) for name in names if name.isascii() and name.isdigit())


def _files(folder: pathlib.Path) -> set[str]:
    """Return the paths of the files below a folder, and of links, relative to it."""
    found = set()
    for parent, folders, names in os.walk(folder):
        links = [name for name in folders if os.path.islink(os.path.join(parent, name))]
        found |= {
            pathlib.Path(parent, name).relative_to(folder).as_posix() for name in (*names, *links)
        }
    return found
