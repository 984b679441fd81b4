"""Gradients of the engine against those of the unrolled loop, for random cells.

    python -m benchmarks.random_cells --cells=500

Each seed draws the step of a cell from a grammar of operations (tests/engine/cell_grammar.py). The
outputs, the final states and all gradients are compared at three widths, in float64 and float32.
They are equal if the norm of each difference is at most 1e-8 (float64) or 1e-4 (float32) of the
norm of the expected tensor. Exits with status 1 if a cell differs or raises an error.
"""

import argparse
import collections
import multiprocessing
import sys

from benchmarks.machine import machine, versions
from benchmarks.output import print_result, progress, save_result
from tests.engine.random_cells import FEATURES, TOLERANCES, draw_cell, relative_differences
from zoo.engine.tracing import step_trace
from zoo.startup import cores

COLUMNS = ("precision", ">comparisons", ">equal", ">largest relative difference")


def compare(seed):
    """Return the row of a cell: its backward pass, and its largest relative differences."""
    builder = draw_cell(seed)
    facts = builder.facts
    row = {"seed": seed, "elementwise": facts.elementwise, "backward": None, "largest": []}
    try:
        cell = builder(facts.widths[-1])
        cell.build((None, FEATURES))
        is_elementwise = step_trace(cell).structure.elementwise
        row["backward"] = "elementwise" if is_elementwise else "replay"
        for dtype in TOLERANCES:
            for units in facts.widths:
                differences = relative_differences(builder, units, dtype)
                name = max(differences, key=differences.get)
                row["largest"].append([dtype, units, name, differences[name]])
    except Exception as error:  # any error of any cell is a result
        row["error"] = f"{type(error).__name__}: {' '.join(str(error).split())}"
    return row


def differs(row):
    """Return whether a row contains a difference that is not a rounding error, or an error."""
    return "error" in row or any(value > TOLERANCES[dtype] for dtype, _, _, value in row["largest"])


def main(argv=None):
    arguments = _flags().parse_args(argv)
    seeds = range(arguments.first, arguments.first + arguments.cells)
    result = {"machine": machine(1), "versions": versions(), "rows": []}
    context = multiprocessing.get_context("spawn")  # TensorFlow does not survive a fork
    with context.Pool(arguments.processes) as pool, progress(len(seeds)) as start_job:
        for row in pool.imap(compare, seeds):
            start_job(f"cell {row['seed']}")
            result["rows"].append(row)
            save_result(result, arguments.json)
    rows = result["rows"]
    print_result(result, arguments.json, COLUMNS, map(_table_row, TOLERANCES, [rows] * 2), "")
    wrong = [row for row in rows if differs(row)]
    print(_summary(rows, wrong), *map(_description, wrong), sep="\n", file=sys.stderr)
    return 1 if wrong else 0


def _flags():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cells", type=int, default=500, help="number of cells")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument(
        "--processes", type=int, default=cores(), help="number of processes; default: one per core"
    )
    parser.add_argument("--json", metavar="FILE", help="write one JSON value to FILE")
    return parser


def _table_row(dtype, rows):
    values = [value for row in rows for each, _, _, value in row["largest"] if each == dtype]
    equal = sum(value <= TOLERANCES[dtype] for value in values)
    return dtype, len(values), equal, f"{max(values, default=0.0):.1e}"


def _summary(rows, wrong):
    passes = collections.Counter(row["backward"] for row in rows)
    apart = [row for row in rows if row["elementwise"]]
    fast = sum(row["backward"] == "elementwise" for row in apart)
    return (
        f"{len(rows) - len(wrong)} of {len(rows)} cells are equal. Backward passes: "
        f"{passes['elementwise']} elementwise, {passes['replay']} replay; of the {len(apart)} "
        f"cells whose statements keep the units apart, {fast} elementwise."
    )


def _description(row):
    """Return the lines that describe a cell that differs."""
    source = draw_cell(row["seed"]).facts.source
    found = [
        f"{name} at {units} units in {dtype}: {value:.1e}"
        for dtype, units, name, value in row["largest"]
        if value > TOLERANCES[dtype]
    ]
    return "\n".join(
        [f"\ncell {row['seed']} ({row['backward']}):", *found, row.get("error", ""), source]
    )


if __name__ == "__main__":
    sys.exit(main())
