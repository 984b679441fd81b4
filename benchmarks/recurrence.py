"""One training step of a recurrent layer: the zoo beside stock Keras, PyTorch and torchrecurrent.

    python -m benchmarks.recurrence --json=FILE

All contenders of a row take turns in one run, each framework in a process of its own (why: `benchmarks/workers.py`),
with as many threads. A step is forward and back: gradients of the input and of all weights, of the sum of the outputs
under fixed random weights. Figures are medians; a ratio is the best peer's time over the zoo's. A peer is the same gates
and the same mathematics: Keras' GRU resets after the product like PyTorch's and the zoo's `gru`, and before it for
`gru_reset_before`. The share of the limit is the time that the matrix products alone would take, at the rate of a large
float32 product that had its turns in the same row, over the zoo's time.
"""

import statistics

from benchmarks.machine import cores, installed, machine, versions
from benchmarks.output import flags, give, keep, progress
from benchmarks.workers import workers
from zoo.cells import cells
from zoo.timing.interleaving import interleaved

SHAPES = (
    (32, 100, 128, 256),
    (32, 400, 2, 128),
    (64, 64, 128, 256),
    (20, 35, 200, 200),
    (8, 1000, 64, 512),
    (128, 50, 300, 512),
)  # batch, timesteps, features, units
FRAMEWORKS = {"tensorflow": "benchmarks.in_tensorflow", "torch": "benchmarks.in_torch"}
PEERS = ("keras", "keras_xla", "torch", "torchrecurrent")
LIMIT = "matrix product"
POOLED = ("simple_rnn", "lstm", "gru")
COLUMNS = (
    "cell",
    "shape",
    ">zoo ms",
    "mode",
    *(f">{peer}" for peer in PEERS),
    ">ratio",
    ">share of the limit",
)


def main(argv=None):
    given = _flags().parse_args(argv)
    names = [name for part in given.cells.split(",") for name in cells.names(part)]
    shapes = [SHAPES[int(number) - 1] for number in given.shapes.split(",")]
    modes = given.modes.split(",") if given.modes else [None]
    jobs = [(cell, shape, mode) for shape in shapes for cell in names for mode in modes]
    present = {name: module for name, module in FRAMEWORKS.items() if installed(name)}
    result = {
        "machine": machine(given.threads or cores(), clock=given.clock, gigaflops=0.0),
        "versions": versions(),
        "rows": [],
        "geometric_means": {},
    }
    with workers(present, given.threads) as running, progress(len(jobs)) as told:
        for cell, shape, mode in jobs:
            told(f"{cell} at {shape}")
            row, rate = compared(running, cell, shape, mode, given)
            result["rows"].append(row)
            result["machine"]["gigaflops"] = max(rate, result["machine"]["gigaflops"])
            result["geometric_means"] = geometric_means(result["rows"])
            keep(result, given.json)
    give(
        result,
        given.json,
        COLUMNS,
        map(_shown, result["rows"]),
        "One training step, milliseconds; ratios in the "
        "geometric mean: "
        + ", ".join(f"{name} {ratio}" for name, ratio in result["geometric_means"].items()),
    )


def compared(running, cell, shape, mode, given):
    """A row of the result, and the rate of the large matrix product beside it. mode: forced on the zoo, or None."""
    peers = given.peers.split(",")
    names, facts = running["tensorflow"].call("prepare", cell, shape, mode, peers)
    turns = running["tensorflow"].turns(names, given.clock)
    if "torch" in running:
        names, _ = running["torch"].call("prepare", cell, shape, peers)
        turns |= running["torch"].turns(names, given.clock)
    seconds = interleaved(turns, given.rounds)
    rate, ours = facts["limit_flops"] / seconds.pop(LIMIT), seconds.pop("zoo")
    best = min(seconds, key=seconds.get, default=None)
    return {
        "cell": cell,
        "shape": list(shape),
        "zoo_ms": _milliseconds(ours),
        "zoo_mode": facts["mode"],
        "peers": {name: _milliseconds(each) for name, each in seconds.items()},
        "best_peer": best,
        "ratio": best and round(seconds[best] / ours, 3),
        "share_of_limit": round(facts["flops"] / rate / ours, 3),
    }, round(rate / 1e9, 1)


def geometric_means(rows):
    """The ratios of each group; where modes were forced, of the faster one of each cell and shape."""
    ratios = {}
    for row in rows:
        if row["ratio"] is not None:
            key = row["cell"], tuple(row["shape"]), "torchrecurrent" in row["peers"]
            ratios[key] = max(row["ratio"], ratios.get(key, 0))
    groups = {
        "simple_rnn, lstm, gru": [ratio for (cell, *_), ratio in ratios.items() if cell in POOLED],
        "lstm": [ratio for (cell, *_), ratio in ratios.items() if cell == "lstm"],
        "torchrecurrent": [ratio for (*_, known), ratio in ratios.items() if known],
    }
    return {
        name: round(statistics.geometric_mean(each), 3) for name, each in groups.items() if each
    }


def _milliseconds(seconds):
    return round(seconds * 1e3, 3)


def _shown(row):
    peers = [f"{row['peers'][peer]:.1f}" if peer in row["peers"] else "" for peer in PEERS]
    return (
        row["cell"],
        ", ".join(map(str, row["shape"])),
        f"{row['zoo_ms']:.1f}",
        row["zoo_mode"],
        *peers,
        row["ratio"] and f"{row['ratio']:.2f}",
        f"{row['share_of_limit']:.0%}",
    )


def _flags():
    parser = flags(__doc__)
    parser.add_argument("--cells", default="*", help="names with wildcards, commas between them")
    parser.add_argument(
        "--shapes",
        default=",".join(str(number + 1) for number in range(len(SHAPES))),
        help="numbers of: "
        + "; ".join(f"{number + 1}: {shape}" for number, shape in enumerate(SHAPES)),
    )
    parser.add_argument("--peers", default=",".join(PEERS), help="which of the peers; default: all")
    parser.add_argument(
        "--modes",
        help='forced on the zoo, a row for each: timesteps a turn or "xla", as in 1,4,8,xla; '
        "default: as it chooses",
    )
    return parser


if __name__ == "__main__":
    main()
