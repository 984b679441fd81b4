"""Search for the best configuration with keras-tuner."""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zoo.tuning.hypermodel import HyperModel
    from zoo.tuning.tuner import tune

__all__ = ["HyperModel", "tune"]

# Public name -> the module that defines it: listings import this package, and keras-tuner takes
# seconds to import.
_MODULES = {"HyperModel": "zoo.tuning.hypermodel", "tune": "zoo.tuning.tuner"}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module 'zoo.tuning' has no attribute {name!r}")
    return getattr(importlib.import_module(_MODULES[name]), name)


def __dir__() -> list[str]:
    return list(__all__)
