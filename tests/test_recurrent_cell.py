"""The base class of cells: argument names, validation."""

import numpy as np
import pytest

import zoo
from zoo.cells import cells
from zoo.errors import RequestError


def test_argument_names_list_subclass_arguments_before_inherited_ones():
    inherited = cells.get("mgu").argument_names()
    assert inherited[:4] == [
        "kernel_initializer",
        "recurrent_initializer",
        "bias_initializer",
        "use_bias",
    ]
    assert cells.get("lstm").argument_names() == ["activation", "recurrent_activation", *inherited]
    assert cells.get("simple_rnn").argument_names() == ["activation", *inherited]


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
