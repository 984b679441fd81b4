"""A small language model trained, exported, loaded and asked, in a process of its own."""

import pathlib
import statistics
import string
import tempfile

import tensorflow as tf

import zoo
from benchmarks.clocks import CLOCKS
from benchmarks.in_tensorflow import use_threads  # noqa: F401  called by name
from zoo.saved_models.exporting import export
from zoo.timing.interleaving import turn

CHARACTERS = (string.ascii_letters + string.digits + " .")[:64]


def measure(length, temperature, rounds, clock):
    """The median seconds of one continuation of `length` characters."""
    with tempfile.TemporaryDirectory() as folder:
        serve = tf.saved_model.load(_exported(pathlib.Path(folder))).signatures["serve"]
        asked = {
            "text": tf.constant(["a"]),
            "length": tf.constant(length),
            "temperature": tf.constant(temperature),
            "seed": tf.constant(0),
        }
        return statistics.median(
            each for _ in range(rounds) for each in turn(lambda: serve(**asked), CLOCKS[clock])
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
    return export(zoo.Run(folder / "run"))["path"]
