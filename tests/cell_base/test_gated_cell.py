"""Activations of gated cells: as in Keras, also in the reference."""

import keras
import numpy as np
import pytest

from zoo.cells import cells
from zoo.conformance.running import weights_by_name
from zoo.conformance.subject import randomize
from zoo.layers.recurrent import Recurrent

KERAS_LAYERS = {"lstm": keras.layers.LSTM, "gru": keras.layers.GRU}
ACTIVATIONS = [
    {"activation": "relu"},
    {"activation": None, "recurrent_activation": "hard_sigmoid"},
    {"activation": keras.activations.gelu},
]


def random(*shape):
    return np.random.default_rng(3).normal(size=shape).astype("float32")


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("arguments", ACTIVATIONS)
@pytest.mark.parametrize("name", KERAS_LAYERS)
def test_outputs_match_keras_layer_with_the_same_activations(name, arguments, training):
    layer, expected = Recurrent(name, 4, **arguments), KERAS_LAYERS[name](4, **arguments)
    layer.build((2, 5, 3))
    expected.build((2, 5, 3))
    randomize(layer, 1)
    expected.set_weights(layer.get_weights())
    x = random(2, 5, 3)
    np.testing.assert_allclose(layer(x, training=training), expected(x), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("arguments", ACTIVATIONS)
@pytest.mark.parametrize("name", [*KERAS_LAYERS, "simple_rnn"])
def test_reference_has_the_activations_of_the_step(name, arguments):
    if name == "simple_rnn":
        arguments = {"activation": arguments["activation"]}
    cell = cells.get(name)(4, **arguments)
    cell.build((None, 3))
    randomize(cell, 1)
    x, states = random(2, 3), [random(2, 4) for _ in cell.state_names]
    output, _ = cell(x, states)
    expected, _ = cell.reference(weights_by_name(cell), x, tuple(states))
    np.testing.assert_allclose(output, expected, rtol=1e-5, atol=1e-5)


def test_default_activations_are_recognized():
    assert cells.get("lstm")(4, activation="tanh").has_default_activations
    assert not cells.get("lstm")(4, recurrent_activation="hard_sigmoid").has_default_activations
    assert not cells.get("gru")(4, activation=None).has_default_activations
