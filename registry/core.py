"""The class `Registry`: names to objects of one kind."""

import contextlib
import fnmatch
import importlib
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Generic, TypeVar

from registry.entry import FIELDS, Entry, absolute_path, is_same_object
from registry.errors import (
    BrokenEntry,
    DuplicateName,
    RegistryError,
    UnknownName,
    describe_exception,
)
from registry.facts import first_line
from registry.listing import entry_for, has_tags, read_entry, tag_set
from registry.source import BUILT_IN, Source, is_name
from registry.sources import Sources
from registry.suggestions import closest

RUN_TIME = "run time"

T = TypeVar("T")
Registered = TypeVar("Registered")


@dataclass(frozen=True)
class _Registration:
    """An entry, and the module that registered it."""

    entry: Entry
    module: str


class Registry(Generic[T]):
    """A mapping of names to objects of one kind, whose modules are imported on first use.

    `registry.get(name)` returns an object. Listings (`names`, `records`) read the facts of an
    entry from its source file and import nothing.

    Args:
        kind: the singular noun for messages, such as "cell".
        package: the dotted name of the package whose modules are the built-ins, one entry each: the
            file's name is the registered name. Files that begin with `_` are not entries. None if
            all entries are registered in the module that creates the registry.
        group: the entry-point group of plugins, or None. The name of an entry point is the
            registered name, its value the module.
        also_import: dotted names of modules to import whenever an entry is looked up.
        plural: the plural of `kind` (default: `kind` + "s"). Modules of entries should use it as
            the name of the registry, as in `cells.register`.
        list_command: the shell command that lists all names, for messages, or None.

    Example:
        >>> from registry import Registry
        >>> losses = Registry("loss", plural="losses")
        >>> losses.register("zero", tags=("constant",))(lambda targets: 0 * targets)(2)
        0
        >>> losses.names(tags="constant")
        ['zero']
    """

    def __init__(
        self,
        kind: str,
        *,
        package: str | None = None,
        group: str | None = None,
        also_import: Iterable[str] = (),
        plural: str | None = None,
        list_command: str | None = None,
    ) -> None:
        self.kind = kind
        self.package = package
        self.group = group
        self.plural = plural or f"{kind}s"
        self.list_command = list_command
        self._also_import = tuple(also_import)
        self._home_module = sys._getframe(1).f_globals.get("__name__", "")
        self._registered: dict[str, _Registration] = {}
        self._failures: dict[str, str] = {}  # Reasons of failed imports, by name.
        self._sources = Sources(package, group)

    def register(self, name: str, /, **facts: Any) -> Callable[[Registered], Registered]:
        """Return a decorator that registers an object under `name` and returns it unchanged.

        Registering the same object again (the same file, line and qualified name) replaces the
        first one, so that a module can be reloaded.

        Args:
            name: a lower-case identifier that begins with a letter.
            **facts: facts about the object, such as `year=2016`. Write literals: listings read
                them from the source file.

        Raises:
            RegistryError: the name is invalid, or a fact has the name of a field of `Entry`.
            DuplicateName: another object has the name (raised by the decorator).
        """
        self._check(name, facts)
        caller = sys._getframe(1)
        module = caller.f_globals.get("__name__", "")
        module_doc = caller.f_globals.get("__doc__")
        file, line = absolute_path(caller.f_code.co_filename), caller.f_lineno

        def decorator(registered: Registered) -> Registered:
            # Only classes and functions have a docstring of their own, unlike plain values.
            own_doc = registered.__doc__ if hasattr(registered, "__qualname__") else None
            doc = first_line(own_doc or module_doc)
            origin = self._origin(name, module)
            entry = Entry(name, registered, MappingProxyType(facts), file, line, doc, origin)
            self._add(entry, module)
            return registered

        return decorator

    def get(self, name: str) -> T:
        """Return the object of a name; only its module and `also_import` are imported.

        Raises:
            UnknownName: the name is not registered; the message has up to three suggestions.
            BrokenEntry: the module cannot be imported, or does not register the name.
        """
        return self.entry(name).object

    def entry(self, name: str) -> Entry:
        """Return the `Entry` of a name; its module is imported.

        Raises:
            UnknownName: the name is not registered; the message has up to three suggestions.
            BrokenEntry: the module cannot be imported, or does not register the name.
        """
        if name not in self._registered:
            self._import(name)
        for module in self._also_import:
            importlib.import_module(module)
        return self._registered[name].entry

    def names(self, pattern: str = "*", tags: str | Iterable[str] = ()) -> list[str]:
        """Return the sorted names that match a pattern and have all the tags; nothing is imported.

        The names of broken plugins are included; `records` reports which ones are broken.

        Args:
            pattern: a shell-style pattern, such as "*lstm*".
            tags: a tag, or an iterable of tags.
        """
        sources = self._sources.accepted()
        wanted = tag_set(tags)
        found = sorted(fnmatch.filter(self._registered.keys() | sources.keys(), pattern))
        return [
            name for name in found if not wanted or has_tags(self._record(name, sources), wanted)
        ]

    def records(self, pattern: str = "*", tags: str | Iterable[str] = ()) -> list[Entry]:
        """Return the entries without their objects, sorted by name; nothing is imported.

        A plugin whose name is invalid or taken is included, after the entry that owns the name;
        its field `broken` is the reason.

        Args:
            pattern: a shell-style pattern, such as "*lstm*".
            tags: a tag, or an iterable of tags.
        """
        accepted, rejected = self._sources.accepted_and_rejected()
        names = fnmatch.filter(self._registered.keys() | accepted.keys(), pattern)
        found = [self._record(name, accepted) for name in names]
        found += [
            self._read(source) for source in rejected if fnmatch.fnmatchcase(source.name, pattern)
        ]
        wanted = tag_set(tags)
        return sorted(
            (entry for entry in found if has_tags(entry, wanted)), key=lambda entry: entry.name
        )

    def refresh(self) -> None:
        """Discard the cached list of plugins and the recorded reasons of failed imports."""
        self._sources.refresh()
        self._failures.clear()

    @contextlib.contextmanager
    def temporary(self) -> "Iterator[Registry[T]]":
        """Undo registrations at exit, except those made by modules of built-ins and plugins.

        Those are kept because Python imports a module only once, so it would not register again.
        """
        before = dict(self._registered)
        try:
            yield self
        finally:
            sources = self._sources.accepted().values()
            for name, each in self._registered.items():
                if any(source.owns(each.module, each.entry.file) for source in sources):
                    before[name] = each
            self._registered = before

    def __contains__(self, name: object) -> bool:
        return name in self.names()

    def __iter__(self) -> Iterator[str]:
        return iter(self.names())

    def __len__(self) -> int:
        return len(self.names())

    def _import(self, name: str) -> None:
        accepted, rejected = self._sources.accepted_and_rejected()
        source = accepted.get(name) or next((each for each in rejected if each.name == name), None)
        if source is None:
            raise UnknownName(self._unknown(name))
        if source.rejected:
            raise self._broken(source, source.rejected)
        before = set(self._registered)
        try:
            importlib.import_module(source.module)
        except (Exception, SystemExit) as error:
            self._drop_unfinished(before)
            raise self._broken(source, describe_exception(error)) from error
        if name not in self._registered:
            added = ", ".join(repr(each) for each in self._registered if each not in before)
            raise self._broken(
                source, f"{source.module} registered {added or 'nothing'} instead of {name!r}"
            )

    def _drop_unfinished(self, before: set[str]) -> None:
        """Drop new registrations by modules that Python discarded because their import failed."""
        for name in self._registered.keys() - before:
            if self._registered[name].module not in sys.modules:
                del self._registered[name]

    def _broken(self, source: Source, reason: str) -> BrokenEntry:
        self._failures[source.name] = reason
        return BrokenEntry(
            f"the {self.kind} {source.name!r} ({source.origin}, {source.module}) is broken: "
            f"{reason}"
        )

    def _unknown(self, name: object) -> str:
        close = " or ".join(repr(each) for each in closest(name, self.names(), self.kind))
        if not close and (found := entry_for(name, self.records())):
            covering = f"the {self.kind} {found.name!r} covers it: {found.doc}"
            return f"unknown {self.kind} {name!r}; {covering}"
        hints = []
        if self.list_command:
            hints.append(f"`{self.list_command}` lists them all")
        if self.group:
            hints.append(f"a plugin adds one by an entry point in the group {self.group!r}")
        message = f"unknown {self.kind} {name!r}" + (f"; did you mean {close}?" if close else ".")
        return " ".join([message, "; ".join(hints) + "."]) if hints else message

    def _origin(self, name: str, module: str) -> str:
        source = self._sources.owner(name)
        if source:
            return source.origin
        return BUILT_IN if module in (self._home_module, self.package) else RUN_TIME

    def _check(self, name: object, facts: dict[str, Any]) -> None:
        if not is_name(name):
            raise RegistryError(
                f"invalid {self.kind} name {name!r}: a name is a lower case identifier "
                "(a-z, 0-9, _) that begins with a letter"
            )
        if reserved := sorted(FIELDS & facts.keys()):
            raise RegistryError(
                f"{self.kind} {name!r}: a fact cannot be named {reserved[0]!r}, "
                "which is a field of every entry"
            )

    def _add(self, entry: Entry, module: str) -> None:
        existing = self._registered.get(entry.name)
        if existing and not is_same_object(existing.entry, entry):
            raise self._duplicate(existing.entry, entry)
        owner = self._sources.owner(entry.name)
        if owner and not owner.owns(module, entry.file):
            raise self._duplicate(self._read(owner), entry)
        if not owner and self.package and module.startswith(self.package + "."):
            raise RegistryError(
                f"{entry.place} registers the {self.kind} {entry.name!r}, but a built-in must "
                "have the name of its file"
            )
        self._registered[entry.name] = _Registration(entry, module)

    def _duplicate(self, first: Entry, second: Entry) -> DuplicateName:
        return DuplicateName(
            f"{second.place} registers the {self.kind} {first.name!r}, but that name "
            f"belongs to {first.place}; choose another one"
        )

    def _record(self, name: str, sources: dict[str, Source]) -> Entry:
        if name in self._registered:
            return replace(self._registered[name].entry, object=None)
        return self._read(sources[name])

    def _read(self, source: Source) -> Entry:
        return read_entry(source, self.plural, self._failures.get(source.name))
