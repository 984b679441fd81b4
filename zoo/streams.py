"""The standard streams of the command: closed ones, other encodings, and what cannot be written."""

import contextlib
import os
import sys

from zoo.errors import RunError

NAMES = {"stdin": "r", "stdout": "w", "stderr": "w"}


def prepare() -> None:
    """Open the null device in place of closed streams, and escape what a stream cannot encode.

    A file that is opened later would otherwise get the number of a closed stream, and libraries
    would write their messages into it.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the smallest free number
    for name, mode in NAMES.items():
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115
        elif mode == "w" and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def flush() -> None:
    """Write what is left in the buffer of stdout.

    Raises:
        BrokenPipeError: if the reader of a pipe has gone.
        RunError: if the stream cannot be written, for example on a full disk.
    """
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        discard()
        raise RunError(
            f"cannot write the standard output: {error.strerror or error}. Free some space or "
            "write to another place."
        ) from error


def discard() -> None:
    """Discard what is left in the buffer of stdout: Python would fail to write it at its end."""
    with contextlib.suppress(OSError, ValueError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, sys.stdout.fileno())
        os.close(null)
