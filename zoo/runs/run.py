"""The folder of a training run: its configuration, model, history and result."""

import csv
import io
import json
import os
import pathlib
import shutil
import zipfile
from collections.abc import Iterable, Sequence
from typing import Any

import keras
import numpy as np

from tasks.library import tasks
from zoo.config import Config, difference
from zoo.errors import RequestError, RunError
from zoo.models.resolve import resolve
from zoo.runs import files
from zoo.runs.model_files import load

RUN_FILES = ("config.json", "vocabularies.json", "history.csv", "model.keras")


class Run:
    """The folder of a training run.

    `zoo.train` creates and resumes runs. Every file is written atomically, and none contains the
    path of the folder, so that the folder can be moved.

    Args:
        folder: path of the run folder.

    Example:
        >>> import tempfile
        >>> import zoo
        >>> run = zoo.Run(tempfile.mkdtemp())
        >>> run.result is None, run.history
        (True, [])
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = pathlib.Path(folder)

    @classmethod
    def open(cls, folder: str | os.PathLike[str], config: Config) -> "Run":
        """Open `folder` as a new or resumable run of `config`, without writing to it.

        Args:
            folder: path of the run folder, which need not exist.
            config: a resolved configuration.

        Returns:
            The run.

        Raises:
            RequestError: if the folder holds a run of another configuration, or other files.
        """
        run = cls(folder)
        if run._path("config.json").exists():
            stored, requested = run.read_json("config.json"), config.to_json()
            if stored.keys() < requested.keys():  # written by a version with fewer fields
                stored = {**resolve(Config.from_json(stored)).to_json(), **stored}
            if stored != requested:
                raise RequestError(
                    f"run_dir={folder} holds another configuration "
                    f"({difference(stored, requested)}). Choose another --run_dir, or repeat the "
                    "command that created the run to resume it."
                )
        elif not files.is_free(run.folder):
            raise RequestError(
                f"run_dir={folder} exists and is not a run folder. Choose a new or an empty folder."
            )
        return run

    @classmethod
    def finished(cls, folder: str | os.PathLike[str]) -> "Run":
        """Open `folder` as a run that has a model.

        Args:
            folder: path of the run folder.

        Returns:
            The run.

        Raises:
            RequestError: if `folder` is not a run folder or has no model.
        """
        run = cls(folder)
        if not run._path("config.json").exists():
            raise RequestError(
                f"{folder} is not a run folder: it has no config.json. "
                "Create a run with `zoo train`."
            )
        if not run._path("model.keras").exists():
            raise RequestError(
                f"{folder} has no model yet. Resume it with the same `zoo train` command first."
            )
        return run

    def begin(self, config: Config, features: Any) -> None:
        """Write the configuration and the vocabularies, unless the folder has them already.

        Args:
            config: the resolved configuration.
            features: the task's features, a `tasks.text.features.Features`.
        """
        if not self._path("config.json").exists():
            files.write_json(self._path("config.json"), config.to_json())
        if not self._path("vocabularies.json").exists():
            # ASCII, since tokens may hold bytes that are not valid UTF-8.
            text = json.dumps(features.vocabularies, indent=0)
            files.write_text(self._path("vocabularies.json"), text + "\n")

    def copy(self, other: "Run", names: Iterable[str]) -> None:
        """Copy files of another run into this one, each atomically, in the given order."""
        for name in names:
            with files.atomic_file(self._path(name)) as path:
                shutil.copyfile(other._path(name), path)

    def resume_from(self, other: "Run") -> None:
        """Copy another run's files and checkpoint, so that this run resumes from there.

        Does nothing if this run has a checkpoint of its own.
        """
        if self.read_progress() is None:
            # The checkpoint is copied last: an interrupted copy is repeated.
            self.copy(other, (*RUN_FILES, "checkpoint.npz"))

    @property
    def config(self) -> Config:
        """The resolved configuration of the run."""
        return Config.from_json(self.read_json("config.json"))

    @property
    def features(self) -> Any:
        """The features of the run's task, with the vocabularies built in training."""
        config = self.config
        return tasks.get(config.task).features(config, self.read_json("vocabularies.json"))

    @property
    def result(self) -> dict[str, Any] | None:
        """The result that `zoo.train` returned, or None if the run is not finished."""
        return self._read_json_if_present("metrics.json")

    @property
    def history(self) -> list[dict[str, int | float]]:
        """One record per finished epoch: epoch, learning rate, loss and validation metrics."""
        if not self._path("history.csv").exists():
            return []
        with open(self._path("history.csv"), encoding="utf-8", newline="") as file:
            return [
                {
                    name: int(value) if name.startswith("epoch") else float(value)
                    for name, value in row.items()
                    if value  # epochs of an older version have fewer values
                }
                for row in csv.DictReader(file)
            ]

    def load_model(self) -> Any:
        """Return the `keras.Model` of the best epoch so far."""
        return load(self.folder)

    def read_json(self, name: str) -> Any:
        """Return the JSON value in one of the run's files.

        Raises:
            RunError: if the file is missing or is not valid JSON.
        """
        try:
            return files.read_json(self._path(name))
        except (OSError, ValueError) as error:
            raise RunError(
                f"cannot read {self._path(name)}: {error}. Restore the file, or train again."
            ) from error

    def read_seconds(self) -> float:
        """Return the seconds of training that `save_seconds` saved last, or 0."""
        return self._read_json_if_present("spent.json") or 0.0

    def read_progress(self) -> dict[str, Any] | None:
        """Return the progress saved with the last checkpoint, or None without a checkpoint."""
        return self.restore_checkpoint(())

    def save_model(self, model: Any) -> None:
        """Save a Keras model without its optimizer, whose variables are in the checkpoint."""
        with files.atomic_file(self._path("model.keras")) as path:
            keras.Model(model.input, model.output, name=model.name).save(path)

    def save_result(self, result: dict[str, Any]) -> None:
        """Save the result, which marks the run as finished."""
        files.write_json(self._path("metrics.json"), result)

    def save_history(self, history: Sequence[dict[str, Any]]) -> None:
        """Save the records of all epochs (at least one) as history.csv."""
        text = io.StringIO()
        names = list(dict.fromkeys(name for record in history for name in record))
        writer = csv.DictWriter(text, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(history)
        files.write_text(self._path("history.csv"), text.getvalue())

    def save_seconds(self, seconds: float) -> None:
        """Save the seconds of training so far, including those of the unfinished epoch."""
        files.write_json(self._path("spent.json"), seconds)

    def save_checkpoint(self, variables: Iterable[Any], progress: dict[str, Any]) -> None:
        """Save the training state in one file.

        Args:
            variables: the variables of the model and of its optimizer.
            progress: JSON values: epoch, seconds, history and best epoch.
        """
        arrays: dict[str, Any] = {f"v{k}": np.asarray(value) for k, value in enumerate(variables)}
        with files.atomic_file(self._path("checkpoint.npz")) as path, open(path, "wb") as file:
            np.savez(file, progress=np.array(json.dumps(progress)), **arrays)

    def restore_checkpoint(self, variables: Iterable[Any]) -> dict[str, Any] | None:
        """Assign the values of the last checkpoint to `variables`.

        Args:
            variables: variables in the order in which they were saved.

        Returns:
            The progress saved with the checkpoint, or None without a checkpoint.

        Raises:
            RunError: if the checkpoint cannot be read.
        """
        if not self._path("checkpoint.npz").exists():
            return None
        try:
            with np.load(self._path("checkpoint.npz"), allow_pickle=False) as stored:
                for k, variable in enumerate(variables):
                    variable.assign(stored[f"v{k}"])
                return json.loads(str(stored["progress"]))
        except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile) as error:
            raise RunError(
                f"cannot read {self._path('checkpoint.npz')}: {error}. "
                "Delete the run folder and train again."
            ) from error

    def _path(self, name: str) -> pathlib.Path:
        return self.folder / name

    def _read_json_if_present(self, name: str) -> Any:
        return self.read_json(name) if self._path(name).exists() else None
