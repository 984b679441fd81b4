"""Small models around a cell, one for each layout."""

from typing import Any

import keras

from zoo.conformance.subject import FEATURES, UNITS, Subject, randomize
from zoo.layers.recurrent import Recurrent


def small_model(
    subject: Subject, dtype: str = "float32", seed: int = 1, dense: bool = True, **arguments: Any
) -> keras.Model:
    """Build a small model around a cell, with random weights.

    Args:
        subject: The cell under test, in its layout.
        dtype: The dtype policy of all layers.
        seed: The seed of the random weights.
        dense: Whether a dense layer follows, so that the outputs are (batch, timesteps, 2).
        **arguments: Constructor arguments of the cell.
    """

    def recurrent(**more: Any) -> Recurrent:
        cell = subject.builder(UNITS, dtype=dtype, **arguments)
        return Recurrent(cell, return_sequences=True, dtype=dtype, **more)

    keras.utils.set_random_seed(seed)  # for weights that are random and not trained
    layers = {
        "forward": lambda: [recurrent()],
        "backward": lambda: [recurrent(go_backwards=True)],
        "bidirectional": lambda: [keras.layers.Bidirectional(recurrent(), dtype=dtype)],
        "stacked": lambda: [recurrent(), recurrent()],
    }[subject.layout]()
    if dense:
        layers.append(keras.layers.Dense(2, dtype=dtype))
    model = keras.Sequential([keras.Input((None, FEATURES)), *layers])
    randomize(model, seed)
    return model
