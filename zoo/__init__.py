"""Recurrent Zoo: recurrent networks on Keras. A name becomes a tuned model and a SavedModel."""

import importlib
import importlib.util
import os
import pathlib

__version__ = "0.1.0"

_PUBLIC = {
    "Config": "zoo.config",
    "Search": "zoo.config",
    "RequestError": "zoo.errors",
    "RunError": "zoo.errors",
    "Recurrent": "zoo.layers.recurrent",
    "RecurrentCell": "zoo.recurrent_cell",
    "build": "zoo.models.assembly",
    "train": "zoo.training.session",
    "tune": "zoo.tuning.tuner",
    "load": "zoo.runs.run",
    "Run": "zoo.runs.run",
}


def _check_neighbours():
    """`registry` and `tasks` are everyday names: someone else's, found first, would fail somewhere deep."""
    ours = pathlib.Path(__file__).resolve().parent.parent
    for name in ("registry", "tasks"):
        found = importlib.util.find_spec(name)
        place = found and (found.origin or next(iter(found.submodule_search_locations), None))
        if (
            place is None
            or ours not in (path := pathlib.Path(place).resolve()).parents
            or path.parts[len(ours.parts)] != name
        ):
            raise ImportError(
                f"zoo needs its own package {name!r} in {ours / name}, and Python finds {place}. "
                f"Rename that one, or start Python from another folder."
            )


_check_neighbours()

# TensorFlow reads it once, when it is imported. On a processor for which it leaves oneDNN off, a recurrent layer trains
# somewhat faster with it (ARCHITECTURE.md). What the user has set stands.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")


def __getattr__(name):
    # Keras takes seconds to import: only what is asked for is loaded.
    if name not in _PUBLIC:
        raise AttributeError(f"module 'zoo' has no attribute {name!r}")
    module = importlib.import_module(_PUBLIC[name])
    return getattr(module, name)


def __dir__():
    return [*globals(), *_PUBLIC]
