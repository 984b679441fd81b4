"""What a registry knows about one name."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any


@dataclass(frozen=True)
class Entry:
    """One name of a registry; its facts are attributes too (`entry.paper`), and an unknown fact is None.

    Attributes:
        name: the registered name.
        object: what was registered; None in listings, which import nothing.
        facts: the keyword arguments of the registration; None for a value that listing cannot read.
        file: the file that registers the name, or None where it is unknown.
        line: the line of the `register` call in that file, or None where it is unknown.
        doc: the first line of the docstring (of the module, where the object is a plain value), or None.
        origin: "built-in", the name of the distribution that brings it, or "run time" for what a program added itself.
        broken: why the name cannot be got, in one line; None as long as nothing is known against it.
    """

    name: str
    object: Any = field(hash=False)
    facts: Mapping[str, Any] = field(hash=False)
    file: str | None
    line: int | None
    doc: str | None
    origin: str
    broken: str | None = None

    def __getattr__(self, fact):
        # Private names are asked for by copy and pickle, before there are any facts.
        if fact.startswith("_") or fact in FIELDS:
            raise AttributeError(fact)
        return self.facts.get(fact)

    @property
    def place(self):
        """File and line as `file:line`, as far as they are known."""
        return (
            f"{self.file or 'an unknown file'}:{self.line}"
            if self.line
            else self.file or "an unknown file"
        )


FIELDS = frozenset(each.name for each in fields(Entry)) | {"place"}
