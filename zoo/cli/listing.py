"""`zoo list`: registered names and their facts, without importing their modules."""

import difflib
import importlib
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from registry import Entry, Registry
from zoo.cli.flags import Verb
from zoo.cli.output import print_json, table
from zoo.cli.tags import check_tags
from zoo.errors import RequestError

# Kind -> the module whose attribute of the same name is the registry.
_MODULES = {
    "cells": "zoo.cells",
    "heads": "tasks.heads",
    "tasks": "tasks.library",
    "datasets": "tasks.datasets",
    "initializers": "zoo.initializers",
    "tuners": "zoo.tuning.tuners",
}


class _Registries(Mapping[str, Registry]):
    """The registries by kind. Each is imported when it is looked up, which saves time in a list."""

    def __getitem__(self, kind: str) -> Registry:
        return getattr(importlib.import_module(_MODULES[kind]), kind)

    def __iter__(self) -> Iterator[str]:
        return iter(_MODULES)

    def __len__(self) -> int:
        return len(_MODULES)


KINDS = _Registries()
COLUMNS = ("name", ">year", "description", "paper", "from")
WRAPPED_COLUMNS = ("description", "paper")
SORT_KEYS = ("name", "year")


def kind_key(kind: str) -> str:
    """Return the key of `KINDS` for "cells" or "cell"; raise RequestError for an unknown kind."""
    for name in (kind, kind + "s"):
        if name in KINDS:
            return name
    near = difflib.get_close_matches(kind, KINDS, 1)
    raise RequestError(
        f"unknown kind {kind!r}."
        + (f" Did you mean {near[0]!r}?" if near else f" Kinds: {', '.join(KINDS)}.")
    )


def run(argv: Sequence[str]) -> int:
    """Run `zoo list`."""
    verb = Verb(
        "list",
        f"zoo list [KIND] [PATTERN]\n\nLists names. KIND: {', '.join(KINDS)} (default: all).\n"
        "PATTERN may have wildcards: zoo list cells '*lstm*'\n"
        "Names with a tag, oldest first: zoo list cells --tag=orthogonal --sort=year",
        ("kind", "pattern"),
    )
    verb.text("tag", "only entries with all of these tags, separated by commas")
    verb.text("sort", "the order of the names; without a year, last", "name", choices=SORT_KEYS)
    positionals = verb.parse(argv)
    if positionals is None:
        return 0
    kind, pattern = positionals["kind"], positionals["pattern"] or "*"
    tags = tuple(tag for tag in (verb["tag"] or "").split(",") if tag)
    kinds = [kind_key(kind)] if kind else list(KINDS)
    check_tags(f"--tag={verb['tag']}", tags, [KINDS[name] for name in kinds])
    found = {name: _sorted(KINDS[name].records(pattern, tags), verb["sort"]) for name in kinds}
    if not any(found.values()):
        noun, command = (kinds[0], f"zoo list {kinds[0]}") if kind else ("names", "zoo list")
        condition = f" with the tags {', '.join(tags)}" if tags else ""
        raise RequestError(f"no {noun} match {pattern!r}{condition}. `{command}` lists all.")
    if verb["json"]:
        print_json([_record(name, entry) for name, entries in found.items() for entry in entries])
        return 0
    for name, entries in found.items():
        table(
            COLUMNS,
            map(_row, entries),
            None if kind else f"\n{name}",
            bold_title=True,
            wrapped=WRAPPED_COLUMNS,
            drop_empty=True,
        )
    return 0


def _sorted(entries: list[Entry], key: str) -> list[Entry]:
    """Return entries, which are sorted by name, in the order of --sort.

    Raises:
        RequestError: the key is unknown.
    """
    if key not in SORT_KEYS:
        raise RequestError(f"--sort={key}: unknown key. Choose one of {', '.join(SORT_KEYS)}.")
    if key == "name":
        return entries
    years = (entry.facts.get("year") for entry in entries)
    dated = [
        (year if isinstance(year, int) else math.inf, position)  # a plugin's year may be a text
        for position, year in enumerate(years)
    ]
    return [entries[position] for _, position in sorted(dated)]


def _row(entry: Entry) -> tuple[Any, ...]:
    facts = entry.facts
    text = f"broken: {entry.broken}" if entry.broken else facts.get("about") or entry.doc
    return entry.name, facts.get("year"), text, facts.get("paper"), entry.origin


def _record(kind: str, entry: Entry) -> dict[str, Any]:
    facts = {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in entry.facts.items()
        if name != "about"
    }
    return {
        "name": entry.name,
        "kind": kind.removesuffix("s"),
        "doc": entry.facts.get("about") or entry.doc,
        "origin": entry.origin,
        "broken": entry.broken,
        "file": entry.file,
        "line": entry.line,
        **facts,
    }
