"""`zoo bench`: how fast cells are at a shape of yours."""

from zoo.cells import cells
from zoo.cli.flags import Verb
from zoo.cli.names import known
from zoo.cli.output import print_json, table
from zoo.cli.work import work
from zoo.errors import RequestError


def run(argv):
    verb = Verb(
        "bench",
        "zoo bench --cell=lstm,gru,mgu --batch_size=32 --timesteps=100 --features=128 --units=256\n\n"
        "Times one training step of a recurrent layer, forward and back, of each cell in turns.\nThe limit is "
        "the time that the cell's matrix products alone would take on this machine.",
    )
    verb.text("cell", "cells, commas between them; * stands for anything", "lstm,gru,mgu")
    for name, default in (
        ("batch_size", "32"),
        ("timesteps", "100"),
        ("features", "128"),
        ("units", "256"),
    ):
        verb.text(
            name,
            {
                "batch_size": "sequences in a batch",
                "timesteps": "length of a sequence",
                "features": "width of the input",
                "units": "width of the cell's state",
            }[name],
            default,
        )
    verb.text("rounds", "turns that each cell has; more of them, less noise", "5")
    verb.switch("inference", "time the forward pass alone")
    if verb.parse(argv) is None:
        return 0
    names = _cells(verb)
    shape = [verb.number(name, int, 1) for name in ("batch_size", "timesteps", "features", "units")]
    rounds = verb.number("rounds", int, 1)
    result = work("bench")(names, work("shape")(*shape), rounds, backward=not verb["inference"])
    if verb["json"]:
        print_json(result)
        return 0
    table(
        ("cell", ">ms a step", ">tokens a second", ">share of the limit", "mode"),
        [
            (
                each["cell"],
                f"{each['ms']:.2f}",
                f"{each['tokens_per_second']:,}",
                f"{each['share_of_limit']:.0%}",
                each["mode"],
            )
            for each in result["cells"]
        ],
        f"batch {shape[0]}, {shape[1]} timesteps, {shape[2]} features, {shape[3]} units; "
        f"{'forward' if verb['inference'] else 'forward and back'}; "
        f"a large matrix product: {result['gigaflops']:.0f} GFLOP/s",
    )
    return 0


def _cells(verb):
    """The names that --cell gives, each once; RequestError or UnknownName for what is none."""
    found = [
        name
        for part in verb["cell"].split(",")
        if part
        for name in verb.matches("cell", part, cells)
    ]
    if not found:
        raise RequestError(
            f"--cell={verb['cell']} names no cell. Write for example --cell=lstm,*gru*."
        )
    for name in found:
        known(cells, name)
    return list(dict.fromkeys(found))
