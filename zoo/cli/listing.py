"""`zoo list`: what is registered, nothing imported."""

import difflib

from registry import Registry
from tasks.datasets import datasets
from tasks.heads import heads
from tasks.library import tasks
from zoo import initializers
from zoo.cells import cells
from zoo.cli.flags import Verb
from zoo.cli.output import print_json, table
from zoo.errors import RequestError
from zoo.tuning.tuners import tuners

KINDS: dict[str, Registry] = {
    "cells": cells,
    "heads": heads,
    "tasks": tasks,
    "datasets": datasets,
    "initializers": initializers.initializers,
    "tuners": tuners,
}


def kind_of(kind):
    """The key of KINDS for "cells" or "cell"; RequestError names the nearest."""
    for name in (kind, kind + "s"):
        if name in KINDS:
            return name
    near = difflib.get_close_matches(kind, KINDS, 1)
    raise RequestError(
        f"there is no kind {kind!r}."
        + (f" Did you mean {near[0]!r}?" if near else f" There are: {', '.join(KINDS)}.")
    )


def run(argv):
    verb = Verb(
        "list",
        "zoo list [KIND] [PATTERN]\n\nLists names. KIND: "
        + ", ".join(KINDS)
        + " (default: all).\nPATTERN has wildcards: zoo list cells '*lstm*'",
        ("kind", "pattern"),
    )
    verb.text("tags", "only what has all of these tags, with commas between them")
    places = verb.parse(argv)
    if places is None:
        return 0
    kinds = [kind_of(places["kind"])] if places["kind"] else list(KINDS)
    tags = tuple(tag for tag in (verb["tags"] or "").split(",") if tag)
    found = {kind: KINDS[kind].records(places["pattern"] or "*", tags) for kind in kinds}
    if not any(found.values()):
        what, command = (
            (kinds[0], f"zoo list {kinds[0]}") if places["kind"] else ("names", "zoo list")
        )
        raise RequestError(
            f"no {what} match {places['pattern'] or '*'!r}"
            f"{' with the tags ' + ', '.join(tags) if tags else ''}. `{command}` lists all."
        )
    if verb["json"]:
        print_json([_record(kind, entry) for kind, entries in found.items() for entry in entries])
        return 0
    for kind, entries in found.items():
        table(
            ("name", ">year", "what it is", "paper", "from"),
            [_row(entry) for entry in entries],
            None if places["kind"] else f"\n[bold]{kind}[/bold]",
        )
    return 0


def _row(entry):
    what = f"broken: {entry.broken}" if entry.broken else entry.about or entry.doc
    return entry.name, entry.year, what, entry.paper, entry.origin


def _record(kind, entry):
    facts = {
        name: value
        if isinstance(value, (str, int, float, bool, type(None)))
        else list(value)
        if isinstance(value, (tuple, list))
        else value
        for name, value in entry.facts.items()
    }
    return {
        "name": entry.name,
        "kind": kind.removesuffix("s"),
        "doc": entry.about or entry.doc,
        "origin": entry.origin,
        "broken": entry.broken,
        "file": entry.file,
        "line": entry.line,
        **{name: value for name, value in facts.items() if name != "about"},
    }
