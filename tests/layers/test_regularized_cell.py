"""RegularizedCell: its random state, and invalid cells.

The conformance suite checks that it equals zoo.Recurrent under every option.
"""

import keras
import numpy as np
import pytest
from small_layers import BATCH, UNITS, assert_close, random_inputs

from zoo.cells import cells
from zoo.errors import RequestError
from zoo.layers.regularized_cell import RegularizedCell


def _regularized_rnn():
    cell = cells.get("gru")(UNITS, recurrent_initializer="identity", kernel_initializer="identity")
    return keras.layers.RNN(RegularizedCell(cell, recurrent_dropout=0.5, seed=3))


def test_passed_initial_state_ends_with_the_random_state():
    x, layer, other = random_inputs(), _regularized_rnn(), _regularized_rnn()
    random_state = other.cell.initial_random_state(BATCH)
    assert random_state.shape == (BATCH, 12)
    states = [np.zeros((BATCH, UNITS), "float32"), random_state]
    assert_close(other(x, initial_state=states, training=True), layer(x, training=True))


def test_each_call_draws_new_masks():
    x, layer = random_inputs(), _regularized_rnn()
    assert np.abs(layer(x, training=True) - layer(x, training=True)).max() > 1e-3
    assert_close(layer(x), layer(x))


def test_keras_cell_is_rejected():
    with pytest.raises(RequestError, match="not a cell of the zoo"):
        RegularizedCell(keras.layers.LSTMCell(4))
