"""An exclusive lock on the folder of a run or a search, held as long as a command writes to it."""

import contextlib
import datetime
import fcntl
import json
import os
import pathlib
import socket
from collections.abc import Callable, Iterator
from typing import Any

from zoo import interruption
from zoo.errors import RequestError
from zoo.runs import files
from zoo.runs.shapes import COUNT, TEXT, ShapeError, check

_HOLDER = {"pid": COUNT, "host": TEXT, "since": TEXT}


@contextlib.contextmanager
def locked(
    folder: str | os.PathLike[str], notify: Callable[[str], Any] = lambda text: None
) -> Iterator[None]:
    """Hold the lock of a folder, and remove the temporary files of killed processes.

    The operating system releases the lock of a process that ends, however it ends. A folder that
    was created for the lock and stays empty is removed.

    Args:
        folder: the folder, which need not exist.
        notify: called with a remark: that the lock of a killed process was taken over, or that the
            file system cannot lock.

    Raises:
        RequestError: if another command holds the lock; the message names its process.
        RunError: if the folder cannot be written.
    """
    folder = pathlib.Path(folder)
    path = files.inside(folder, files.LOCK)
    absent = [parent for parent in (folder, *folder.parents) if not parent.exists()]
    with files.writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        handle = _acquire(path, notify)
    try:
        with interruption.temporary(path):
            files.sweep(folder)
            yield
    finally:
        if handle is not None:
            # Removed while it is locked: `_acquire` notices that the file has gone.
            path.unlink(missing_ok=True)
            os.close(handle)
        with contextlib.suppress(OSError):  # a folder that is not empty stays
            for parent in absent:
                parent.rmdir()


def _acquire(path: pathlib.Path, notify: Callable[[str], Any]) -> int | None:
    """Return the handle of the locked file, or None if the file system cannot lock."""
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = _read(handle)
            os.close(handle)
            raise RequestError(_in_use(path.parent, holder)) from None
        except OSError as error:
            os.close(handle)
            path.unlink(missing_ok=True)
            notify(_cannot_lock(path, error.strerror or str(error)))
            return None
        try:
            if _is_same_file(handle, path):
                _take(handle, notify)
                return handle
        except OSError:
            os.close(handle)
            raise
        os.close(handle)  # the previous holder removed the file; create another


def _take(handle: int, notify: Callable[[str], Any]) -> None:
    """Write this process into the lock file, after a remark about a holder that was killed."""
    if os.fstat(handle).st_size:
        notify(f"{_name(_read(handle))} ended without finishing; its lock is taken over.")
    now = datetime.datetime.now().astimezone().isoformat(" ", "seconds")
    holder = {"pid": os.getpid(), "host": socket.gethostname(), "since": now}
    os.ftruncate(handle, 0)
    os.pwrite(handle, json.dumps(holder).encode(), 0)


def _read(handle: int) -> dict[str, Any] | None:
    """Return the holder in a lock file, or None if it is not there (yet)."""
    try:
        holder = json.loads(os.pread(handle, 4096, 0))
        check(holder, _HOLDER)
    except (ValueError, RecursionError, ShapeError):
        return None
    return holder


def _is_same_file(handle: int, path: pathlib.Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), os.lstat(path))
    except FileNotFoundError:
        return False


def _name(holder: dict[str, Any] | None) -> str:
    if holder is None:
        return "another command"
    return f"process {holder['pid']} on {holder['host']} (since {holder['since']})"


def _in_use(folder: pathlib.Path, holder: dict[str, Any] | None) -> str:
    return (
        f"run_dir={folder} is in use by {_name(holder)}. "
        "Wait until it ends, end it, or choose another --run_dir."
    )


def _cannot_lock(path: pathlib.Path, reason: str) -> str:
    return (
        f"{path.parent} cannot be locked ({reason.rstrip('.')}): make sure that no other command "
        "uses it."
    )
