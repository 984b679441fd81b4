"""A shorter start of the processes that the zoo runs: commands and the programs of its checks."""

import contextlib
import gc
import sys
from collections.abc import Iterator

UNUSED = ("sklearn", "matplotlib")  # what Keras imports, if installed, for functions not used here


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
