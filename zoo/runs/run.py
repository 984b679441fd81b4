"""A run is a folder: what is in it, written whole or not at all, and read back."""

import csv
import io
import json
import pathlib
import shutil
import zipfile

import keras
import numpy as np

from tasks.library import tasks
from zoo.runs import files
from zoo.cells import cells
from zoo.config import Config, difference
from zoo.errors import RequestError, RunError
from zoo.layers import attention, recurrent  # noqa: F401  a saved model names their layers: Keras has to know them

RUN_FILES = ("config.json", "vocabularies.json", "history.csv", "model.keras")  # what makes a run of a folder


class Run:
    """The folder of one configuration's training. It may be moved; nothing in it names its place."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)

    @classmethod
    def of(cls, folder, config):
        """The run of `config` (resolved) in `folder`, new or to be gone on with; nothing is written yet.

        Raises RequestError when the folder belongs to another configuration, or holds something else.
        """
        run = cls(folder)
        if run._path("config.json").exists():
            stored = run.stored("config.json")
            if stored != (asked := config.to_json()):
                raise RequestError(f"run_dir={folder} holds another configuration ({difference(stored, asked)}). "
                                   "Choose another --run_dir, or repeat the first command to go on with it.")
        elif not files.is_free(run.folder):
            raise RequestError(f"run_dir={folder} exists and is no run. Choose a new or an empty folder.")
        return run

    def begin(self, config, features):
        """Makes the folder this configuration's, once all that it needs was found."""
        if not self._path("config.json").exists():
            files.write_json(self._path("config.json"), config.to_json())
        if not self._path("vocabularies.json").exists():
            # ASCII, since tokens may hold bytes that are no UTF-8.
            files.write_text(self._path("vocabularies.json"), json.dumps(features.vocabularies, indent=0) + "\n")

    def copy(self, other, names):
        """Takes files of another run over, each as a whole, in this order."""
        for name in names:
            with files.replacing(self._path(name)) as path:
                shutil.copyfile(other._path(name), path)

    def resume_from(self, other):
        """Makes a run that has not begun the continuation of another of the same configuration."""
        if self.progress is None:  # the checkpoint comes last: after a kill that cut the copy short, it is made again
            self.copy(other, (*RUN_FILES, "checkpoint.npz"))

    @classmethod
    def finished(cls, folder):
        """The run in `folder`, which must have a model; RequestError otherwise."""
        run = cls(folder)
        if not run._path("config.json").exists():
            raise RequestError(f"{folder} is no run folder: it has no config.json. Make one with `zoo train`.")
        if not run._path("model.keras").exists():
            raise RequestError(f"{folder} has no model yet. Go on with the same `zoo train` command first.")
        return run

    def _path(self, name):
        return self.folder / name

    def stored(self, name):
        """The JSON value in one of the run's files; RunError if it cannot be read."""
        try:
            return files.read_json(self._path(name))
        except (OSError, ValueError) as error:
            raise RunError(f"cannot read {self._path(name)}: {error}. Restore the file, or train again.") from error

    @property
    def config(self):
        return Config.from_json(self.stored("config.json"))

    @property
    def features(self):
        """The run's features, with the vocabularies of its training."""
        config = self.config
        return tasks.get(config.task).features(config, self.stored("vocabularies.json"))

    @property
    def result(self):
        """What `zoo train` printed at the end, or None if the run is not finished."""
        return self.stored("metrics.json") if self._path("metrics.json").exists() else None

    @property
    def history(self):
        """The record of each epoch, in order; none before the first."""
        if not self._path("history.csv").exists():
            return []
        with open(self._path("history.csv"), encoding="utf-8", newline="") as file:
            return [{name: int(value) if name == "epoch" else float(value) for name, value in row.items()}
                    for row in csv.DictReader(file)]

    @property
    def model(self):
        return load(self.folder)

    def save_model(self, model):
        """The model alone, in model.keras: what the optimizer needs is in the checkpoint."""
        with files.replacing(self._path("model.keras")) as path:
            keras.Model(model.input, model.output, name=model.name).save(path)

    def save_result(self, result):
        files.write_json(self._path("metrics.json"), result)

    def save_history(self, history):
        text = io.StringIO()
        writer = csv.DictWriter(text, list(history[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(history)
        files.write_text(self._path("history.csv"), text.getvalue())

    def save_spent(self, seconds):
        """Seconds of training so far, those of the epoch in hand among them."""
        files.write_json(self._path("spent.json"), seconds)

    @property
    def spent(self):
        """Seconds of training as last noted; 0 where nothing is."""
        return self.stored("spent.json") if self._path("spent.json").exists() else 0.0

    def save_checkpoint(self, variables, progress):
        """All that training goes on from: the variables' values, and `progress`, JSON values; in one file."""
        arrays = {f"v{k}": np.asarray(variable) for k, variable in enumerate(variables)}
        with files.replacing(self._path("checkpoint.npz")) as path, open(path, "wb") as file:
            np.savez(file, progress=np.array(json.dumps(progress)), **arrays)

    @property
    def progress(self):
        """The progress stored with the last checkpoint, or None where there is none."""
        return self.restore_checkpoint(())

    def restore_checkpoint(self, variables):
        """Sets the variables to the last checkpoint's values and returns its progress; None where there is none."""
        if not self._path("checkpoint.npz").exists():
            return None
        try:
            with np.load(self._path("checkpoint.npz"), allow_pickle=False) as stored:
                for k, variable in enumerate(variables):
                    variable.assign(stored[f"v{k}"])
                return json.loads(str(stored["progress"]))
        except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile) as error:
            raise RunError(f"cannot read {self._path('checkpoint.npz')}: {error}. Delete the run folder and train "
                           "again.") from error


def load(path):
    """The Keras model of a run folder or of a .keras file, the cells that it names imported first.

    Only registered cells are imported, never a module because a file names it. Raises RequestError when there is no
    such file or it names a cell that is not installed.
    """
    path = pathlib.Path(path)
    path = path / "model.keras" if path.is_dir() else path
    try:
        with zipfile.ZipFile(path) as archive:
            config = archive.read("config.json").decode("utf-8")
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise RequestError(f"{path} is no .keras file ({error}). Give a run folder or a file that Keras saved.") from None
    modules = _named_modules(json.loads(config))
    for record in cells.records():
        if record.file and _module_path(record.file).endswith(tuple("/" + name.replace(".", "/") for name in modules)):
            cells.get(record.name)
    try:
        return keras.saving.load_model(path)
    except (TypeError, ValueError) as error:
        raise RequestError(f"{path} cannot be loaded: {str(error).strip().splitlines()[0]} If it names a cell of a "
                           "plugin, install the plugin; if it is damaged, train again.") from error


def _module_path(file):
    return pathlib.Path(file).with_suffix("").as_posix()


def _named_modules(value):
    """The packages of all registered names ("zoo.cells.lstm>LSTMCell") in a model's configuration."""
    if isinstance(value, dict):
        name = value.get("registered_name")
        found = {name.partition(">")[0]} if isinstance(name, str) and ">" in name else set()
        return found.union(*map(_named_modules, value.values()))
    return set().union(*map(_named_modules, value)) if isinstance(value, list) else set()
