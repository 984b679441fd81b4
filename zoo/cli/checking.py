"""`zoo check`: check cells with the conformance suite."""

import contextlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from zoo.cells import cells
from zoo.cli.flags import Verb, required
from zoo.cli.names import known
from zoo.cli.output import print_json, quiet_tensorflow, table
from zoo.conformance.cell_file import cells_in_file, existing_file, is_path
from zoo.conformance.properties import PROPERTIES, select

if TYPE_CHECKING:
    from zoo.conformance.suite import Result

USAGE = """zoo check NAME
zoo check path/to/cell.py
zoo check --list

Checks a cell against the properties that every cell must have.
NAME is the name of a built-in cell or of an installed plugin's cell.
An argument that ends in .py or contains a slash is the path of a Python file: the file is run, and
every cell that it registers is checked. No other command runs a file.
The exit status is 1 if a cell violates a property."""


def run(argv: Sequence[str]) -> int:
    """Run `zoo check`."""
    verb = Verb("check", USAGE, ("NAME",))
    verb.text("property", "check only these properties, separated by commas", unset="all")
    verb.switch("full", "also check both low precisions, and whole models in every layout")
    verb.switch("list", "list the properties instead")
    positionals = verb.parse(argv)
    if positionals is None:
        return 0
    if verb["list"]:
        return _list_properties(verb)
    target = required(verb, positionals["NAME"], "NAME")
    text = verb["property"]
    selected = None if text is None else select(part for part in text.split(",") if part)
    if is_path(target):
        existing_file(target)
    else:
        known(cells, target)
    quiet_tensorflow()
    from zoo.conformance.suite import check

    with cells_in_file(target) if is_path(target) else contextlib.nullcontext([target]) as names:
        results = {name: check(name, verb["full"], properties=selected) for name in names}
    if verb["json"]:
        print_json([_record(name, each) for name, found in results.items() for each in found])
    else:
        for name, found in results.items():
            _print_table(name, found)
    return 0 if all(each.passed for found in results.values() for each in found) else 1


def _list_properties(verb: Verb) -> int:
    rows = [(name, each.summary()) for name, each in PROPERTIES.items()]
    if verb["json"]:
        print_json([{"property": name, "summary": summary} for name, summary in rows])
    else:
        table(("property", "summary"), rows)
    return 0


def _record(name: str, result: "Result") -> dict[str, Any]:
    return {
        "cell": name,
        "property": result.property,
        "layout": result.layout,
        "passed": result.passed,
        "reason": result.reason,
        "seconds": round(result.seconds, 2),
    }


def _print_table(name: str, results: Sequence["Result"]) -> None:
    table(
        ("property", "passed", ">seconds", "reason"),
        [
            (
                each.property + (f" ({each.layout})" if each.layout else ""),
                "yes" if each.passed else "NO",
                f"{each.seconds:.1f}",
                each.reason,
            )
            for each in results
        ],
        f"{name}: {sum(each.passed for each in results)} of {len(results)} properties",
    )
