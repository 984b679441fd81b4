"""The file data.json of a run or a search: what was read (`tasks.data.summary.Summary`)."""

import pathlib

from tasks.data.summary import Summary
from zoo.runs import contents, files

NAME = "data.json"


def write(folder: pathlib.Path, summary: Summary | None) -> None:
    """Write data.json, unless nothing was read."""
    if summary is not None:
        files.write_json(folder / NAME, summary.to_json())


def read(folder: pathlib.Path) -> Summary | None:
    """Return what was read for a run or a search; None if the file does not exist.

    Raises:
        RunError: the file cannot be read or has another shape.
    """
    value = contents.read_if_present(folder, NAME)
    return value and Summary.from_json(value)


def columns(folder: pathlib.Path) -> dict[str, str]:
    """Return the column or feature that each role was read from; empty if it is unknown.

    Raises:
        RunError: the file cannot be read or has another shape.
    """
    summary = read(folder)
    return dict(summary.found) if summary else {}
