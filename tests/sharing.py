"""Folders that the worker processes of pytest-xdist share, so that nothing is trained twice."""

import contextlib
import fcntl
import os


def shared_folder(tmp_path_factory):
    """Return the temporary folder of the test run, the same in every worker."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@contextlib.contextmanager
def locked(path):
    """Run the block in one worker at a time."""
    with open(path, "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
