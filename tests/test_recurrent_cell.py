"""The base class of cells: argument names, NumPy helpers, validation."""

import keras
import numpy as np
import pytest

import zoo
from zoo.cells import cells
from zoo.errors import RequestError
from zoo.recurrent_cell import numpy_activation, sigmoid


def test_argument_names_list_subclass_arguments_before_inherited_ones():
    initializers = ["kernel_initializer", "recurrent_initializer", "bias_initializer"]
    assert cells.get("lstm").argument_names() == initializers
    assert cells.get("simple_rnn").argument_names() == ["activation", *initializers]


@pytest.mark.parametrize("name", ["relu", "tanh"])
def test_numpy_activation_equals_keras(name):
    x = np.linspace(-3, 3, 13)
    np.testing.assert_allclose(
        numpy_activation(name)(x), keras.activations.get(name)(x), rtol=1e-6, atol=1e-7
    )


def test_sigmoid_is_the_logistic_function_in_float64():
    result = sigmoid(np.array([0.0, np.log(3.0)], "float32"))
    assert result.dtype == "float64"
    np.testing.assert_allclose(result, [0.5, 0.75], rtol=1e-6)


@pytest.mark.parametrize("units", [0, -1, 2.0, True, "8"])
def test_invalid_units_are_rejected(units):
    with pytest.raises(RequestError, match="units="):
        cells.get("mgu")(units)


def test_recurrent_initializer_without_recurrent_kernel_is_rejected():
    with pytest.raises(RequestError, match="MinGRUCell has no recurrent kernel"):
        cells.get("min_gru")(4, recurrent_initializer="zeros")


def test_subclass_without_step_raises_not_implemented_error():
    class Stepless(zoo.RecurrentCell):
        pass

    cell = Stepless(2)
    with pytest.raises(NotImplementedError, match="Stepless does not implement step"):
        cell.step(np.ones((1, 2)), (np.ones((1, 2)),))
