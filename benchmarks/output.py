"""Flags and output of the benchmarks: a table, or one JSON value on stdout or in a file."""

import argparse
import contextlib

from rich.console import Console
from rich.progress import Progress

from benchmarks.clocks import CLOCKS
from zoo.cli.output import print_json, table
from zoo.runs import files

STDOUT = "-"


def flags(about):
    """Return a parser of the flags that all benchmarks have.

    Args:
        about: the docstring of the benchmark.
    """
    parser = argparse.ArgumentParser(
        description=about, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--json",
        nargs="?",
        const=STDOUT,
        metavar="FILE",
        help="write one JSON value to FILE, or to stdout instead of the table",
    )
    parser.add_argument("--rounds", type=int, default=5, help="rounds of the interleaved runs")
    parser.add_argument(
        "--threads", type=int, help="threads of each candidate; default: one per core"
    )
    parser.add_argument(
        "--clock",
        choices=CLOCKS,
        default="wall",
        help="processor: for a machine that runs other programs, with --threads=1",
    )
    return parser


def save_result(result, path):
    """Write the result so far to its file, so that an interrupted benchmark leaves its rows."""
    if path not in (None, STDOUT):
        files.write_json(path, result)


def print_result(result, path, columns, rows, title):
    """Write the result to its file, and print it: as a table, or as JSON if `path` is STDOUT."""
    save_result(result, path)
    if path == STDOUT:
        print_json(result)
    else:
        table(columns, rows, title)


@contextlib.contextmanager
def progress(total):
    """Show a progress bar over `total` jobs on stderr.

    Yields:
        A function that is called with the name of a job when it starts.
    """
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=total)
        started = []

        def start_job(name):
            bar.update(task, completed=len(started), description=name)
            started.append(name)

        yield start_job
