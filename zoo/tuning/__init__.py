"""Search for a configuration with keras-tuner."""

import importlib

_PUBLIC = {"HyperModel": "zoo.tuning.hypermodel", "tune": "zoo.tuning.tuner"}


def __getattr__(name):
    # As in `zoo` itself: listings import this package, and keras-tuner takes seconds.
    if name not in _PUBLIC:
        raise AttributeError(f"module 'zoo.tuning' has no attribute {name!r}")
    return getattr(importlib.import_module(_PUBLIC[name]), name)
