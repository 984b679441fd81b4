"""The folder of a training run: its configuration, data, model, history and result."""

import contextlib
import json
import os
import pathlib
import shutil
from collections.abc import Iterable, Sequence
from typing import Any

from tasks.data.sources import Corpus
from zoo.config import Config
from zoo.errors import RequestError, RunError
from zoo.fields import difference
from zoo.models import assembly
from zoo.runs import checkpoint, contents, data_record, files, history, model_files

RUN_FILES = ("config.json", "run.json", "vocabularies.json", "history.csv", "model.keras")


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
            before, now = _json(run.config), _json(config)
            if data_record.same_paths(config.data, run.data):
                before["data"] = now["data"]
            if before != now:
                raise RequestError(
                    f"run_dir={folder} holds another configuration ({difference(before, now)}). "
                    "Choose another --run_dir, or repeat the command that created the run to "
                    "resume it."
                )
        elif not files.is_free(run.folder):
            raise RequestError(
                f"run_dir={folder} exists and is not a run folder. Choose a new or an empty folder."
            )
        return run

    @classmethod
    def finished(cls, folder: str | os.PathLike[str]) -> "Run":
        """Open `folder` as a finished run, or as a completed trial of a search.

        A model that is missing is restored from the checkpoint, if that holds its weights.

        Args:
            folder: path of the run folder.

        Returns:
            The run.

        Raises:
            RequestError: if `folder` is not a run folder, or the run is not finished.
            RunError: if its model is missing and cannot be restored.
        """
        run = cls(folder)
        if not run._path("config.json").exists():
            raise RequestError(
                f"{folder} is not a run folder: it has no config.json. "
                "Create a run with `zoo train`."
            )
        if not (run._path("metrics.json").exists() or run._is_completed_trial()):
            state = "is not finished" if run._path("model.keras").exists() else "has no model yet"
            raise RequestError(
                f"{folder} {state}. Resume it with the same `zoo train` command first."
            )
        run.restore_model()
        return run

    def begin(self, config: Config, features: Any, corpus: Corpus | None = None) -> None:
        """Write the configuration, the data's record and the vocabularies, where they are absent.

        Args:
            config: the resolved configuration.
            features: the task's features, a `tasks.text.features.Features`.
            corpus: the examples; None: their checksums are not stored.
        """
        if not self._path("config.json").exists():
            files.write_json(self._path("config.json"), config.to_json())
        if not self._path("vocabularies.json").exists():
            # ASCII, since tokens may hold bytes that are not valid UTF-8.
            text = json.dumps(features.vocabularies, indent=0)
            files.write_text(self._path("vocabularies.json"), text + "\n")
        if not self._path("run.json").exists():
            contents.write_record(self.folder, config, corpus, features.vocabularies)

    def check_data(self, corpus: Corpus, splits: Sequence[str] = ()) -> None:
        """Compare examples with those from which the run began.

        Args:
            corpus: the examples.
            splits: the splits to compare; default: all.

        Raises:
            RequestError: if they differ; the message names the split.
        """
        change = self.data and data_record.change(self.data, corpus, splits)
        if change:
            raise RequestError(
                f"the data of {self.folder} has changed since the run began: {change} "
                f"({corpus.name}). Restore the data, or choose another --run_dir."
            )

    def copy(self, other: "Run", names: Iterable[str]) -> None:
        """Copy files of another run into this one, each atomically, in the given order."""
        for name in names:
            if not other._path(name).exists():  # a file that a later version added
                continue
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
        """The resolved configuration of the run; fields that its version lacked have defaults."""
        return contents.config(self.folder)

    @property
    def data(self) -> dict[str, Any] | None:
        """The record of the run's data, None in a run of an older version."""
        return contents.record(self.folder)["data"]

    @property
    def features(self) -> Any:
        """The features of the run's task, with the vocabularies built in training."""
        return contents.features(self.folder)

    @property
    def stored_features(self) -> Any:
        """`features`, or None before training has begun."""
        return self.features if self._path("vocabularies.json").exists() else None

    @property
    def result(self) -> dict[str, Any] | None:
        """The result that `zoo.train` returned, or None if the run is not finished."""
        return contents.read_if_present(self.folder, "metrics.json")

    @property
    def history(self) -> list[dict[str, int | float]]:
        """One record per finished epoch: epoch, learning rate, loss and validation metrics."""
        path = self._path("history.csv")
        return history.read(path) if path.exists() else []

    def load_model(self) -> Any:
        """Return the `keras.Model` of the best epoch so far."""
        self._path("model.keras")  # not a link
        return model_files.load(self.folder)

    def restore_model(self) -> None:
        """Write a missing model.keras again, from a checkpoint of the best epoch.

        The model of a finished search is that of its best trial.

        Raises:
            RunError: if the checkpoint does not hold the weights of the best epoch.
        """
        if self._path("model.keras").exists():
            return
        if leaderboard := contents.read_if_present(self.folder, "leaderboard.json"):
            trial = Run(files.inside(self.folder, "trials", leaderboard["best"]["id"]))
            trial.restore_model()
            self.copy(trial, ("model.keras",))
            return
        progress = self.read_progress() or {}
        best, epoch = progress.get("best"), progress.get("epoch")
        if not best or best["epoch"] != epoch:
            held = f"holds epoch {epoch} and not the best one" if best else "is missing too"
            raise RunError(
                f"{self.folder} has lost its model.keras, and its checkpoint {held}. "
                "Restore the file, or train again in another folder."
            )
        model = assembly.network(self.config, self.features)
        self.restore_checkpoint(model.variables)
        self.save_model(model)

    def read_json(self, name: str) -> Any:
        """Return the JSON value in one of the run's files.

        Raises:
            RunError: if the file is missing, is not valid JSON, or has another shape.
        """
        return contents.read(self.folder, name)

    def read_seconds(self) -> float:
        """Return the seconds of training that `save_seconds` saved last, or 0."""
        return contents.read_if_present(self.folder, "spent.json") or 0.0

    def read_progress(self) -> dict[str, Any] | None:
        """Return the progress saved with the last checkpoint, or None without a checkpoint."""
        return self.restore_checkpoint(())

    def save_model(self, model: Any) -> None:
        """Save a Keras model without its optimizer, whose variables are in the checkpoint."""
        model_files.save(model, self._path("model.keras"))

    def save_result(self, result: dict[str, Any]) -> None:
        """Save the result, which marks the run as finished."""
        files.write_json(self._path("metrics.json"), result)

    def save_history(self, records: Sequence[dict[str, Any]]) -> None:
        """Save the records of all epochs (at least one) as history.csv."""
        history.write(self._path("history.csv"), records)

    def save_seconds(self, seconds: float) -> None:
        """Save the seconds of training so far, including those of the unfinished epoch."""
        files.write_json(self._path("spent.json"), seconds)

    def save_checkpoint(self, variables: Iterable[Any], progress: dict[str, Any]) -> None:
        """Save the training state in one file.

        Args:
            variables: the variables of the model and of its optimizer.
            progress: JSON values: epoch, seconds, history and best epoch.
        """
        checkpoint.save(self._path("checkpoint.npz"), variables, progress)

    def restore_checkpoint(self, variables: Iterable[Any]) -> dict[str, Any] | None:
        """Assign the values of the last checkpoint to `variables`.

        Args:
            variables: variables in the order in which they were saved.

        Returns:
            The progress saved with the checkpoint, or None without a checkpoint.

        Raises:
            RunError: if the checkpoint cannot be read.
        """
        path = self._path("checkpoint.npz")
        return checkpoint.restore(path, variables) if path.exists() else None

    def _is_completed_trial(self) -> bool:
        """Return whether the run is a trial that its search has recorded as completed."""
        folder = pathlib.Path(os.path.abspath(self.folder))
        search = Run(folder.parent.parent)
        with contextlib.suppress(RunError):
            return folder.parent.name == "trials" and any(
                trial["id"] == folder.name and trial["status"] == "completed"
                for trial in search.read_json("trials.json")
            )
        return False

    def _path(self, name: str) -> pathlib.Path:
        return files.inside(self.folder, name)


def _json(config: Config) -> dict[str, Any]:
    """Return a configuration as it is read from a file: JSON has no tuples."""
    return json.loads(json.dumps(config.to_json()))
