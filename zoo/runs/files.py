"""Atomic writes and careful reads: temporary names, renames, declared shapes, no links."""

import contextlib
import ctypes
import json
import os
import pathlib
import re
import shutil
import stat
import tempfile
from collections.abc import Iterator
from typing import Any

from zoo import interruption
from zoo.errors import RunError
from zoo.runs.shapes import ANY, ShapeError, check

PARTIAL = ".partial-"  # prefix of temporary names, which a killed process leaves behind
LOCK = ".lock"  # see zoo.runs.lock
MAX_TEXT_BYTES = 2**28  # of a JSON file or a table of a run; larger files are not read
_PROCESS = re.compile(re.escape(PARTIAL) + r"(\d+)-")
_AT_FDCWD, _RENAME_EXCHANGE = -100, 2  # of renameat2 (Linux)


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
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        # The suffix stays last: Keras and matplotlib choose the format by it.
        handle, name = tempfile.mkstemp(prefix=_prefix(), suffix=path.suffix, dir=path.parent)
        os.close(handle)
        temporary = pathlib.Path(name)
        with interruption.temporary(temporary):
            try:
                yield temporary
                temporary.chmod(0o644)
                _flush(temporary)
                with interruption.uninterrupted():
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
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        _recover(path)
        temporary = pathlib.Path(tempfile.mkdtemp(prefix=_prefix(), dir=path.parent))
        with interruption.temporary(temporary):
            try:
                temporary.chmod(0o755)
                yield temporary
                with interruption.uninterrupted():
                    _replace_folder(temporary, path)
            finally:
                shutil.rmtree(temporary, ignore_errors=True)


def is_free(folder: pathlib.Path) -> bool:
    """Return whether `folder` is absent, empty, or has only temporary files of a killed process."""
    if not folder.exists():
        return True
    return folder.is_dir() and all(
        path.name.startswith(PARTIAL) or path.name == LOCK for path in folder.iterdir()
    )


def sweep(folder: pathlib.Path, below: bool = True) -> None:
    """Remove the temporary files and folders that killed processes left in `folder`.

    Those of a running process, such as an export into the same folder, are kept. Links are not
    followed.

    Args:
        folder: the folder of a run, a search or an export.
        below: whether the folders below it are swept too.
    """
    for parent, names, file_names in os.walk(folder):
        for path in [pathlib.Path(parent, name) for name in (*names, *file_names)]:
            if not _is_left(path):
                continue
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
        names[:] = [name for name in names if below and not name.startswith(PARTIAL)]


def inside(folder: str | os.PathLike[str], *parts: str) -> pathlib.Path:
    """Return the path of a file or folder below `folder`.

    Raises:
        RunError: if a part is a symbolic link, which may lead out of the folder.
    """
    path = pathlib.Path(folder)
    for part in parts:
        path = path / part
        if path.is_symlink():
            raise RunError(
                f"{path} is a symbolic link, which is not followed in the folder of a run. "
                "Replace it by the file itself."
            )
    return path


def write_text(path: str | os.PathLike[str], text: str) -> None:
    """Write `text` to a file atomically, as UTF-8."""
    with atomic_file(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_json(path: str | os.PathLike[str], value: Any) -> None:
    """Write a JSON value to a file atomically."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def read_json(path: str | os.PathLike[str], shape: Any = ANY) -> Any:
    """Return the JSON value stored in a file.

    Args:
        path: the file.
        shape: the declared shape of the value, see `zoo.runs.shapes`.

    Raises:
        RunError: if the file cannot be read, is not JSON, or its value has another shape; the
            message names the file and the field.
    """
    text = read_text(path)
    try:
        value = json.loads(text)
        check(value, shape)
    except RecursionError:
        raise unreadable(path, "its values are nested too deep") from None
    except ShapeError as error:
        raise unreadable(path, error) from None
    except ValueError as error:
        raise unreadable(path, f"it is not JSON ({error})") from None
    return value


def read_text(path: str | os.PathLike[str]) -> str:
    """Return the text of a UTF-8 file.

    Raises:
        RunError: if the file cannot be read, is not a regular file or is too large.
    """
    try:
        status = os.stat(path)
        if not stat.S_ISREG(status.st_mode):
            raise unreadable(path, "it is not a regular file")
        if status.st_size > MAX_TEXT_BYTES:
            raise unreadable(path, f"it has {status.st_size:,} bytes, above {MAX_TEXT_BYTES:,}")
        return pathlib.Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise unreadable(path, error.strerror or error) from None
    except UnicodeDecodeError as error:
        raise unreadable(path, f"it is not UTF-8 (byte {error.start})") from None


def unreadable(path: str | os.PathLike[str], reason: object) -> RunError:
    """Return the error for a file of a run that cannot be read."""
    return RunError(
        f"cannot read {path}: {str(reason).rstrip('.')}. Restore the file, or train again."
    )


@contextlib.contextmanager
def writing(path: pathlib.Path) -> Iterator[None]:
    """Turn an OSError into a RunError that names `path`."""
    try:
        yield
    except OSError as error:
        reason = str(error.strerror or error or type(error).__name__).rstrip(".")
        raise RunError(
            f"cannot write {path}: {reason}. Free some space or choose another folder."
        ) from error


def _prefix() -> str:
    """Return the prefix of temporary names, which has the id of this process."""
    return f"{PARTIAL}{os.getpid()}-"


def _is_left(path: pathlib.Path) -> bool:
    """Return whether a path has a temporary name of this project, and nothing writes to it."""
    match = _PROCESS.match(path.name)
    if match is None:
        return False
    if int(match[1]) == os.getpid():
        return not interruption.is_temporary(path)
    try:
        os.kill(int(match[1]), 0)
    except (ProcessLookupError, OverflowError):
        return True
    except PermissionError:
        pass
    return False


def _replace_folder(new: pathlib.Path, path: pathlib.Path) -> None:
    """Rename `new` to `path`; the old folder, if any, is then removed.

    Linux exchanges both names in one operation. Elsewhere a process that is killed between two
    renames leaves the old folder under the name of `_previous`, from which `_recover` restores it.
    """
    if not os.path.lexists(path):
        os.rename(new, path)
    elif not _exchange(new, path):
        os.rename(path, _previous(path))
        os.rename(new, path)
        shutil.rmtree(_previous(path))


def _exchange(one: pathlib.Path, other: pathlib.Path) -> bool:
    """Exchange two names in one operation; return False if the platform cannot."""
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError, TypeError):
        return False
    names = os.fsencode(one), os.fsencode(other)
    return rename(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _RENAME_EXCHANGE) == 0


def _previous(path: pathlib.Path) -> pathlib.Path:
    return path.with_name(f".previous-{path.name}")


def _recover(path: pathlib.Path) -> None:
    """Restore the folder that a killed process had renamed, or remove it if it was replaced."""
    previous = _previous(path)
    if previous.is_dir() and not previous.is_symlink():
        if os.path.lexists(path):
            shutil.rmtree(previous)
        else:
            os.rename(previous, path)


def _flush(path: pathlib.Path) -> None:
    with open(path, "rb") as file:
        os.fsync(file.fileno())
