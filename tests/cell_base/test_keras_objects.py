"""Keras objects as arguments of cells: their configs, and activations in NumPy."""

import json

import keras
import numpy as np
import pytest

from zoo.cell_base.keras_objects import (
    as_activation,
    json_value,
    keras_object,
    numpy_activation,
    sigmoid,
)
from zoo.cells import cells
from zoo.errors import RequestError


@pytest.mark.parametrize(
    "name", ["relu", "tanh", "sigmoid", "hard_sigmoid", "linear", "softsign", "gelu", None]
)
def test_numpy_activation_equals_keras(name):
    x = np.linspace(-4, 4, 17)
    result = numpy_activation(name)(x)
    assert result.dtype == "float64"
    np.testing.assert_allclose(result, keras.activations.get(name)(x), rtol=1e-6, atol=1e-7)


def test_sigmoid_is_the_logistic_function_in_float64():
    result = sigmoid(np.array([0.0, np.log(3.0)], "float32"))
    assert result.dtype == "float64"
    np.testing.assert_allclose(result, [0.5, 0.75], rtol=1e-6)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("regularizer", keras.regularizers.L1L2(0.1, 0.2)),
        ("constraint", keras.constraints.MaxNorm(3.0)),
        ("activation", keras.activations.gelu),
    ],
)
def test_config_of_an_object_is_json_and_returns_an_equal_object(kind, value):
    config = json.loads(json.dumps(json_value(value)))
    assert json_value(keras_object(kind, "argument", config)) == config


def test_json_values_stay_as_they_are():
    for value in (None, True, 3, 0.5, "relu", [1, 2], {"min": 1}):
        assert json_value(value) is value


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        ("regularizer", "l3", ("kernel_x='l3' is not a regularizer", "keras.regularizers.L2")),
        ("constraint", 5, ("kernel_x=5 is not a constraint", "MaxNorm")),
        ("activation", "rely", ("kernel_x='rely' is not an activation", "'tanh'")),
    ],
)
def test_unknown_object_is_rejected_with_an_example(kind, value, words):
    with pytest.raises(RequestError) as raised:
        keras_object(kind, "kernel_x", value)
    assert all(word in str(raised.value) for word in words)


def test_activation_none_is_the_identity():
    assert as_activation("activation", None) is keras.activations.linear


@pytest.mark.parametrize("name", ["gru", "ind_rnn", "ligru", "lrn", "lstm", "simple_rnn", "sru"])
def test_cell_rejects_an_unknown_activation(name):
    with pytest.raises(RequestError, match="activation='rely' is not an activation"):
        cells.get(name)(4, activation="rely")
