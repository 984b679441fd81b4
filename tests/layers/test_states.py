"""States of zoo.Recurrent: carried between batches, passed by the caller, reset."""

import keras
import numpy as np
import pytest
from keras import ops
from small_layers import (
    BATCH,
    UNITS,
    assert_close,
    normal,
    random_inputs,
    random_layer,
    random_states,
)

from zoo.cells import cells
from zoo.errors import RequestError
from zoo.layers.recurrent import Recurrent
from zoo.layers.regularized_cell import RegularizedCell


@pytest.mark.parametrize("training", [False, True])
def test_stateful_layer_carries_states_between_batches(training):
    x = random_inputs()
    stateful = random_layer(stateful=True, return_sequences=True)
    whole = random_layer(return_sequences=True)(x)
    for _ in range(2):
        assert_close(stateful(x[:, :2], training=training), whole[:, :2])
        assert_close(stateful(x[:, 2:], training=training), whole[:, 2:])
        stateful.reset_state()
    assert not any(weight.trainable for weight in stateful.states)


def test_initial_state_takes_precedence_over_the_carried_state():
    layer, x = random_layer(stateful=True), random_inputs()
    states = random_states(layer)
    layer(x)
    assert_close(layer(x, initial_state=states), random_layer()(x, initial_state=states))


def test_stateful_layer_starts_from_the_learned_state_when_new_and_after_reset():
    layer, x = random_layer(stateful=True, learned_initial_state=True), random_inputs()
    learned = [np.tile(weight, (BATCH, 1)) for weight in layer.initial_state_weights]
    expected = layer(x, initial_state=learned)
    layer.reset_state()
    assert_close(layer(x), expected)
    assert np.abs(layer(x) - expected).max() > 1e-3
    layer.reset_state()
    assert_close(layer(x), expected)


def test_rows_that_have_not_started_begin_with_the_learned_state():
    layer, x = random_layer(learned_initial_state=True), random_inputs()
    states = random_states(layer)
    outputs = layer(x, initial_state=states, started=np.array([[1.0], [0.0], [1.0]]))
    assert_close(outputs[1], layer(x)[1])
    from_states = layer(x, initial_state=states)
    assert_close(outputs[0], from_states[0])
    assert_close(outputs[2], from_states[2])


@keras.saving.register_keras_serializable("tests")
class OnesCell(type(cells.get("lstm")(1))):
    """An LSTM whose initial states are ones and twos."""

    def get_initial_state(self, batch_size=None):
        shape = (batch_size, self.units)
        return [ops.ones(shape, self.compute_dtype), 2 * ops.ones(shape, self.compute_dtype)]


def ones_layer(**arguments):
    layer = Recurrent(OnesCell(UNITS), **arguments)
    layer.build((BATCH, None, 2))
    return layer


def ones_states():
    return [np.full((BATCH, UNITS), value, "float32") for value in (1, 2)]


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("options", [{}, {"stateful": True}, {"learned_initial_state": True}])
def test_initial_state_of_the_cell_counts_everywhere(options, training):
    layer, x = ones_layer(**options), random_inputs()
    expected = layer(x, initial_state=ones_states(), training=training)
    layer.reset_state()
    for _ in range(2):
        assert_close(layer(x, training=training), expected)
        layer.reset_state()


def test_state_variables_and_learned_states_start_at_the_initial_state_of_the_cell():
    stateful, learned = ones_layer(stateful=True), ones_layer(learned_initial_state=True)
    for number, expected in enumerate(ones_states()):
        assert_close(stateful.states[number], expected)
        assert_close(learned.initial_state_weights[number], expected[0])
    stateful(random_inputs())
    stateful.reset_state()
    assert_close(stateful.states[1], ones_states()[1])


def test_rows_that_have_not_started_begin_with_the_initial_state_of_the_cell():
    layer, x = ones_layer(), random_inputs()
    zeros = [np.zeros((BATCH, UNITS), "float32")] * 2
    outputs = layer(x, initial_state=zeros, started=np.array([[0.0], [1.0], [0.0]]))
    assert_close(outputs[0], layer(x)[0])
    assert_close(outputs[1], layer(x, initial_state=zeros)[1])


@pytest.mark.parametrize("learned", [False, True])
def test_regularized_cell_starts_from_the_initial_state_of_the_cell(learned):
    layer = ones_layer()
    regularized = RegularizedCell(layer.cell, zoneout=0.1, learned_initial_state=learned)
    regularized.build((BATCH, 2))
    for one, other in zip(regularized.get_initial_state(BATCH), ones_states(), strict=False):
        assert_close(one, other)


def test_wrong_number_of_initial_states_is_rejected():
    with pytest.raises(RequestError, match="1 tensors, and LSTMCell has the states h, c"):
        random_layer()(random_inputs(), initial_state=[normal(BATCH, UNITS)])


def test_stateful_layer_without_batch_size_is_rejected():
    with pytest.raises(RequestError, match="stateful=True needs a fixed batch size"):
        keras.Sequential([keras.Input((None, 2)), Recurrent("lstm", 4, stateful=True)])
