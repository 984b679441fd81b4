"""The models of epochs that `zoo train --keep_epochs` keeps: epochs/0001.keras and so on."""

import os
import pathlib
import re
from collections.abc import Collection
from typing import Any

from zoo.errors import RequestError
from zoo.runs import files, model_files
from zoo.runs.run import Run

FOLDER = "epochs"
_NAME = re.compile(r"(\d{4,})\.keras")


def kept_epochs(folder: str | os.PathLike[str]) -> list[int]:
    """Return the epochs whose models a run has kept, in rising order.

    Args:
        folder: the folder of the run.

    Example:
        >>> import tempfile
        >>> from zoo.runs.kept_epochs import kept_epochs
        >>> kept_epochs(tempfile.mkdtemp())
        []
    """
    parent = files.inside(folder, FOLDER)
    matches = map(_NAME.fullmatch, os.listdir(parent)) if parent.is_dir() else ()
    return sorted(int(match[1]) for match in matches if match)


def path_of(folder: str | os.PathLike[str], epoch: int) -> pathlib.Path:
    """Return the path of the model of an epoch, counted from 1."""
    return files.inside(folder, FOLDER, f"{epoch:04}.keras")


def save(run: Run, model: Any, epoch: int) -> None:
    """Keep the model of an epoch."""
    model_files.save(model, path_of(run.folder, epoch))


def load(folder: str | os.PathLike[str], epoch: int) -> Any:
    """Return the `keras.Model` of a kept epoch."""
    return model_files.load(path_of(folder, epoch))


def check(run: Run, epochs: Collection[int], most: int) -> None:
    """Check that a run can keep epochs.

    Args:
        run: a new, resumable or finished run.
        epochs: the epochs, counted from 1.
        most: the number of epochs of its configuration.

    Raises:
        RequestError: an epoch is not one of the training, or has passed without being kept.
    """
    for epoch in epochs:
        if isinstance(epoch, bool) or not isinstance(epoch, int) or not 1 <= epoch <= most:
            raise RequestError(
                f"keep_epochs={epoch}: the training has the epochs 1 to {most}. Leave {epoch} out, "
                "or train for more epochs."
            )
    progress = run.read_progress() if epochs else None
    passed = progress["epoch"] if progress else 0
    missing = sorted({epoch for epoch in epochs if epoch <= passed} - {*kept_epochs(run.folder)})
    if missing:
        raise RequestError(
            f"keep_epochs={missing[0]}: {run.folder} has trained {passed} epochs, and did not keep "
            f"the model of epoch {missing[0]}. Leave it out, or train again in another folder."
        )
