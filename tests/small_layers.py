"""Small layers with random weights and random inputs, for the tests of zoo.layers."""

import numpy as np

from zoo.layers.recurrent import Recurrent

BATCH, TIMESTEPS, FEATURES, UNITS = 3, 6, 2, 4
MASK = np.array([[1, 1, 1, 1, 1, 1], [0, 0, 1, 1, 0, 1], [1, 1, 1, 0, 0, 0]], bool)


def normal(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def random_inputs():
    return normal(BATCH, TIMESTEPS, FEATURES)


def random_layer(cell="lstm", **arguments):
    """Return a built layer with reproducible random weights."""
    layer = Recurrent(cell, UNITS, **arguments)
    layer.build((BATCH, TIMESTEPS, FEATURES))
    for number, weight in enumerate(layer.trainable_weights):
        weight.assign(0.5 * normal(*weight.shape, seed=100 + number))
    return layer


def random_states(layer):
    return [
        normal(BATCH, UNITS, seed=7 + number) for number, _ in enumerate(layer.cell.state_names)
    ]


def assert_close(actual, expected, tolerance=1e-5):
    np.testing.assert_allclose(actual, expected, rtol=tolerance, atol=tolerance)
