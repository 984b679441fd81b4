"""`zoo bench`: time a training step of recurrent layers at a given shape."""

from collections.abc import Sequence
from typing import Any

from zoo.cells import cells
from zoo.cli.flags import Verb
from zoo.cli.names import known, matches
from zoo.cli.output import print_json, quiet_tensorflow, table
from zoo.errors import RequestError

MOST_THREADS = 256
MS = ("ms", "ms_threads_per_operation")  # fields of a record of `bench_threads`
SHAPE_FLAGS = {
    "batch_size": ("sequences in a batch", "32"),
    "timesteps": ("length of a sequence", "100"),
    "features": ("width of the input at one timestep", "128"),
    "units": ("width of the cell's state", "256"),
}


def run(argv: Sequence[str]) -> int:
    """Run `zoo bench`."""
    verb = _verb()
    if verb.parse(argv) is None:
        return 0
    names = _cells(verb)
    sizes = [verb.number(name, int, 1) for name in SHAPE_FLAGS]
    rounds, threads = verb.number("rounds", int, 1), _threads(verb)
    quiet_tensorflow()
    from zoo.timing.layers import Shape, bench
    from zoo.timing.processes import bench_threads

    shape, backward = Shape(*sizes), not verb["inference"]
    if threads:
        result = bench_threads(names, shape, threads, rounds, backward)
    else:
        result = bench(names, shape, rounds, backward)
    if verb["json"]:
        print_json(result)
    else:
        title = _title(sizes, "forward and backward" if backward else "forward")
        (_print_threads if threads else _print)(result, title)
    return 0


def _verb() -> Verb:
    verb = Verb(
        "bench",
        "zoo bench --cell=lstm,gru,mgu --batch_size=32 --timesteps=100 --features=128 --units=256"
        "\n\nTimes one training step (forward and backward) of a recurrent layer of each cell, in"
        "\ninterleaved runs. The limit is the time of the cell's matrix products alone on this"
        "\nmachine. --threads=1,2 compares numbers of threads: operations side by side, with one"
        "\nthread each; and as many threads in each operation, which is TensorFlow's default.",
    )
    summary = "cells, separated by commas; * is a wildcard, tag:gru all cells with the tag"
    verb.text("cell", summary, "lstm,gru,mgu", group="model")
    for name, (summary, default) in SHAPE_FLAGS.items():
        verb.text(name, summary, default, group="shape", kind="INT")
    verb.text("rounds", "rounds of interleaved runs; more rounds reduce the noise", "5", kind="INT")
    verb.text(
        "threads",
        "numbers of threads of TensorFlow, such as 1,2; each is timed in a process of its own",
        None,
        kind="INTS",
    )
    verb.switch("inference", "time only the forward pass")
    return verb


def _threads(verb: Verb) -> list[int]:
    """Return the numbers of threads in --threads; none without it."""
    if verb["threads"] is None:
        return []
    try:
        numbers = [int(part) for part in verb["threads"].split(",")]
    except ValueError:
        numbers = [0]
    if not all(1 <= each <= MOST_THREADS for each in numbers):
        raise RequestError(
            f"--threads={verb['threads']}: threads must be whole numbers from 1 to {MOST_THREADS}, "
            "separated by commas. Write for example --threads=1,2."
        )
    return list(dict.fromkeys(numbers))


def _title(sizes: Sequence[int], mode: str) -> str:
    batch_size, timesteps, features, units = sizes
    return f"batch {batch_size}, {timesteps} timesteps, {features} features, {units} units; {mode}"


def _print(result: dict[str, Any], title: str) -> None:
    table(
        ("cell", ">ms per step", ">tokens per second", ">share of the limit", "mode"),
        [
            (
                record["cell"],
                f"{record['ms']:.2f}",
                f"{record['tokens_per_second']:,}",
                f"{record['share_of_limit']:.0%}",
                record["mode"],
            )
            for record in result["cells"]
        ],
        f"{title}; a large matrix product: {result['gigaflops']:.0f} GFLOP/s",
    )


def _print_threads(result: dict[str, Any], title: str) -> None:
    """Print the milliseconds with each number of threads, and how much faster the last one is."""
    counts, together = (list(result["cells"][0][name]) for name in MS)
    table(
        (
            "cell",
            *(f">ms, threads: {count}" for count in counts),
            *(f">{count} in each operation" for count in together),
            ">speed-up",
        ),
        [
            (
                record["cell"],
                *(f"{milliseconds:.2f}" for name in MS for milliseconds in record[name].values()),
                f"{record['ms'][counts[0]] / record['ms'][counts[-1]]:.2f}",
            )
            for record in result["cells"]
        ],
        title,
    )


def _cells(verb: Verb) -> list[str]:
    """Return the names of the cells in --cell, without duplicates.

    Raises:
        RegistryError, RequestError: for an unknown name, or without a name.
    """
    names = [
        name for part in verb["cell"].split(",") if part for name in matches("cell", part, cells)
    ]
    if not names:
        raise RequestError(
            f"--cell={verb['cell']} does not name a cell. Write for example --cell=lstm,*gru*."
        )
    for name in names:
        known(cells, name)
    return list(dict.fromkeys(names))
