"""Recurrent Zoo: recurrent networks on Keras.

A registry maps names to recurrent cells, task heads, tasks and datasets. A `Config` selects among
them. `build` returns its `keras.Model`, `train` trains it, `tune` searches for better
hyperparameters with keras-tuner, and `export` writes a SavedModel.

Example:
    >>> import zoo
    >>> zoo.cells.names("*gru_*")
    ['gru_reset_before']
    >>> layer = zoo.Recurrent("mgu", 8)
    >>> layer.cell.gates
    ('f', 'n')
"""

import importlib
import importlib.util
import os
import pathlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tasks.data.sources import Corpus
    from zoo import callbacks, cells
    from zoo.config import Config, Search
    from zoo.conformance.suite import check
    from zoo.diagnosis.advice import advise
    from zoo.diagnosis.diagnose import diagnose
    from zoo.errors import RequestError, RunError
    from zoo.layers.recurrent import Recurrent
    from zoo.models.assembly import build
    from zoo.recurrent_cell import RecurrentCell
    from zoo.runs.model_files import load
    from zoo.runs.run import Run
    from zoo.saved_models.exporting import export
    from zoo.saved_models.predictor import predictor
    from zoo.training.session import train
    from zoo.tuning.tuner import tune

__version__ = "0.2.0.dev0"

__all__ = [
    "Config",
    "Corpus",
    "Recurrent",
    "RecurrentCell",
    "RequestError",
    "Run",
    "RunError",
    "Search",
    "advise",
    "build",
    "callbacks",
    "cells",
    "check",
    "diagnose",
    "export",
    "load",
    "predictor",
    "train",
    "tune",
]

# Public name -> the module that defines it. Importing Keras takes seconds, so a module is imported
# at the first access to one of its names.
_MODULES = {
    "Config": "zoo.config",
    "Corpus": "tasks.data.sources",
    "Recurrent": "zoo.layers.recurrent",
    "RecurrentCell": "zoo.recurrent_cell",
    "RequestError": "zoo.errors",
    "Run": "zoo.runs.run",
    "RunError": "zoo.errors",
    "Search": "zoo.config",
    "advise": "zoo.diagnosis.advice",
    "build": "zoo.models.assembly",
    "check": "zoo.conformance.suite",
    "diagnose": "zoo.diagnosis.diagnose",
    "export": "zoo.saved_models.exporting",
    "load": "zoo.runs.model_files",
    "predictor": "zoo.saved_models.predictor",
    "train": "zoo.training.session",
    "tune": "zoo.tuning.tuner",
}


def _check_packages() -> None:
    """Raise ImportError if Python finds another package named `registry` or `tasks` first."""
    root = pathlib.Path(__file__).resolve().parent.parent
    for name in ("registry", "tasks"):
        spec = importlib.util.find_spec(name)
        locations = (spec and spec.submodule_search_locations) or ()
        found = spec and (spec.origin or next(iter(locations), None))
        path = pathlib.Path(found).resolve() if found else None
        if path is None or root not in path.parents or path.parts[len(root.parts)] != name:
            raise ImportError(
                f"zoo needs its own package {name!r} in {root / name}, but Python finds {found}. "
                "Rename the other package, or start Python from another folder."
            )


_check_packages()

# Modules that need no backend, or that work or check it themselves on any.
_ANY_BACKEND = ("zoo.config", "zoo.errors", "zoo.recurrent_cell", "zoo.layers.recurrent")


def check_backend() -> None:
    """Select Keras' TensorFlow backend.

    Raises:
        RequestError: if the environment selects another one.
    """
    backend = os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    if backend != "tensorflow":
        raise importlib.import_module("zoo.errors").RequestError(
            f"KERAS_BACKEND={backend}: Recurrent Zoo runs on the backend tensorflow. Unset the "
            "variable, or set it to tensorflow."
        )


def __getattr__(name: str) -> Any:
    if name == "cells":
        return importlib.import_module("zoo.cells")
    if name == "callbacks":
        check_backend()
        return importlib.import_module("zoo.callbacks")
    if name not in _MODULES:
        raise AttributeError(f"module 'zoo' has no attribute {name!r}")
    if _MODULES[name] not in _ANY_BACKEND:
        check_backend()
    return getattr(importlib.import_module(_MODULES[name]), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
