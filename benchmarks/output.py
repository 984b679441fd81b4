"""What a benchmark gives: a table for people, and one JSON value, on stdout or in a file."""

import argparse
import contextlib

from rich.console import Console
from rich.progress import Progress

from benchmarks.clocks import CLOCKS
from zoo.cli.output import print_json, table
from zoo.runs import files

STDOUT = "-"


def flags(about):
    """A parser with what all benchmarks take. about: the docstring of the benchmark."""
    parser = argparse.ArgumentParser(
        description=about, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--json",
        nargs="?",
        const=STDOUT,
        metavar="FILE",
        help="one JSON value into FILE, or alone on stdout instead of the table",
    )
    parser.add_argument("--rounds", type=int, default=5, help="turns that each contender has")
    parser.add_argument(
        "--threads", type=int, help="of every contender; default: as many as there are cores"
    )
    parser.add_argument(
        "--clock",
        choices=CLOCKS,
        default="wall",
        help="processor: for a machine that others use as well, with --threads=1",
    )
    return parser


def keep(result, place):
    """The JSON value so far, in its file: a long benchmark that is cut short has told what it found."""
    if place not in (None, STDOUT):
        files.write_json(place, result)


def give(result, place, columns, rows, title):
    """The end of a benchmark: the table, or the JSON value alone if stdout is its place."""
    keep(result, place)
    if place == STDOUT:
        print_json(result)
    else:
        table(columns, rows, title)


@contextlib.contextmanager
def progress(total):
    """A bar on stderr over `total` jobs; gives a function that tells the next one's name."""
    with Progress(console=Console(stderr=True), transient=True) as bar:
        job = bar.add_task("", total=total)
        begun = []

        def told(name):
            bar.update(job, completed=len(begun), description=name)
            begun.append(name)

        yield told
