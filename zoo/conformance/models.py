"""Small models around a cell, in the arrangements that whole-model properties look at."""

import contextlib
import pathlib
import tempfile

import keras

from zoo.conformance.subject import FEATURES, UNITS, randomize
from zoo.layers.recurrent import Recurrent


def small_model(subject, dtype="float32", seed=1, dense=True, **arguments):
    """A built keras.Model from (batch, timesteps, features) to (batch, timesteps, 2), with random weights.

    dense: False leaves the last layer out, so that the cell's outputs are the model's.
    """

    def recurrent(**more):
        return Recurrent(
            subject.builder(UNITS, dtype=dtype, **arguments),
            return_sequences=True,
            dtype=dtype,
            **more,
        )

    layers = {
        "forward": lambda: [recurrent()],
        "backward": lambda: [recurrent(go_backwards=True)],
        "bidirectional": lambda: [keras.layers.Bidirectional(recurrent(), dtype=dtype)],
        "stacked": lambda: [recurrent(), recurrent()],
    }[subject.arrangement]()
    if dense:
        layers.append(keras.layers.Dense(2, dtype=dtype))
    model = keras.Sequential([keras.Input((None, FEATURES)), *layers])
    randomize(model, seed)
    return model


@contextlib.contextmanager
def folder():
    """A temporary folder, as a path."""
    with tempfile.TemporaryDirectory(prefix="zoo-check-") as name:
        yield pathlib.Path(name)
