"""Plugins: sources that installed distributions declare as entry points."""

import importlib.util
import os
import re
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from registry.source import Source, candidate_files, existing_file

if TYPE_CHECKING:
    from importlib.metadata import Distribution, EntryPoint

_DOTTED_NAME = re.compile(r"\w+(\.\w+)*")


def plugins(group: str | None) -> list[Source]:
    """Return a `Source` for each entry point of a group, sorted by distribution."""
    if group is None:
        return []
    # This import is slower than the rest of the package, and not every command needs it.
    import importlib.metadata

    found = [_source_of(point) for point in importlib.metadata.entry_points(group=group)]
    return sorted(found, key=lambda source: (source.origin.lower(), source.name, source.module))


def _source_of(point: "EntryPoint") -> Source:
    distribution = point.dist
    origin = (distribution and distribution.name) or "an unnamed distribution"
    module = point.value.partition("[")[0].partition(":")[0].strip()
    rejected = None
    if not _DOTTED_NAME.fullmatch(module):
        rejected = f"the entry point's value {point.value!r} is not a module name"
    return Source(point.name, module, origin, partial(_find_file, distribution, module), rejected)


def _find_file(distribution: "Distribution | None", module: str) -> str | None:
    files = (distribution and distribution.files) or ()
    listed = {str(file): file for file in files}
    for path in candidate_files(module.replace(".", "/")):
        if path in listed and (file := Path(str(listed[path].locate()))).is_file():
            return os.path.abspath(file)
    return _search_file(module)


def _search_file(module: str) -> str | None:
    """Search the import path for a module's file: an editable install does not list its files.

    `find_spec` of a top-level module imports nothing; that of a submodule would import its parents.
    """
    top, *rest = module.split(".")
    try:
        spec = importlib.util.find_spec(top)
    except (ImportError, ValueError):
        return None
    if spec is None:
        return None
    if not rest:
        return spec.origin
    folders = spec.submodule_search_locations or ()
    stems = (os.path.join(os.path.abspath(folder), *rest) for folder in folders)
    return next(filter(None, map(existing_file, stems)), None)
