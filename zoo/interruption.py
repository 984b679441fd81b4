"""Interruption of a command by a signal.

Python raises KeyboardInterrupt wherever the main thread happens to be. A finalizer or a callback of
the garbage collector discards it, and a call into TensorFlow delays it until the call returns. The
command line therefore lets a thread wait for signals (`watch`). A signal ends the process at once,
without unfinished files, and without Python's exit, which takes seconds after training. Every file
is written atomically, so that a run resumes after its last epoch. No signal ends the process within
`uninterrupted`.

In a Python program that does not call `watch`, signals have their usual effect.
"""

import contextlib
import os
import pathlib
import shutil
import signal
import socket
import sys
import threading
from collections.abc import Iterator

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
STATUS = 128  # the exit status after signal N is 128 + N
SHOW_CURSOR = "\r\x1b[K\x1b[?25h"  # a progress bar hides the cursor of a terminal
AUTOGRAPH = "__autograph_generated_file"  # prefix of the names of its modules
_STOP = b"\0"  # not the number of a signal

_temporaries: set[pathlib.Path] = set()
_ending = threading.Lock()  # held while the process ends


@contextlib.contextmanager
def watch(message: str) -> Iterator[None]:
    """Handle signals in this block; to be called by the main thread of a command.

    A signal that the process ignores, such as SIGHUP under `nohup`, stays ignored.

    Args:
        message: the line that is printed on stderr when the process ends.
    """
    global _watcher
    _watcher = watcher = _Watcher(message)
    try:
        yield
    finally:
        _watcher = None
        watcher.stop()


def set_message(message: str) -> None:
    """Set the message of the `watch` block that the caller is in, if there is one."""
    if _watcher is not None:
        _watcher.message = message


@contextlib.contextmanager
def uninterrupted() -> Iterator[None]:
    """Let this block finish before a signal ends the process; for renames."""
    with _ending:
        yield


@contextlib.contextmanager
def temporary(path: pathlib.Path) -> Iterator[None]:
    """Delete a file or folder if a signal ends the process within this block."""
    _temporaries.add(path)
    try:
        yield
    finally:
        _temporaries.discard(path)


def is_temporary(path: pathlib.Path) -> bool:
    """Return whether a block of `temporary` in this process writes a file or folder."""
    return path in _temporaries


class _Watcher:
    """A thread that waits for signals."""

    def __init__(self, message: str) -> None:
        self.message = message
        self._stderr = _copy_of_stderr()
        self._reader, self._writer = socket.socketpair()
        self._writer.setblocking(False)
        # Python writes the number of each signal to this socket, whatever the main thread does.
        self._wakeup = signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
        self._handlers = {
            signum: signal.signal(signum, lambda *_: None)
            for signum in SIGNALS
            if signal.getsignal(signum) != signal.SIG_IGN
        }
        self._thread = threading.Thread(target=self._wait, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Restore the handlers and end the thread."""
        self.restore_handlers()
        self._writer.send(_STOP)
        self._thread.join()
        self._reader.close()
        self._writer.close()
        if self._stderr is not None:
            os.close(self._stderr)

    def restore_handlers(self) -> None:
        """Give each signal the handler that it had before."""
        for signum, handler in self._handlers.items():
            signal.signal(signum, signal.SIG_DFL if handler is None else handler)
        signal.set_wakeup_fd(self._wakeup)

    def _wait(self) -> None:
        while (signum := self._reader.recv(1)[0]) != _STOP[0]:
            if signum in self._handlers:
                self._end(signum)

    def _end(self, signum: int) -> None:
        _ending.acquire()  # for good: the main thread must not rename what is deleted here
        for path in (*_temporaries, *_generated_modules()):
            with contextlib.suppress(OSError):
                shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            if self._stderr is not None:
                cursor = SHOW_CURSOR if os.isatty(self._stderr) else ""
                text = f"{cursor}{self.message}\n"
                os.write(self._stderr, text.encode("ascii", "backslashreplace"))
        os._exit(STATUS + signum)


def _copy_of_stderr() -> int | None:
    """Return a copy of stderr, which is discarded while TensorFlow is imported; None if closed."""
    try:
        return os.dup(2)
    except OSError:
        return None


def _generated_modules() -> list[pathlib.Path]:
    """Return the temporary files of TensorFlow's AutoGraph, which it deletes when Python exits."""
    modules = [module for name, module in tuple(sys.modules.items()) if name.startswith(AUTOGRAPH)]
    return [pathlib.Path(module.__file__) for module in modules if module.__file__]


_watcher: _Watcher | None = None


def _forked() -> None:
    """Restore the handlers in a forked process, which shares the socket but has no thread."""
    if _watcher is not None:
        _watcher.restore_handlers()


os.register_at_fork(after_in_child=_forked)
