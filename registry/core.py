"""The registry: one instance per kind of thing that has names."""

import contextlib
import fnmatch
import importlib
import os
import sys
import warnings
from dataclasses import dataclass, replace
from types import MappingProxyType

from registry import facts as source_facts
from registry.entry import FIELDS, Entry
from registry.errors import BrokenEntry, DuplicateName, RegistryError, UnknownName, reason_of
from registry.sources import BUILT_IN, built_ins, is_name, plugins, settle
from registry.suggestions import closest

RUN_TIME = "run time"


@dataclass(frozen=True)
class _Deprecation:
    new: str
    removed_in: str


class Registry:
    """Names to objects of one kind; a module is imported only when one of its names is asked for.

    Args:
        kind: the singular word for messages, such as "cell".
        package: the dotted name of the folder whose modules are the built-ins; a file's name is the registered name,
            and files that begin with `_` are no entries. None: only what is registered beside the registry itself.
        group: the entry-point group of plugins; an entry point's name is the registered name, its value the module.
        brings: modules that are imported together with any entry that is got.
    """

    def __init__(self, kind, package=None, group=None, brings=()):
        self.kind = kind
        self.package = package
        self.group = group
        self._brings = tuple(brings)
        self._home = sys._getframe(1).f_globals.get("__name__", "")
        self._held = {}  # name: (entry, the module that registered it)
        self._deprecated = {}
        self._failures = {}  # name: why the import failed, found out by trying
        self._plugins = None

    def register(self, name, /, **facts):
        """Return a decorator that registers an object under `name` and returns it unchanged.

        The facts are literals, so that listings can read them from the source. The same object again, judged by file
        and line, takes the place of the first, so that a reload is no false alarm.

        Raises:
            RegistryError: the name is no lower case identifier, or a fact bears the name of a field of `Entry`.
            DuplicateName: another object has the name.
        """
        self._check_name(name)
        if taken := sorted(FIELDS & facts.keys()):
            raise RegistryError(
                f"{self.kind} {name!r}: {taken[0]!r} is no name for a fact, as every entry has its own"
            )
        caller = sys._getframe(1)
        module = caller.f_globals.get("__name__", "")
        module_doc = caller.f_globals.get("__doc__")
        file, line = _absolute(caller.f_code.co_filename), caller.f_lineno

        def keep(registered):
            # Classes and functions have a qualified name and a docstring of their own, plain values have not.
            doc = (
                registered.__doc__ if hasattr(registered, "__qualname__") else None
            ) or module_doc
            doc = source_facts.first_line(doc)
            entry = Entry(
                name,
                registered,
                MappingProxyType(facts),
                file,
                line,
                doc,
                self._origin(name, module, file),
            )
            self._add(entry, module)
            return registered

        return keep

    def get(self, name):
        """Return the object of this name; only the module that holds it (and what it `brings`) is imported.

        Raises:
            UnknownName: nothing has the name; the message has up to three close ones.
            BrokenEntry: the module cannot be imported, or does not register the name.
        """
        return self._entry(name).object

    def entry(self, name):
        """Return the `Entry` of this name, imported as by `get`; raises what `get` raises."""
        return self._entry(name)

    def names(self, pattern="*", tags=()):
        """Return the sorted names that match a wildcard and have all the tags; nothing is imported.

        A plugin that cannot be imported has its name here too; `records` says which ones those are.
        """
        chosen = self._sources()[0]
        wanted = _tags(tags)
        found = sorted(fnmatch.filter(self._held.keys() | chosen.keys(), pattern))
        return [
            name for name in found if not wanted or _has_tags(self._record(name, chosen), wanted)
        ]

    def records(self, pattern="*", tags=()):
        """Return the `Entry` of each name, without its object, by name; nothing is imported.

        Plugins that may not have their names are in the list as well, after the owner of the name, with the reason.
        """
        chosen, refused = self._sources()
        found = [
            self._record(name, chosen)
            for name in fnmatch.filter(self._held.keys() | chosen.keys(), pattern)
        ]
        found += [
            self._read(source) for source in refused if fnmatch.fnmatchcase(source.name, pattern)
        ]
        wanted = _tags(tags)
        return sorted(
            (each for each in found if _has_tags(each, wanted)), key=lambda each: each.name
        )

    def refresh(self):
        """Forget which plugins are installed and which imports failed, so that both are found out anew."""
        importlib.invalidate_caches()
        self._plugins = None
        self._failures.clear()

    @contextlib.contextmanager
    def temporary(self):
        """Undo at exit what is registered or deprecated inside; what built-ins and plugins registered stays.

        A module is imported once, so a built-in whose first import fell inside would otherwise be lost.
        """
        held, deprecated = dict(self._held), dict(self._deprecated)
        try:
            yield self
        finally:
            sources = self._sources()[0].values()
            for name, (entry, module) in self._held.items():
                if any(source.holds(module, entry.file) for source in sources):
                    held[name] = entry, module
            self._held, self._deprecated = held, deprecated

    def deprecate(self, old, new, removed_in):
        """Let `old` stand for `new`, with a FutureWarning, until the version `removed_in`.

        Raises:
            RegistryError: `old` is no lower case identifier, or `new` already stands for `old`.
            DuplicateName: `old` is a name in use, or deprecated in favour of another.
        """
        self._check_name(old)
        deprecation = _Deprecation(new, removed_in)
        if self._deprecated.get(old, deprecation) != deprecation:
            raise DuplicateName(
                f"{self.kind} {old!r} is already deprecated in favour of {self._deprecated[old].new!r}"
            )
        if self._newest(new) == old:
            raise RegistryError(
                f"{self.kind} {old!r} cannot stand for {new!r}, which stands for {old!r} itself"
            )
        if old in self._held or any(source.name == old for source in built_ins(self.package)):
            raise DuplicateName(
                f"{self.kind} {old!r} is in use, at {self._record(old, self._sources()[0]).place}"
            )
        self._deprecated[old] = deprecation

    def __contains__(self, name):
        return name in self.names()

    def __iter__(self):
        return iter(self.names())

    def __len__(self):
        return len(self.names())

    def _entry(self, asked):
        """Look up an entry for `get` and `entry`: a warning points at the line that called them."""
        name = asked
        if asked in self._deprecated:
            name = self._newest(asked)
            removed_in = self._deprecated[asked].removed_in
            message = f"the {self.kind} {asked!r} is now {name!r}; the old name goes away in version {removed_in}"
            warnings.warn(message, FutureWarning, stacklevel=3)
        if name not in self._held:
            self._import(name)
        for module in self._brings:
            importlib.import_module(module)
        return self._held[name][0]

    def _newest(self, name):
        while name in self._deprecated:
            name = self._deprecated[name].new
        return name

    def _import(self, name):
        chosen, refused = self._sources()
        source = chosen.get(name) or next((each for each in refused if each.name == name), None)
        if source is None:
            raise UnknownName(self._unknown(name))
        if source.refused:
            raise self._broken(source, source.refused)
        before = set(self._held)
        try:
            importlib.import_module(source.module)
        except (Exception, SystemExit) as error:
            self._drop_unfinished(before)
            raise self._broken(source, reason_of(error)) from error
        if name not in self._held:
            added = ", ".join(repr(each) for each in self._held if each not in before) or "nothing"
            raise self._broken(
                source, f"{source.module} was imported, but registered {added} instead of {name!r}"
            )

    def _drop_unfinished(self, before):
        """Drop what a module registered before its import failed; Python has dropped the module itself."""
        for name in self._held.keys() - before:
            if self._held[name][1] not in sys.modules:
                del self._held[name]

    def _broken(self, source, reason):
        self._failures[source.name] = reason
        return BrokenEntry(
            f"the {self.kind} {source.name!r} ({source.origin}, {source.module}) is broken: {reason}"
        )

    def _unknown(self, name):
        close = " or ".join(repr(each) for each in closest(name, self.names(), self.kind))
        suggestion = f"; did you mean {close}?" if close else "."
        adding = (
            f"; a plugin adds one by an entry point in the group {self.group!r}"
            if self.group
            else ""
        )
        return f"there is no {self.kind} {name!r}{suggestion} `zoo list {self.kind}s` lists them all{adding}"

    def _sources(self):
        if self._plugins is None:
            self._plugins = plugins(self.group)
        return settle(built_ins(self.package) + self._plugins, self._deprecated)

    def _owner(self, name):
        """Return the source of a name; installed plugins are only looked at where the built-ins lack it."""
        built_in = next((source for source in built_ins(self.package) if source.name == name), None)
        return built_in or self._sources()[0].get(name)

    def _origin(self, name, module, file):
        source = self._owner(name)
        if source:
            return source.origin
        return BUILT_IN if module in (self._home, self.package) else RUN_TIME

    def _check_name(self, name):
        if not is_name(name):
            raise RegistryError(
                f"no {self.kind} can be named {name!r}: a name is a lower case identifier (a-z, 0-9, _), letter first"
            )

    def _add(self, entry, module):
        held = self._held.get(entry.name, (None, None))[0]
        if held and not _same(held, entry):
            raise DuplicateName(self._taken(held, entry))
        if entry.name in self._deprecated:
            new = self._deprecated[entry.name].new
            raise DuplicateName(
                f"{entry.place} registers the {self.kind} {entry.name!r}, a deprecated name of {new!r}"
            )
        owner = self._owner(entry.name)
        if owner and not owner.holds(module, entry.file):
            raise DuplicateName(self._taken(self._read(owner), entry))
        if not owner and self.package and module.startswith(self.package + "."):
            raise RegistryError(
                f"{entry.place} registers the {self.kind} {entry.name!r}, but a built-in has the name of its file"
            )
        self._held[entry.name] = entry, module

    def _taken(self, first, second):
        name = f"{self.kind} {first.name!r}"
        return f"{second.place} registers the {name}, but {first.place} has that name already; choose another one"

    def _record(self, name, chosen):
        if name in self._held:
            return replace(self._held[name][0], object=None)
        return self._read(chosen[name])

    def _read(self, source):
        """Return the entry of a source as far as its file tells it."""
        read = source_facts.read(source.file) if source.file else source_facts.SourceFacts()
        missing = f"the source file of {source.module} was not found" if not source.file else None
        found = read.registration(source.name, f"{self.kind}s")
        return Entry(
            source.name,
            None,
            found.facts if found else source_facts.NO_FACTS,
            source.file,
            found.line if found else None,
            (found.doc if found else None) or read.doc,
            source.origin,
            source.refused or self._failures.get(source.name) or missing or read.fault(),
        )


def _same(first, second):
    """Whether two entries are the same object, loaded twice."""
    if first.object is second.object:
        return True
    # A text such as "<stdin>" is no file: the first lines of all inputs would be the same place.
    in_file = not first.file.startswith("<")
    named = getattr(first.object, "__qualname__", None) == getattr(
        second.object, "__qualname__", None
    )
    return in_file and named and first.place == second.place


def _absolute(file):
    return file if file.startswith("<") else os.path.abspath(file)


def _tags(tags):
    return {tags} if isinstance(tags, str) else set(tags)


def _has_tags(entry, wanted):
    try:
        return wanted <= _tags(entry.tags or ())
    except TypeError:  # A plugin's tags may be anything.
        return not wanted
