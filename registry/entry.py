"""An entry of a registry: a name, its object and its facts."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from registry.suggestions import closest


@dataclass(frozen=True)
class Entry:
    """A registered name with its facts, which are also attributes: `entry.paper`.

    A fact that the entry does not have raises an AttributeError; read optional facts with
    `entry.facts.get("paper")`.

    Attributes:
        name: the registered name.
        object: the registered object; None in listings, which import nothing.
        facts: the keyword arguments of the registration. In listings, a value that is not a
            literal is None.
        file: the file that registers the name; None if it is unknown.
        line: the line of the `register` call in `file`; None if it is unknown.
        doc: the first line of the docstring (of the module if the object is a plain value), or
            None.
        origin: "built-in", the name of the distribution that provides a plugin, or "run time".
        broken: the reason why the name cannot be looked up, on one line; None if no fault is known.

    Example:
        >>> from zoo.cells import cells
        >>> entry = cells.entry("mgu")
        >>> entry.origin, entry.year
        ('built-in', 2016)
    """

    name: str
    object: Any = field(hash=False)
    facts: Mapping[str, Any] = field(hash=False)
    file: str | None
    line: int | None
    doc: str | None
    origin: str
    broken: str | None = None

    def __getattr__(self, name: str) -> Any:
        # copy and pickle read private names and fields before the instance has any.
        if name.startswith("_") or name in FIELDS:
            raise AttributeError(name)
        try:
            return self.facts[name]
        except KeyError:
            raise AttributeError(self._unknown_fact(name)) from None

    @property
    def place(self) -> str:
        """`file:line`, or only the file if the line is unknown."""
        file = self.file or "an unknown file"
        return f"{file}:{self.line}" if self.line else file

    def _unknown_fact(self, name: str) -> str:
        close = closest(name, [*self.facts, *FIELDS], limit=1)
        suggestion = f"; did you mean {close[0]!r}?" if close else "."
        return (
            f"entry {self.name!r} has no fact {name!r}{suggestion} "
            f"Its facts: {', '.join(self.facts) or 'none'}"
        )


FIELDS = frozenset(each.name for each in fields(Entry)) | {"place"}


def is_same_object(first: Entry, second: Entry) -> bool:
    """Return whether two entries hold the same object, possibly because its file ran twice."""
    if first.object is second.object:
        return True
    same_name = getattr(first.object, "__qualname__", None) == getattr(
        second.object, "__qualname__", None
    )
    # All inputs of an interactive session have the same file name, such as "<stdin>".
    return is_path(first.file) and same_name and first.place == second.place


def is_path(file: str | None) -> bool:
    """Return whether `file` is a path, unlike the "<stdin>" of an interactive session."""
    return file is not None and not file.startswith("<")


def absolute_path(file: str) -> str:
    """Return `file` as an absolute path, or unchanged if it is not a path."""
    return os.path.abspath(file) if is_path(file) else file
