"""Atomic writes: files and folders are written under a temporary name, then renamed."""

import contextlib
import json
import os
import pathlib
import shutil
import tempfile
from collections.abc import Iterator
from typing import Any

from zoo import interruption
from zoo.errors import RunError

PARTIAL = ".partial-"  # prefix of temporary names, which a killed process leaves behind


@contextlib.contextmanager
def atomic_file(path: str | os.PathLike[str]) -> Iterator[pathlib.Path]:
    """Write a file atomically.

    Args:
        path: the file to write. Its folder is created if necessary.

    Yields:
        A temporary path beside `path`. It is renamed to `path` when the block ends without an
        error, and removed otherwise.

    Raises:
        RunError: if the disk is full or the folder cannot be written.
    """
    path = pathlib.Path(path)
    with _writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        # The suffix stays last: Keras and matplotlib choose the format by it.
        handle, name = tempfile.mkstemp(prefix=PARTIAL, suffix=path.suffix, dir=path.parent)
        os.close(handle)
        temporary = pathlib.Path(name)
        with interruption.temporary(temporary):
            try:
                yield temporary
                temporary.chmod(0o644)
                _flush(temporary)
                os.replace(temporary, path)
            finally:
                temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def atomic_folder(path: str | os.PathLike[str]) -> Iterator[pathlib.Path]:
    """Write a folder atomically; the complete new folder replaces an existing one.

    Args:
        path: the folder to write.

    Yields:
        An empty temporary folder beside `path`. It is renamed to `path` when the block ends without
        an error, and removed otherwise.

    Raises:
        RunError: if the disk is full or the parent folder cannot be written.
    """
    path = pathlib.Path(path)
    with _writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = pathlib.Path(tempfile.mkdtemp(prefix=PARTIAL, dir=path.parent))
        with interruption.temporary(temporary):
            try:
                temporary.chmod(0o755)
                yield temporary
                with interruption.deferred():
                    _replace_folder(temporary, path)
            finally:
                shutil.rmtree(temporary, ignore_errors=True)


def is_free(folder: pathlib.Path) -> bool:
    """Return whether `folder` is absent, empty, or has only temporary files of a killed process."""
    if not folder.exists():
        return True
    return folder.is_dir() and all(path.name.startswith(PARTIAL) for path in folder.iterdir())


def write_text(path: str | os.PathLike[str], text: str) -> None:
    """Write `text` to a file atomically, as UTF-8."""
    with atomic_file(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_json(path: str | os.PathLike[str], value: Any) -> None:
    """Write a JSON value to a file atomically."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def read_json(path: str | os.PathLike[str]) -> Any:
    """Return the JSON value stored in a file."""
    return json.loads(pathlib.Path(path).read_text(encoding="utf-8"))


@contextlib.contextmanager
def _writing(path: pathlib.Path) -> Iterator[None]:
    """Turn an OSError into a RunError that names `path`."""
    try:
        yield
    except OSError as error:
        raise RunError(
            f"cannot write {path}: {error.strerror}. Free some space or choose another folder."
        ) from error


def _replace_folder(new: pathlib.Path, path: pathlib.Path) -> None:
    if not path.exists():
        os.rename(new, path)
        return
    old = new.with_name(new.name + "-old")
    os.rename(path, old)
    os.rename(new, path)
    shutil.rmtree(old)


def _flush(path: pathlib.Path) -> None:
    with open(path, "rb") as file:
        os.fsync(file.fileno())
