"""Draws which operations TensorFlow's threads run in a few milliseconds of a training step.

    python -m benchmarks.timeline --path=docs/threads.png

A training step of an LSTM at batch 32, 100 timesteps, 128 features and 256 units on two cores, with
two threads in each operation, and with one thread in each operation and two parts of the batch.
Each setting runs in a process of its own under TensorFlow's profiler, which slows it down.
"""

import argparse
import contextlib

from matplotlib.figure import Figure

from benchmarks.workers import Worker

SETTINGS = {
    "two threads in each operation, one loop": 2,
    "one thread in each operation, one loop for each half of the batch": 1,
}
SHAPE = (32, 100, 128, 256)
START = 0.15  # of the step: in the forward loops
WINDOW = 1.5  # milliseconds
COLORS = {"matrix product": "tab:blue", "other operation": "tab:orange"}


def _profile(threads):
    worker = Worker("benchmarks.timeline_tensorflow", threads)
    with contextlib.closing(worker):
        return worker.call("profile", "lstm", SHAPE)


def _bars(operations, start):
    """Return the operations of each kind within the window, as (begin, duration)."""
    bars = {kind: [] for kind in COLORS}
    for begin, end, name in operations:
        if begin < start + WINDOW and end > start:
            kind = "matrix product" if "MatMul" in name else "other operation"
            bars[kind].append((begin - start, end - begin))
    return bars


def _draw(axis, threads):
    times = [begin for operations in threads for begin, _, _ in operations]
    start = min(times) + START * (max(times) - min(times))
    for row, operations in enumerate(threads):
        for kind, bars in _bars(operations, start).items():
            label = kind if row == 0 else None
            axis.broken_barh(bars, (row + 0.1, 0.8), color=COLORS[kind], label=label)
    axis.set(xlim=(0, WINDOW), yticks=[row + 0.5 for row in range(len(threads))])
    axis.set_yticklabels([f"thread {row + 1}" for row in range(len(threads))])


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--path", default="threads.png", help="the file of the picture")
    arguments = parser.parse_args(argv)
    figure = Figure(figsize=(9, 3.6), layout="constrained")
    axes = figure.subplots(len(SETTINGS), 1)
    for axis, (title, threads) in zip(axes, SETTINGS.items(), strict=True):
        _draw(axis, _profile(threads))
        axis.set_title(title)
    axes[-1].set_xlabel("milliseconds")
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower right", ncols=2)
    figure.savefig(arguments.path, dpi=130)


if __name__ == "__main__":
    main()
