"""`zoo bench`: time a training step of recurrent layers at a given shape."""

from collections.abc import Sequence
from typing import Any

from zoo.cells import cells
from zoo.cli.flags import Verb
from zoo.cli.names import known, matches
from zoo.cli.output import print_json, quiet_tensorflow, table
from zoo.errors import RequestError

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
    rounds = verb.number("rounds", int, 1)
    quiet_tensorflow()
    from zoo.timing.layers import Shape, bench

    result = bench(names, Shape(*sizes), rounds, backward=not verb["inference"])
    if verb["json"]:
        print_json(result)
    else:
        _print(result, sizes, "forward" if verb["inference"] else "forward and backward")
    return 0


def _verb() -> Verb:
    verb = Verb(
        "bench",
        "zoo bench --cell=lstm,gru,mgu --batch_size=32 --timesteps=100 --features=128 --units=256"
        "\n\nTimes one training step (forward and backward) of a recurrent layer of each cell, in"
        "\ninterleaved runs. The limit is the time of the cell's matrix products alone on this"
        "\nmachine.",
    )
    summary = "cells, separated by commas; * is a wildcard, tag:gru all cells with the tag"
    verb.text("cell", summary, "lstm,gru,mgu", group="model")
    for name, (summary, default) in SHAPE_FLAGS.items():
        verb.text(name, summary, default, group="shape", kind="INT")
    verb.text("rounds", "rounds of interleaved runs; more rounds reduce the noise", "5", kind="INT")
    verb.switch("inference", "time only the forward pass")
    return verb


def _print(result: dict[str, Any], sizes: Sequence[int], mode: str) -> None:
    batch_size, timesteps, features, units = sizes
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
        f"batch {batch_size}, {timesteps} timesteps, {features} features, {units} units; {mode}; "
        f"a large matrix product: {result['gigaflops']:.0f} GFLOP/s",
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
