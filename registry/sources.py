"""The sources of a registry: the modules of a package, and plugins."""

import importlib
import os
import pkgutil
from collections.abc import Iterable
from dataclasses import replace
from functools import partial

from registry.plugins import plugins
from registry.source import BUILT_IN, Source, existing_file, is_name


def built_ins(package: str | None) -> list[Source]:
    """Return a `Source` for each module of a package that does not begin with `_`, by name."""
    if package is None:
        return []
    return [
        Source(found.name, f"{package}.{found.name}", BUILT_IN, partial(_file_of, found))
        for found in pkgutil.iter_modules(importlib.import_module(package).__path__)
        if not found.name.startswith("_")
    ]


def accept(sources: Iterable[Source]) -> tuple[dict[str, Source], list[Source]]:
    """Divide sources into accepted and rejected ones.

    Args:
        sources: candidates in order of precedence: the first valid source of a name is accepted.

    Returns:
        The accepted sources by name, and a list of the rejected ones with their reasons.
    """
    accepted: dict[str, Source] = {}
    rejected = []
    for source in sources:
        reason = source.rejected or _conflict(source, accepted)
        if reason:
            rejected.append(replace(source, rejected=reason))
        else:
            accepted[source.name] = source
    return accepted, rejected


class Sources:
    """All sources of a registry. Entry points are read once, the package's files at each call.

    Args:
        package: the package whose modules are the built-ins, or None.
        group: the entry-point group of plugins, or None.
    """

    def __init__(self, package: str | None, group: str | None) -> None:
        self._package = package
        self._group = group
        self._plugins: list[Source] | None = None

    def accepted(self) -> dict[str, Source]:
        """Return the accepted sources by name."""
        return self.accepted_and_rejected()[0]

    def accepted_and_rejected(self) -> tuple[dict[str, Source], list[Source]]:
        """Return the accepted sources by name, and a list of the rejected ones."""
        if self._plugins is None:
            self._plugins = plugins(self._group)
        return accept(built_ins(self._package) + self._plugins)

    def owner(self, name: str) -> Source | None:
        """Return the source of a name, or None; built-ins are searched before entry points."""
        built_in = next(
            (source for source in built_ins(self._package) if source.name == name), None
        )
        return built_in or self.accepted().get(name)

    def refresh(self) -> None:
        """Discard the cached list of installed plugins; the next call reads it again."""
        importlib.invalidate_caches()
        self._plugins = None


def _conflict(source: Source, accepted: dict[str, Source]) -> str | None:
    if not is_name(source.name):
        return f"the name {source.name!r} is not a lower case identifier"
    if source.name not in accepted:
        return None
    first = accepted[source.name]
    owner = (
        "belongs to a built-in"
        if first.origin == BUILT_IN
        else f"is taken by the distribution {first.origin!r}"
    )
    return f"the name {source.name!r} {owner}; a plugin cannot replace another entry"


def _file_of(found: pkgutil.ModuleInfo) -> str | None:
    folder = getattr(found.module_finder, "path", None)  # None for a package in an archive.
    return existing_file(os.path.join(os.path.abspath(folder), found.name)) if folder else None
