"""The file data.json of a run or a search: what was read (`tasks.data.summary.Summary`)."""

import pathlib

from tasks.data.summary import Summary
from tasks.data.trained_files import TrainedFiles
from zoo.runs import files, stored
from zoo.runs.shapes import BOOL, TEXT, Optional

NAME = "data.json"
_CONFIG = {"task": TEXT, "features?": Optional({"*": TEXT}), "header?": Optional(BOOL)}


def write(folder: pathlib.Path, summary: Summary | None) -> None:
    """Write data.json, unless nothing was read."""
    if summary is not None:
        files.write_json(folder / NAME, summary.to_json())


def read(folder: pathlib.Path) -> Summary | None:
    """Return what was read for a run or a search; None if the file does not exist.

    Raises:
        RunError: the file cannot be read or has another shape.
    """
    path = files.inside(folder, NAME)
    if not path.exists():
        return None
    return Summary.from_json(files.read_json(path, stored.SHAPES[NAME]))


def trained_files(folder: pathlib.Path) -> tuple[str, TrainedFiles]:
    """Return the task of a run, and how the files of its training were read.

    Only its JSON files are read, without TensorFlow.

    Raises:
        RunError: a file cannot be read or has another shape.
    """
    config = files.read_json(files.inside(folder, "config.json"), _CONFIG)
    requested, header = config.get("features") or {}, config.get("header")
    return config["task"], TrainedFiles.of(read(folder), requested, header)
