"""The checkpoint of a run: all variables and the progress of training in one .npz file."""

import json
import pathlib
import zipfile
import zlib
from collections.abc import Iterable
from typing import Any

import numpy as np

from zoo.errors import RunError
from zoo.runs import files, stored
from zoo.runs.archives import check_archive
from zoo.runs.shapes import ShapeError, check


def save(path: pathlib.Path, variables: Iterable[Any], progress: dict[str, Any]) -> None:
    """Save the training state in one file.

    Args:
        path: the file.
        variables: the variables of the model and of its optimizer.
        progress: JSON values: epoch, seconds, history and best epoch.
    """
    arrays: dict[str, Any] = {f"v{k}": np.asarray(value) for k, value in enumerate(variables)}
    with files.atomic_file(path) as temporary, open(temporary, "wb") as file:
        np.savez(file, progress=np.array(json.dumps(progress)), **arrays)


def restore(path: pathlib.Path, variables: Iterable[Any]) -> dict[str, Any]:
    """Assign the values of a checkpoint to `variables`.

    Args:
        path: the file.
        variables: variables in the order in which they were saved; the first ones suffice.

    Returns:
        The progress saved with the checkpoint.

    Raises:
        RunError: if the file cannot be read, or does not fit the variables.
    """
    try:
        if not path.is_file():
            raise ValueError("it is not a regular file")
        with zipfile.ZipFile(path) as archive:
            check_archive(path, archive)
        with np.load(path, allow_pickle=False) as arrays:
            progress = _progress(arrays["progress"])
            for k, variable in enumerate(variables):
                variable.assign(_numbers(arrays[f"v{k}"], k))
    except (OSError, EOFError, ValueError, KeyError, RecursionError) as error:
        raise _unreadable(path, error) from error
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError) as error:
        raise _unreadable(path, error) from error
    return progress


def _progress(array: np.ndarray) -> dict[str, Any]:
    if array.dtype.kind != "U" or array.shape:
        raise ValueError("its progress is not a text")
    progress = json.loads(str(array))
    try:
        check(progress, stored.PROGRESS)
    except ShapeError as error:
        raise ValueError(f"in its progress, {error}") from None
    return progress


def _numbers(array: np.ndarray, index: int) -> np.ndarray:
    """Return an array of numbers; the variable to which it is assigned checks its shape."""
    if array.dtype.kind not in "biufV":  # "V": bfloat16
        raise ValueError(f"its array v{index} has the type {array.dtype}")
    return array


def _unreadable(path: pathlib.Path, error: Exception) -> RunError:
    reason = str(error).strip().splitlines()
    return RunError(
        f"cannot read {path}: {(reason or [type(error).__name__])[0].rstrip('.')}. "
        "Delete the run folder and train again."
    )
