"""Cells in a Python file that is not installed; only this module imports a file by its path."""

import contextlib
import importlib
import importlib.util
import os
import pathlib
import sys
from collections.abc import Iterator

from zoo.cells import cells
from zoo.errors import RequestError

_PREFIX = "zoo_checked_file_"  # of module names; avoids a clash with other modules


def is_path(text: str) -> bool:
    """Return whether `text` is the path of a Python file and not the name of a cell."""
    return text.endswith(".py") or "/" in text or os.sep in text


def existing_file(text: str) -> pathlib.Path:
    """Return the absolute path of a Python file.

    Raises:
        RequestError: The path does not exist, or is not a file.
    """
    path = pathlib.Path(text)
    if not path.exists():
        raise RequestError(f"{path} does not exist. Check the path, or pass the name of a cell.")
    if not path.is_file():
        raise RequestError(f"{path} is not a file. Pass the Python file that registers the cell.")
    return path.resolve()


@contextlib.contextmanager
def cells_in_file(text: str | os.PathLike) -> Iterator[list[str]]:
    """Import a Python file, and yield the names of the cells that it registers.

    The file runs as a script does: its folder comes first in `sys.path`. At the end of the context
    its cells are removed from the registry. The file of an installed cell is not imported again.

    Args:
        text: The path of the file.

    Yields:
        The registered names, sorted.

    Raises:
        RequestError: The file does not exist, fails on import, or does not register a cell.
    """
    path = existing_file(os.fspath(text))
    installed = _names_in(path)
    if installed:
        yield installed
        return
    module_name = _PREFIX + path.stem
    known = set(cells.names())
    sys.path.insert(0, str(path.parent))
    try:
        with cells.temporary():
            _import(module_name, path)
            names = sorted({*_names_in(path), *(set(cells.names()) - known)})
            if not names:
                raise RequestError(
                    f"{path} does not register a cell. Decorate the class with "
                    "@cells.register(...), after `from zoo.cells import cells`."
                )
            yield names
    finally:
        sys.modules.pop(module_name, None)
        sys.path.remove(str(path.parent))


def path_of(builder: type) -> pathlib.Path | None:
    """Return the file from which `cells_in_file` imported a cell class; None for other classes."""
    if not builder.__module__.startswith(_PREFIX):
        return None
    return pathlib.Path(str(sys.modules[builder.__module__].__file__))


def _names_in(path: pathlib.Path) -> list[str]:
    return [record.name for record in cells.records() if record.file == str(path)]


def _import(module_name: str, path: pathlib.Path) -> None:
    specification = importlib.util.spec_from_file_location(module_name, path)
    if specification is None or specification.loader is None:
        raise RequestError(f"{path} is not a Python file. Pass a file that ends with .py.")
    module = importlib.util.module_from_spec(specification)
    sys.modules[module_name] = module
    try:
        specification.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        if os.environ.get("ZOO_TRACEBACK"):
            raise
        reason = " ".join(f"{type(error).__name__}: {error}".split()).rstrip(".")
        raise RequestError(f"{path} cannot be imported: {reason}.") from error
