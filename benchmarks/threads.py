"""Calls one layer from several threads and compares the results with those of one thread.

    python -m benchmarks.threads

Each thread calls the layer in a random order of four kinds: inference and gradients, both eagerly
and in a graph. The gradients are those of a training call with seeded dropout and zoneout; no
weight is updated. The n-th training call of the layer draws the n-th masks, whichever thread it
comes from: so the results of all training calls, taken together, must be those of the same number
of calls in one thread, each exactly once. Results are equal if no number differs by more than 1e-6
of the larger of 1 and the largest number. Exits with status 1 if a call raises an error, or if its
result is missing in one thread or appears twice.
"""

import argparse
import collections
import random
import sys
import threading

import numpy as np
import tensorflow as tf

import zoo

TOLERANCE = 1e-6
SHAPE = (2, 5, 3)  # batch, timesteps, features
UNITS = 4
RATES = {"zoneout": 0.1, "variational_dropout": 0.2, "recurrent_dropout": 0.2}
KINDS = ("inference, eager", "inference, graph", "gradients, eager", "gradients, graph")
COLUMNS = ("calls", "equal", "different", "repeated", "raised")


def make_layer(cell):
    """Return a built layer and its input."""
    layer = zoo.Recurrent(cell, UNITS, return_sequences=True, seed=0, **RATES)
    x = tf.random.stateless_normal(SHAPE, (1, 2))
    layer(x)
    return layer, x


def make_calls(layer, x):
    """Return kind -> a zero-argument callable that returns a list of tensors."""

    def infer():
        return [layer(x)]

    def differentiate():
        with tf.GradientTape() as tape:
            tape.watch(x)
            outputs = layer(x, training=True)
            loss = tf.reduce_sum(outputs**2)
        return [outputs, *tape.gradient(loss, [x, *layer.trainable_weights])]

    calls = (infer, tf.function(infer), differentiate, tf.function(differentiate))
    return dict(zip(KINDS, calls, strict=True))


def as_vector(tensors):
    return np.concatenate([np.ravel(tensor) for tensor in tensors]).astype("float64")


def run_threads(calls, kinds_of_threads):
    """Return a list of (kind, vector or error) for all calls of all threads."""
    results, barrier = [[] for _ in kinds_of_threads], threading.Barrier(len(kinds_of_threads))

    def work(number):
        barrier.wait()
        for kind in kinds_of_threads[number]:
            try:
                result = as_vector(calls[kind]())
            except Exception as error:
                result = error
            results[number].append((kind, result))

    threads = [threading.Thread(target=work, args=(k,)) for k in range(len(results))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [each for result in results for each in result]


def nearest(vector, expected):
    """Return the index of the row of `expected` that equals `vector`, or None."""
    distances = np.abs(expected - vector).max(1)
    index = int(distances.argmin())
    is_equal = distances[index] <= TOLERANCE * max(1.0, np.abs(expected[index]).max())
    return index if is_equal else None


def count(results, inference, gradients):
    """Return kind -> counts of COLUMNS, and the errors' texts with their numbers.

    Args:
        results: from `run_threads`.
        inference: the vector of an inference call in one thread.
        gradients: (calls, ...), the vectors of all training calls in one thread.
    """
    counts = {kind: collections.Counter() for kind in KINDS}
    errors, used = collections.Counter(), set()
    for kind, result in results:
        if isinstance(result, Exception):
            errors[f"{type(result).__name__}: {str(result).splitlines()[0][:100]}"] += 1
            counts[kind].update(("calls", "raised"))
            continue
        is_inference = kind.startswith("inference")
        index = nearest(result, inference[None] if is_inference else gradients)
        repeated = not is_inference and index in used
        used |= set() if is_inference else {index}
        outcome = "different" if index is None else "repeated" if repeated else "equal"
        counts[kind].update(("calls", outcome))
    return counts, errors


def compare(cell, threads, calls, seed):
    """Run one cell in threads and in one thread; return the same as `count`."""
    rng = random.Random(seed)
    kinds = [[rng.choice(KINDS) for _ in range(calls)] for _ in range(threads)]
    training_calls = sum(kind.startswith("gradients") for each in kinds for kind in each)
    layer, x = make_layer(cell)
    start = layer.seed_generator.state.numpy()
    # New functions: the threads also trace them.
    results = run_threads(make_calls(layer, x), kinds)
    layer.seed_generator.state.assign(start)
    alone = make_calls(layer, x)
    inference = as_vector(alone["inference, graph"]())
    gradients = [as_vector(alone["gradients, graph"]()) for _ in range(training_calls)]
    return count(results, inference, np.stack(gradients))


def parse_flags():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cells", default="lstm", help="names or wildcards, comma-separated")
    parser.add_argument("--threads", type=int, default=8, help="number of threads")
    parser.add_argument("--calls", type=int, default=500, help="calls of each thread")
    parser.add_argument("--seed", type=int, default=0, help="seed of the order of the calls")
    return parser.parse_args()


def main():
    flags, failed = parse_flags(), 0
    tf.get_logger().setLevel("ERROR")  # threads that start together trace a function several times
    print(f"{'cell':20s} {'call':18s}" + "".join(f"{column:>11s}" for column in COLUMNS))
    for cell in [name for part in flags.cells.split(",") for name in zoo.cells.names(part)]:
        counts, errors = compare(cell, flags.threads, flags.calls, flags.seed)
        for kind in KINDS:
            values = "".join(f"{counts[kind][column]:11d}" for column in COLUMNS)
            print(f"{cell:20s} {kind:18s}{values}", flush=True)
            failed += counts[kind]["calls"] - counts[kind]["equal"]
        for text, number in errors.most_common(5):
            print(f"  {number} times {text}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
