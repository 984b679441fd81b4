"""Where entries come from: the modules of a folder, and the entry points of installed distributions."""

import importlib
import importlib.machinery
import importlib.util
import os
import pkgutil
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path

BUILT_IN = "built-in"
NAME = re.compile(r"[a-z][a-z0-9_]*")
DOTTED = re.compile(r"\w+(\.\w+)*")


@dataclass(frozen=True)
class Source:
    """A module that registers `name` once it is imported; `refused` says why it may not."""

    name: str
    module: str
    origin: str
    find: Callable[[], str | None]
    refused: str | None = None

    @cached_property
    def file(self):
        """The module's file, found without importing it, or None."""
        return self.find()

    def holds(self, module, file):
        """Whether a registration made in this module and file is the source's own.

        A plugin may spread over its package; a built-in is one module.
        """
        if self.origin != BUILT_IN:
            return module.partition(".")[0] == self.module.partition(".")[0]
        return module == self.module or module.startswith(self.module + ".") or file == self.file


def is_name(text):
    """Whether a text may be a registered name: a lower case identifier that begins with a letter."""
    return isinstance(text, str) and NAME.fullmatch(text) is not None


def built_ins(package):
    """Return a `Source` for each module of a package that does not begin with `_`, sorted by name."""
    if package is None:
        return []
    return [
        Source(found.name, f"{package}.{found.name}", BUILT_IN, partial(_file_of, found))
        for found in pkgutil.iter_modules(importlib.import_module(package).__path__)
        if not found.name.startswith("_")
    ]


def plugins(group):
    """Return a `Source` for each entry point of a group, sorted by distribution."""
    if group is None:
        return []
    import importlib.metadata  # It takes longer than all the rest of this package, and not every command needs it.

    found = [_plugin(point) for point in importlib.metadata.entry_points(group=group)]
    return sorted(found, key=lambda source: (source.origin.lower(), source.name, source.module))


def settle(sources, deprecated):
    """Return the sources that bear their names, by name, and a list of those that may not, with the reason.

    The first source of a name has it. `deprecated` holds names that nothing may take.
    """
    chosen, refused = {}, []
    for source in sources:
        reason = source.refused or _refusal(source, chosen, deprecated)
        if reason:
            refused.append(replace(source, refused=reason))
        else:
            chosen[source.name] = source
    return chosen, refused


def _refusal(source, chosen, deprecated):
    if not is_name(source.name):
        return f"the name {source.name!r} is not a lower case identifier"
    if source.name in deprecated:
        return f"{source.name!r} is the deprecated name of something else"
    if source.name not in chosen:
        return None
    first = chosen[source.name]
    owner = (
        "is a built-in's"
        if first.origin == BUILT_IN
        else f"is taken by the distribution {first.origin!r}"
    )
    return f"the name {source.name!r} {owner}, and a plugin adds names but replaces none"


def _file_of(found):
    folder = getattr(found.module_finder, "path", None)  # A package in an archive has no folder.
    return folder and _existing(os.path.join(os.path.abspath(folder), found.name))


def _plugin(point):
    distribution = point.dist
    origin = distribution.name or "an unnamed distribution"
    module = point.value.partition("[")[0].partition(":")[0].strip()
    refused = (
        None
        if DOTTED.fullmatch(module)
        else f"the entry point's value {point.value!r} is no module"
    )
    return Source(point.name, module, origin, partial(_find_plugin, distribution, module), refused)


def _find_plugin(distribution, module):
    stem = module.replace(".", "/")
    listed = {str(file): file for file in distribution.files or ()}
    for path in _paths(stem):
        if path in listed and (file := Path(listed[path].locate())).is_file():
            return os.path.abspath(file)
    return _search_plugin(module)


def _search_plugin(module):
    """Look where Python would, as an editable install lists none of its modules; only the top level is looked up."""
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
    return next(
        filter(
            None, (_existing(os.path.join(os.path.abspath(folder), *rest)) for folder in folders)
        ),
        None,
    )


def _existing(stem):
    return next((path for path in _paths(stem) if os.path.isfile(path)), None)


def _paths(stem):
    """Return the files that may hold a module, Python source first."""
    suffixes = importlib.machinery.all_suffixes()
    return [stem + suffix for suffix in suffixes] + [
        f"{stem}/__init__{suffix}" for suffix in suffixes
    ]
