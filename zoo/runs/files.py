"""Files that are whole or absent: written beside their place, then renamed into it."""

import contextlib
import json
import os
import pathlib
import shutil
import tempfile

from zoo.errors import RunError


@contextlib.contextmanager
def replacing(path):
    """Yields a temporary path beside `path`; renamed to `path` when the block ends well, removed otherwise.

    Raises RunError when the disk is full or the folder cannot be written.
    """
    path = pathlib.Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # The suffix stays last: Keras and matplotlib choose the format by it.
        handle, name = tempfile.mkstemp(prefix=".partial-", suffix=path.suffix, dir=path.parent)
        os.close(handle)
    except OSError as error:
        raise RunError(f"cannot write {path}: {error.strerror}. Free some space or choose another folder.") from error
    temporary = pathlib.Path(name)
    try:
        yield temporary
        temporary.chmod(0o644)
        _flush(temporary)
        os.replace(temporary, path)
    except OSError as error:
        raise RunError(f"cannot write {path}: {error.strerror}. Free some space or choose another folder.") from error
    finally:
        temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def replacing_folder(path):
    """The same for a folder; what stood at `path` is removed once the new one is whole."""
    path = pathlib.Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = pathlib.Path(tempfile.mkdtemp(prefix=".partial-", dir=path.parent))
    except OSError as error:
        raise RunError(f"cannot write {path}: {error.strerror}. Free some space or choose another folder.") from error
    try:
        temporary.chmod(0o755)
        yield temporary
        if path.exists():
            old = temporary.with_name(temporary.name + "-old")
            os.rename(path, old)
            os.rename(temporary, path)
            shutil.rmtree(old)
        else:
            os.rename(temporary, path)
    except OSError as error:
        raise RunError(f"cannot write {path}: {error.strerror}. Free some space or choose another folder.") from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def is_free(folder):
    """Whether nothing is in the way of a new run in `folder`; what a kill left half-written is not."""
    if not folder.exists():
        return True
    return folder.is_dir() and all(path.name.startswith(".partial-") for path in folder.iterdir())


def write_text(path, text):
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_json(path, value):
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def read_json(path):
    return json.loads(pathlib.Path(path).read_text(encoding="utf-8"))


def _flush(path):
    with open(path, "rb") as file:
        os.fsync(file.fileno())
