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


def set_threads() -> None:
    """Give each operation of TensorFlow one thread, if this process may use two cores.

    Operations then run side by side, each on one core, which is faster for recurrent networks than
    all cores for one operation after the other (docs/engine.md). It is not measured on more cores:
    the numbers of TensorFlow apply there, as where the user has set one, or after its import.
    """
    names = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")
    is_chosen = "tensorflow" in sys.modules or any(os.environ.get(name) for name in names)
    if cores() == 2 and not is_chosen:
        os.environ.update(dict(zip(names, ("1", "2"), strict=True)))


def cores() -> int:
    """Return the number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


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
