"""One training step of a recurrent layer: the zoo beside stock Keras, PyTorch and torchrecurrent.

    python -m benchmarks.recurrence --json=FILE
    python -m benchmarks.recurrence --cells="*" --shapes=1,8 --peers=keras,keras_rnn --modes=4,xla

The second command is for a GPU: every cell beside cuDNN (`keras`: lstm, gru) and beside `RNN` of
Keras with the same cell.

All candidates of a row are timed in interleaved runs on the same number of cores, each framework in
a process of its own (the reason is in `benchmarks/workers.py`). The zoo has the threads of the
command `zoo`, on two cores one for each operation; Keras those of TensorFlow. A step is one
forward and backward pass: gradients of the input and of all weights, for the sum of the outputs
under fixed random weights. Figures are medians; a ratio is the best peer's time over the zoo's. All
peers compute the same equations: Keras' GRU applies the reset gate after the recurrent product for
`gru`, as PyTorch's does, and before it for `gru_reset_before`; the peer of `min_gru` is
`keras.ops.associative_scan`. The share of the limit is the time that the matrix products alone
would take, at the speed of a large float32 product timed in the same row, over the zoo's time.
Before each row, the load of other processes is measured; above a tenth of a core, the row's ratio
is marked with a star.
"""

import statistics
import sys

from benchmarks.machine import installed, machine, other_load, versions
from benchmarks.output import flags, print_result, progress, save_result
from benchmarks.workers import workers
from zoo.cells import cells
from zoo.startup import cores
from zoo.timing.interleaving import interleaved

SHAPES = (
    (32, 100, 128, 256),
    (32, 400, 2, 128),
    (64, 64, 128, 256),
    (20, 35, 200, 200),
    (8, 1000, 64, 512),
    (128, 50, 300, 512),
    (32, 1000, 64, 256),
    (64, 512, 512, 1024),
)  # batch, timesteps, features, units
DEFAULT_SHAPES = "1,2,3,4,5,6"
FRAMEWORKS = {
    "tensorflow": "benchmarks.in_tensorflow",
    "keras": "benchmarks.in_keras",
    "torch": "benchmarks.in_torch",
}
PEERS = ("keras", "keras_xla", "torch", "torchrecurrent", "keras_rnn")
DEFAULT_PEERS = ",".join(PEERS[:-1])
LIMIT = "matrix product"
POOLED = ("simple_rnn", "lstm", "gru")
BUSY = 0.1  # cores that other processes use
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
    arguments = _flags().parse_args(argv)
    names = [name for part in arguments.cells.split(",") for name in cells.names(part)]
    shapes = [SHAPES[int(number) - 1] for number in arguments.shapes.split(",")]
    modes = arguments.modes.split(",") if arguments.modes else [None]
    jobs = [(cell, shape, mode) for shape in shapes for cell in names for mode in modes]
    present = {name: module for name, module in FRAMEWORKS.items() if installed(name)}
    result = {
        "machine": machine(arguments.threads or cores(), clock=arguments.clock, gigaflops=0.0),
        "versions": versions(),
        "rows": [],
        "geometric_means": {},
    }
    with workers(present, arguments.threads) as running, progress(len(jobs)) as start_job:
        for cell, shape, mode in jobs:
            start_job(f"{cell} at {shape}")
            row, speed = _row(running, cell, shape, mode, arguments)
            result["rows"].append(row)
            result["machine"]["gigaflops"] = max(speed, result["machine"]["gigaflops"])
            result["geometric_means"] = geometric_means(result["rows"])
            save_result(result, arguments.json)
    print_result(
        result,
        arguments.json,
        COLUMNS,
        map(_table_row, result["rows"]),
        "One training step, milliseconds; ratios in the "
        "geometric mean: "
        + ", ".join(f"{name} {ratio}" for name, ratio in result["geometric_means"].items()),
    )


def _row(running, cell, shape, mode, arguments):
    """Return a row of the result, and the GFLOP/s of the large matrix product.

    Args:
        running: framework -> its worker.
        cell: name of the cell.
        shape: batch size, timesteps, features and units.
        mode: "xla" or an unroll factor for the zoo's layer, or None.
        arguments: the flags.
    """
    peers = arguments.peers.split(",")
    names, facts = running["tensorflow"].call("prepare", cell, shape, mode)
    candidates = running["tensorflow"].candidates(names, arguments.clock)
    names, _ = running["keras"].call("prepare", cell, shape, peers)
    candidates |= running["keras"].candidates(names, arguments.clock)
    if "torch" in running:
        names, missing = running["torch"].call("prepare", cell, shape, peers)
        for peer, reason in missing.items():
            print(f"{cell} without {peer}: {reason}", file=sys.stderr)
        candidates |= running["torch"].candidates(names, arguments.clock)
    load, minima = other_load(), dict.fromkeys(candidates, float("inf"))
    seconds = interleaved(
        {name: _with_minimum(name, run, minima) for name, run in candidates.items()},
        arguments.rounds,
    )
    speed, ours = facts["limit_flops"] / seconds.pop(LIMIT), seconds.pop("zoo")
    best = min(seconds, key=seconds.get, default=None)
    return {
        "cell": cell,
        "shape": list(shape),
        "zoo_ms": _milliseconds(ours),
        "zoo_mode": facts["mode"],
        "peers": {name: _milliseconds(each) for name, each in seconds.items()},
        "best_peer": best,
        "ratio": best and round(seconds[best] / ours, 3),
        "share_of_limit": round(facts["flops"] / speed / ours, 3),
        "minimum_ms": {name: _milliseconds(minima[name]) for name in ("zoo", *seconds)},
        "other_load": load,
    }, round(speed / 1e9, 1)


def _with_minimum(name, run, minima):
    """Return `run`, which keeps the least of its seconds in `minima`."""

    def run_and_keep():
        seconds = run()
        minima[name] = min(minima[name], *seconds)
        return seconds

    return run_and_keep


def geometric_means(rows):
    """Return the mean ratio of each group, of the fastest mode of each cell and shape."""
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


def _table_row(row):
    peers = [f"{row['peers'][peer]:.1f}" if peer in row["peers"] else "" for peer in PEERS]
    return (
        row["cell"],
        ", ".join(map(str, row["shape"])),
        f"{row['zoo_ms']:.1f}",
        row["zoo_mode"],
        *peers,
        row["ratio"] and f"{row['ratio']:.2f}{'*' * ((row['other_load'] or 0) > BUSY)}",
        f"{row['share_of_limit']:.0%}",
    )


def _flags():
    parser = flags(__doc__)
    parser.add_argument("--cells", default="*", help="names or wildcards, separated by commas")
    parser.add_argument(
        "--shapes",
        default=DEFAULT_SHAPES,
        help="numbers of: "
        + "; ".join(f"{number + 1}: {shape}" for number, shape in enumerate(SHAPES)),
    )
    parser.add_argument(
        "--peers",
        default=DEFAULT_PEERS,
        help=f"of {', '.join(PEERS)}, separated by commas; default: all but keras_rnn",
    )
    parser.add_argument(
        "--modes",
        help='modes of the zoo, a row for each: unroll factors or "xla", as in 1,4,8,xla; '
        "default: the zoo's own choice",
    )
    return parser


if __name__ == "__main__":
    main()
