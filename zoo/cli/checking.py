"""`zoo check`: the conformance suite on one cell."""

from zoo.cells import cells
from zoo.cli.flags import Verb, place
from zoo.cli.names import known
from zoo.cli.output import print_json, table
from zoo.cli.work import work


def run(argv):
    verb = Verb(
        "check",
        "zoo check NAME\n\nTries a cell, built-in or of a plugin, against all that a cell promises.\n"
        "Exit status 1 if it breaks a promise.",
        ("NAME",),
    )
    places = verb.parse(argv)
    if places is None:
        return 0
    name = place(verb, places["NAME"], "NAME")
    known(cells, name)
    results = work("check")(name)
    if verb["json"]:
        print_json(
            [
                {
                    "property": result.property,
                    "passed": result.passed,
                    "reason": result.reason,
                    "seconds": round(result.seconds, 2),
                }
                for result in results
            ]
        )
    else:
        table(
            ("property", "kept", ">seconds", "why not"),
            [
                (
                    result.property,
                    "yes" if result.passed else "NO",
                    f"{result.seconds:.1f}",
                    result.reason,
                )
                for result in results
            ],
            f"{name}: {sum(result.passed for result in results)} of {len(results)}",
        )
    return 0 if all(result.passed for result in results) else 1
