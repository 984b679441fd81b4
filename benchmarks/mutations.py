"""Mistakes that `zoo check` finds: each is made in the file of a cell, and the file is checked.

    python -m benchmarks.mutations
    python -m benchmarks.mutations --cells=lstm,s6 --json=mistakes.json

`benchmarks/mistakes` contains the mistakes. Each replaces a text that occurs exactly once in the
file of a cell, outside its `reference`. The changed file is checked as `zoo check path/to/file.py`
does, one property after the other, the cheap ones first, until one is violated. The unchanged file
must have each property that found a mistake in it. Exits with status 1 if it does not, or if more
than two mistakes are not found.
"""

import argparse
import collections
import pathlib
import sys
import tempfile
import time

from benchmarks.machine import machine, versions
from benchmarks.mistakes import MISTAKES
from benchmarks.output import STDOUT, print_result, progress, save_result
from zoo.cells import cells
from zoo.conformance.cell_file import cells_in_file
from zoo.conformance.properties import PROPERTIES
from zoo.conformance.subject import Subject
from zoo.conformance.suite import judge

COLUMNS = ("cell", ">mistakes", ">found", "by the property (number of mistakes)")
MOST_UNDETECTED = 2
REFERENCE = "    def reference("
UNCHANGED = "unchanged file"
FIRST = ("reference", "gates", "interface", "config", "gradients")
COSTLY = ("recurrent_dropout", "regularization")  # the first of these
ORDER = [
    *FIRST,
    *(name for name, each in PROPERTIES.items() if not each.costly and name not in FIRST),
    *COSTLY,
    *(name for name, each in PROPERTIES.items() if each.costly and name not in COSTLY),
]


def file_of(cell, name):
    """Return the source of a cell under another registered name: up to its reference, the rest."""
    source = pathlib.Path(cells.entry(cell).file).read_text(encoding="utf-8")
    before, reference, after = source.partition(REFERENCE)
    return before.replace(f'register(\n    "{cell}"', f'register(\n    "{name}"'), reference + after


def changed_file(cell, name, old, new):
    """Return the source of a cell under another registered name, with one text replaced.

    Raises:
        ValueError: `old` does not occur exactly once outside the reference.
    """
    before, reference = file_of(cell, name)
    if before.count(old) != 1:
        raise ValueError(f"{cell}: the text occurs {before.count(old)} times, not once: {old}")
    return before.replace(old, new) + reference


def violation(source, name, properties):
    """Return (property, reason) of the first property that a file violates; None if it has all."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / f"{name}.py"
        path.write_text(source, encoding="utf-8")
        with cells_in_file(path):
            subject = Subject(name)
            results = (judge(subject, each) for each in properties)
            return next(((each.property, each.reason) for each in results if not each.passed), None)


def rows_of(cell, start_job):
    """Yield the rows of a cell: one for each mistake, then one for the unchanged file.

    The unchanged file is checked for the properties that found the mistakes.
    """
    found_by = set()
    for number, (mistake, old, new) in enumerate(MISTAKES[cell], 1):
        start_job(f"{cell}: {mistake}")
        name = f"{cell}_mistake_{number}"
        row = _row(cell, mistake, changed_file(cell, name, old, new), name, ORDER)
        found_by.add(row["found_by"])
        yield row
    start_job(f"{cell}: {UNCHANGED}")
    name = f"{cell}_unchanged"
    properties = [each for each in ORDER if each in found_by]
    yield _row(cell, UNCHANGED, "".join(file_of(cell, name)), name, properties)


def _row(cell, mistake, source, name, properties):
    start = time.perf_counter()
    found_by, reason = violation(source, name, properties) or (None, None)
    seconds = round(time.perf_counter() - start, 2)
    row = {"cell": cell, "mistake": mistake, "found_by": found_by, "reason": reason}
    return {**row, "seconds": seconds}


def main(argv=None):
    arguments = _flags().parse_args(argv)
    chosen = arguments.cells.split(",") if arguments.cells else list(MISTAKES)
    result = {"machine": machine(None), "versions": versions(), "rows": []}
    with progress(sum(len(MISTAKES[cell]) + 1 for cell in chosen)) as start_job:
        for cell in chosen:
            for row in rows_of(cell, start_job):
                result["rows"].append(row)
                save_result(result, arguments.json)
    mistakes = [row for row in result["rows"] if row["mistake"] != UNCHANGED]
    wrong = [row for row in result["rows"] if row["mistake"] == UNCHANGED and row["found_by"]]
    survivors = [row for row in mistakes if not row["found_by"]]
    title = f"{len(mistakes) - len(survivors)} of {len(mistakes)} mistakes are found"
    print_result(result, arguments.json, COLUMNS, _table_rows(chosen, mistakes), title)
    for row in survivors:
        print(f"not found: {row['cell']}: {row['mistake']}", file=sys.stderr)
    for row in wrong:
        print(f"{row['cell']}: the unchanged file violates {row['found_by']}", file=sys.stderr)
    return 1 if wrong or len(survivors) > MOST_UNDETECTED else 0


def _flags():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cells", help=f"names separated by commas; default: {','.join(MISTAKES)}")
    parser.add_argument(
        "--json", nargs="?", const=STDOUT, metavar="FILE", help="write one JSON value to FILE"
    )
    return parser


def _table_rows(chosen, mistakes):
    """Return a row for each cell, and one for all."""
    groups = [(cell, [row for row in mistakes if row["cell"] == cell]) for cell in chosen]
    rows = []
    for name, group in [*groups, ("all", mistakes)]:
        counts = collections.Counter(row["found_by"] for row in group if row["found_by"])
        found = ", ".join(f"{each} ({count})" for each, count in counts.most_common())
        rows.append((name, len(group), counts.total(), found))
    return rows


if __name__ == "__main__":
    sys.exit(main())
