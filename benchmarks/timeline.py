"""Draws which operations TensorFlow's threads run in a few milliseconds of a training step.

    python -m benchmarks.timeline --path=docs/threads.png

A training step of an LSTM at batch 32, 100 timesteps, 128 features and 256 units on two cores, with
two threads in each operation, and with one thread in each operation and two parts of the batch.
Each setting runs in a process of its own under TensorFlow's profiler, which slows it down.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

SETTINGS = {
    "two threads in each operation, one loop": {"TF_NUM_INTRAOP_THREADS": "2"},
    "one thread in each operation, one loop for each half of the batch": {
        "TF_NUM_INTRAOP_THREADS": "1"
    },
}
SHAPE = (32, 100, 128, 256)
WINDOW = 1.5  # milliseconds
COLORS = {"matrix product": "tab:blue", "other operation": "tab:orange"}


def _profile(folder):
    """Return the events of each thread in one training step: (begin, end, operation) in ms."""
    import tensorflow as tf
    from tensorflow.tsl.profiler.protobuf import xplane_pb2

    from zoo.timing import layers

    shape = layers.Shape(*SHAPE)
    step = layers.training_step(layers.build_layer("lstm", shape), shape)
    for _ in range(5):
        step()
    tf.profiler.experimental.start(folder)
    step()
    tf.profiler.experimental.stop()
    (file,) = pathlib.Path(folder).rglob("*.xplane.pb")
    space = xplane_pb2.XSpace.FromString(file.read_bytes())
    (plane,) = (each for each in space.planes if each.name == "/host:CPU")
    found = {}
    for line in plane.lines:
        if line.name.startswith("tf_"):
            events = [
                (
                    line.timestamp_ns / 1e6 + event.offset_ps / 1e9,
                    event.duration_ps / 1e9,
                    plane.event_metadata[event.metadata_id].name,
                )
                for event in line.events
            ]
            found[f"{line.name}/{line.id}"] = [
                (begin, begin + duration, name) for begin, duration, name in events if duration > 0
            ]
    return found


def _run(variables):
    environment = {**os.environ, "TF_NUM_INTEROP_THREADS": "2", "TF_CPP_MIN_LOG_LEVEL": "3"}
    environment |= {"TF_ENABLE_ONEDNN_OPTS": "1", **variables}
    command = [sys.executable, "-m", "benchmarks.timeline", "--profile"]
    output = subprocess.run(command, env=environment, capture_output=True, check=True, text=True)
    return json.loads(output.stdout.splitlines()[-1])


def _bars(events, start):
    """Return the intervals of each kind of operation within the window, as (begin, width)."""
    bars = {kind: [] for kind in COLORS}
    for begin, end, name in events:
        if ":" in name and "::" not in name and begin < start + WINDOW and end > start:
            kind = "matrix product" if "MatMul" in name else "other operation"
            bars[kind].append((begin - start, end - begin))
    return bars


def _draw(timelines, path):
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(len(timelines), 1, figsize=(9, 3.6), layout="constrained")
    for axis, (title, threads) in zip(axes, timelines.items(), strict=True):
        times = [each[0] for events in threads.values() for each in events]
        start = min(times) + 0.15 * (max(times) - min(times))  # in the forward loops
        busy = [events for name, events in threads.items() if name.startswith("tf_Compute")]
        for row, events in enumerate(busy):
            for kind, bars in _bars(events, start).items():
                axis.broken_barh(bars, (row + 0.1, 0.8), color=COLORS[kind], label=kind)
        axis.set(title=title, xlim=(0, WINDOW), yticks=[k + 0.5 for k in range(len(busy))])
        axis.set_yticklabels([f"thread {k + 1}" for k in range(len(busy))])
    axes[-1].set_xlabel("milliseconds")
    handles, labels = axes[0].get_legend_handles_labels()
    unique = dict(zip(labels, handles, strict=True))
    figure.legend(unique.values(), unique.keys(), loc="outside lower right", ncols=2)
    figure.savefig(path, dpi=130)


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--path", default="threads.png", help="the file of the picture")
    parser.add_argument("--profile", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args(argv)
    if arguments.profile:
        with tempfile.TemporaryDirectory() as folder:
            print(json.dumps(_profile(folder)))
        return
    _draw({title: _run(variables) for title, variables in SETTINGS.items()}, arguments.path)


if __name__ == "__main__":
    main()
