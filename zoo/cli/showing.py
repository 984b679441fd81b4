"""`zoo show`: facts, equations, weights and source file of a registered name."""

import ast
import inspect
import pathlib
from collections.abc import Sequence
from typing import Any

from registry import Entry
from registry.suggestions import closest
from zoo.cli.flags import Verb, required
from zoo.cli.listing import KINDS, kind_key
from zoo.cli.names import known
from zoo.cli.output import print_json, print_text, quiet_tensorflow
from zoo.errors import RequestError

UNITS = FEATURES = 128  # the size at which the weights of a cell are shown


def run(argv: Sequence[str]) -> int:
    """Run `zoo show`."""
    verb = Verb(
        "show",
        "zoo show NAME\n\n"
        "Shows facts, description and source file of a name. For a cell also: equations, states,\n"
        f"search space, and the weights at {UNITS} units and {FEATURES} features.",
        ("name",),
    )
    verb.text(
        "kind",
        "the kind of entry, if several kinds have the name",
        group="input",
        choices=tuple(KINDS),
        unset="all",
    )
    positionals = verb.parse(argv)
    if positionals is None:
        return 0
    name = required(verb, positionals["name"], "NAME")
    entries = {kind: _entry(kind, name) for kind in _kinds(name, verb["kind"])}
    details = {kind: cell_details(name) if kind == "cells" else {} for kind in entries}
    if verb["json"]:
        print_json([_record(kind, entry, details[kind]) for kind, entry in entries.items()])
        return 0
    for kind, entry in entries.items():
        _print(kind, entry, details[kind])
    return 0


def _kinds(name: str, kind: str | None) -> list[str]:
    """Return `kind`, or all kinds that have `name` if `kind` is None.

    Raises:
        RegistryError, RequestError: the name is not registered.
    """
    if kind:
        known(KINDS[kind_key(kind)], name)
        return [kind_key(kind)]
    kinds = [key for key, registry in KINDS.items() if name in registry]
    if not kinds:
        near = [
            f"{match!r} ({key})"
            for key, registry in KINDS.items()
            for match in closest(name, registry.names())
        ]
        raise RequestError(
            f"unknown name {name!r}."
            + (f" Similar: {', '.join(near[:5])}." if near else " `zoo list` lists all names.")
        )
    return kinds


def _entry(kind: str, name: str) -> Entry:
    """Return the entry; a cell is imported, others only if their source cannot be read."""
    if kind != "cells":
        record = next(entry for entry in KINDS[kind].records(name) if entry.name == name)
        if not record.broken and None not in record.facts.values():
            return record
    quiet_tensorflow()
    return KINDS[kind].entry(name)


def cell_details(name: str) -> dict[str, Any]:
    """Return what only a built cell has: its states, search space, weights and their number.

    Args:
        name: the registered name of a cell.

    Returns:
        "states": names; "search_space"; "weights": name -> shape, and "parameters", their number,
        at "units" units and "features" features.
    """
    quiet_tensorflow()
    from zoo.layers.arguments import make_cell

    cell = make_cell(name, UNITS, {})
    cell.build((1, FEATURES))
    return {
        "states": list(cell.state_names),
        "search_space": dict(cell.search_space),
        "units": UNITS,
        "features": FEATURES,
        "weights": {weight.name: list(weight.shape) for weight in cell.weights},
        "parameters": cell.count_params(),
    }


def _record(kind: str, entry: Entry, details: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": entry.name,
        "kind": kind.removesuffix("s"),
        **{fact: str(value) for fact, value in entry.facts.items()},
        "file": entry.file,
        "line": entry.line,
        "text": _description(entry),
        **details,
    }


def _print(kind: str, entry: Entry, details: dict[str, Any]) -> None:
    print_text(f"{entry.name} ({kind.removesuffix('s')}, {entry.origin})\n{entry.place}\n")
    print_text(f"{_description(entry) or 'no description'}\n")
    for fact, value in entry.facts.items():
        text = ", ".join(map(str, value)) if isinstance(value, tuple) else value
        print_text(f"{fact.replace('_', ' ')}: {text}")
    if not details:
        return
    print_text(f"states: {', '.join(details['states'])}")
    if details["search_space"]:
        print_text(f"search space: {details['search_space']}")
    print_text(f"weights at {UNITS} units and {FEATURES} features:")
    for name, shape in details["weights"].items():
        print_text(f"  {name} {tuple(shape)}")
    print_text(f"  {details['parameters']:,} parameters")


def _description(entry: Entry) -> str | None:
    """Return the docstring of the registered class or function, or its fact `about`."""
    if inspect.isclass(entry.object) or inspect.isfunction(entry.object):
        text = inspect.getdoc(entry.object)
    else:
        text = _docstring_in_source(entry)
    return text or entry.facts.get("about") or entry.doc


def _docstring_in_source(entry: Entry) -> str | None:
    if not entry.file or not entry.line or not pathlib.Path(entry.file).is_file():
        return None
    tree = ast.parse(pathlib.Path(entry.file).read_text(encoding="utf-8"))
    for node in tree.body:
        if (
            isinstance(node, ast.ClassDef | ast.FunctionDef)
            and node.decorator_list
            and node.decorator_list[0].lineno <= entry.line <= node.lineno
        ):
            return ast.get_docstring(node)
    return None
