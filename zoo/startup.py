"""The start of processes: a shorter import of TensorFlow, and the environment of new ones."""

import contextlib
import gc
import os
import pathlib
import sys
from collections.abc import Iterator

UNUSED = ("sklearn", "matplotlib")  # what Keras imports, if installed, for functions not used here


def environment() -> dict[str, str]:
    """Return the environment of a new Python process that finds the same packages as this one.

    Its import path is that of this process, which may hold the checkout of a plugin.
    """
    paths = (str(pathlib.Path(path).absolute()) for path in sys.path)
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "TF_CPP_MIN_LOG_LEVEL": "3"}


@contextlib.contextmanager
def short_import() -> Iterator[None]:
    """Import TensorFlow and Keras inside the block in half the time.

    The packages `UNUSED` are not found inside the block, unless they are imported already. Garbage
    is not collected, and the objects made inside the block are not looked at in later collections:
    they are a million, and live as long as the process.
    """
    if "tensorflow" in sys.modules:
        yield
        return
    with _hidden(), _no_collections():
        yield


@contextlib.contextmanager
def _hidden() -> Iterator[None]:
    hidden = {name: None for name in UNUSED if name not in sys.modules}
    sys.modules.update(hidden)  # type: ignore[arg-type]  # None: ModuleNotFoundError
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


@contextlib.contextmanager
def _no_collections() -> Iterator[None]:
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_enabled:
            gc.enable()
