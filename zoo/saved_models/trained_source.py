"""The task of a model, and how the files of its training were read, without loading the model."""

import dataclasses
import pathlib
from typing import Any

from tasks.data.trained_files import TrainedFiles
from tasks.library import tasks
from zoo.runs import data_summary
from zoo.saved_models import versions


@dataclasses.dataclass(frozen=True)
class TrainedSource:
    """What a model was trained on.

    Args:
        task: the name of its task.
        files: how the files of its training were read.
    """

    task: str
    files: TrainedFiles

    def to_json(self) -> dict[str, Any]:
        """Return the record as JSON values."""
        files = self.files
        return {
            "task": self.task,
            "form": files.form,
            "features": dict(files.columns),
            "numbered": files.numbered,
            "header": files.header,
        }


def of_run(folder: pathlib.Path) -> TrainedSource:
    """Return the record of a run.

    Raises:
        RunError: a file cannot be read or has another shape.
    """
    return TrainedSource(*data_summary.trained_files(folder))


def of_export(folder: pathlib.Path) -> TrainedSource | None:
    """Return the record in an export; None in exports of version 0.1, and for unknown tasks."""
    value = versions.source(folder)
    if value is None or value["task"] not in tasks.names():
        return None
    files = TrainedFiles(
        value.get("form", ""), value["features"], value.get("numbered", False), value["header"]
    )
    return TrainedSource(value["task"], files)


def of_model(path: pathlib.Path) -> TrainedSource | None:
    """Return the record of a run folder, an export or one of its versions; None without one.

    Raises:
        RequestError: if `path` is none of these.
        RunError: a file of a run cannot be read or has another shape.
    """
    if (path / "config.json").exists():
        return of_run(path)
    return of_export(versions.model_folder(path))
