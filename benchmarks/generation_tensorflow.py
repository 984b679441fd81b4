"""Worker of `benchmarks.generation`: trains, exports, loads and runs a small language model."""

import pathlib
import statistics
import string
import tempfile

import tensorflow as tf

import zoo
from benchmarks.clocks import CLOCKS
from benchmarks.in_tensorflow import use_threads  # noqa: F401  (the worker calls it)
from zoo.timing.interleaving import timed_runs

CHARACTERS = (string.ascii_letters + string.digits + " .")[:64]


def measure(length, temperature, rounds, clock):
    """Return the median seconds of one continuation of `length` characters."""
    with tempfile.TemporaryDirectory() as folder:
        serve = tf.saved_model.load(_exported(pathlib.Path(folder))).signatures["serve"]
        inputs = {
            "text": tf.constant(["a"]),
            "length": tf.constant(length),
            "temperature": tf.constant(temperature),
            "seed": tf.constant(0),
        }
        return statistics.median(
            seconds
            for _ in range(rounds)
            for seconds in timed_runs(lambda: serve(**inputs), CLOCKS[clock])
        )


def _exported(folder):
    (folder / "text.txt").write_text(
        "".join(CHARACTERS[k * k % 64] + CHARACTERS[k % 64] for k in range(20_000))
    )
    zoo.train(
        zoo.Config(
            task="language_model",
            data=str(folder / "text.txt"),
            token="char",
            cell="lstm",
            units=256,
            layers=1,
            epochs=1,
        ),
        folder / "run",
    )
    return zoo.export(folder / "run")["path"]
