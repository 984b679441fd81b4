"""Training speed of `zoo.Recurrent` in two checkouts, in interleaved runs.

python -m benchmarks.versions OLD_CHECKOUT NEW_CHECKOUT --rounds=15

Each checkout runs in a process of its own. In every round, each process times the training step of
each cell at each shape; the order of the processes alternates. The table shows the median
milliseconds of both, and the median of the ratios new / old with its bootstrap interval (95%).
"""

import argparse
import json
import os
import subprocess
import sys
import time

import numpy as np

CELLS = ("simple_rnn", "lstm", "gru", "mgu")
SHAPES = ((32, 100, 128, 256), (20, 35, 200, 200))  # batch, timesteps, features, units
SECONDS = 0.25  # of one timed run


def worker(checkout: str) -> subprocess.Popen:
    """Start a process that times steps of the `zoo` in `checkout`."""
    environment = {
        **os.environ,
        "PYTHONPATH": checkout,
        "TF_ENABLE_ONEDNN_OPTS": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
    return subprocess.Popen(
        [sys.executable, os.path.abspath(__file__), "--worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment,
        cwd=checkout,
    )


def ask(process: subprocess.Popen, key: list) -> list[float]:
    """Return the seconds of the timed steps of one cell and shape."""
    process.stdin.write(json.dumps(key) + "\n")
    process.stdin.flush()
    return json.loads(process.stdout.readline())


def serve() -> None:
    """Answer requests on stdin: build each step once, then time it."""
    import tensorflow as tf

    import zoo

    steps = {}

    def build(cell: str, batch: int, timesteps: int, features: int, units: int):
        layer = zoo.Recurrent(cell, units, return_sequences=True, seed=0)
        x = tf.random.stateless_normal((batch, timesteps, features), (1, 2))

        @tf.function
        def step():
            with tf.GradientTape() as tape:
                tape.watch(x)
                total = tf.reduce_sum(layer(x, training=True) ** 2)
            return [tf.reduce_sum(g) for g in tape.gradient(total, [x, *layer.trainable_weights])]

        layer.build(x.shape)
        return lambda: [value.numpy() for value in step()]

    for line in sys.stdin:
        cell, shape = json.loads(line)
        key = (cell, *shape)
        if key not in steps:
            steps[key] = build(*key)
            steps[key]()
        seconds, began = [], time.perf_counter()
        steps[key]()  # not timed: it refills the caches after the other process's runs
        while not seconds or time.perf_counter() - began < SECONDS:
            start = time.perf_counter()
            steps[key]()
            seconds.append(time.perf_counter() - start)
        print(json.dumps(seconds), flush=True)


def compare(old: str, new: str, rounds: int) -> list[dict]:
    """Return a record for each cell and shape."""
    processes = {"old": worker(old), "new": worker(new)}
    keys = [(cell, shape) for shape in SHAPES for cell in CELLS]
    medians = {(name, key): [] for name in processes for key in keys}
    for number in range(rounds + 1):
        for key in keys:
            for name in list(processes)[:: 1 if number % 2 else -1]:
                seconds = ask(processes[name], key)
                if number:  # the first round warms up
                    medians[name, key].append(float(np.median(seconds)))
    for process in processes.values():
        process.stdin.close()
        process.wait()
    return [_record(key, medians["old", key], medians["new", key]) for key in keys]


def _record(key: tuple, old: list[float], new: list[float]) -> dict:
    ratios = np.array(new) / np.array(old)
    random = np.random.default_rng(0)
    resampled = np.median(random.choice(ratios, (2000, len(ratios))), axis=1)
    low, high = np.percentile(resampled, (2.5, 97.5))
    return {
        "cell": key[0],
        "shape": key[1],
        "old_ms": round(1e3 * float(np.median(old)), 2),
        "new_ms": round(1e3 * float(np.median(new)), 2),
        "ratio": round(float(np.median(ratios)), 3),
        "interval": [round(float(low), 3), round(float(high), 3)],
    }


def main() -> None:
    """Run the comparison and print its table."""
    if "--worker" in sys.argv:
        serve()
        return
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("old", help="a checkout")
    parser.add_argument("new", help="another checkout")
    parser.add_argument("--rounds", type=int, default=15)
    arguments = parser.parse_args()
    print(f"{'cell':12}{'shape':>22}{'old ms':>9}{'new ms':>9}{'new/old':>9}  interval")
    checkouts = [os.path.abspath(path) for path in (arguments.old, arguments.new)]
    for record in compare(*checkouts, arguments.rounds):
        shape = ", ".join(map(str, record["shape"]))
        print(
            f"{record['cell']:12}{shape:>22}{record['old_ms']:9.2f}{record['new_ms']:9.2f}"
            f"{record['ratio']:9.3f}  {record['interval'][0]:.3f} to {record['interval'][1]:.3f}"
        )


if __name__ == "__main__":
    main()
