"""The file data.json of a run: what was read (`tasks.data.summary.Summary`)."""

import json
import pathlib
from typing import Any

from tasks.data.summary import Summary
from zoo.errors import RunError
from zoo.runs import files

NAME = "data.json"
MAX_BYTES = 2**20
_SHAPE = {
    "source": str,
    "form": str,
    "found": dict,
    "columns": dict,
    "counts": dict,
    "noun": str,
    "classes": (int, type(None)),
    "class_noun": str,
    "facts": dict,
    "remarks": list,
}


def write(folder: pathlib.Path, summary: Summary | None) -> None:
    """Write data.json, unless nothing was read."""
    if summary is not None:
        files.write_json(folder / NAME, summary.to_json())


def read(folder: pathlib.Path) -> Summary | None:
    """Return what was read for a run or a search; None if the file does not exist.

    Raises:
        RunError: the file has another shape.
    """
    path = folder / NAME
    if not path.is_file():
        return None
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ValueError("it is too large")
        return Summary.from_json(_checked(json.loads(path.read_text(encoding="utf-8"))))
    except (OSError, ValueError, RecursionError) as error:
        raise RunError(
            f"{path} cannot be read: {error}. Delete it; reports then do not show what was read."
        ) from error


def _checked(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict) or set(value) != set(_SHAPE):
        raise ValueError(f"it is not an object with the keys {', '.join(_SHAPE)}")
    for name, kind in _SHAPE.items():
        if not isinstance(value[name], kind):  # type: ignore[arg-type]
            raise ValueError(f"{name} is {json.dumps(value[name])[:60]}")
    texts = [
        *value["found"].values(),
        *value["columns"].values(),
        *value["facts"].values(),
        *value["remarks"],
    ]
    numbers = value["counts"].values()
    if not all(isinstance(text, str) for text in texts):
        raise ValueError("a column, a fact or a remark is not a text")
    if not all(isinstance(number, int) for number in numbers):
        raise ValueError("a count is not a whole number")
    return value
