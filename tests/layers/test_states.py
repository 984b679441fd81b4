"""States of zoo.Recurrent: carried between batches, passed by the caller, reset."""

import keras
import numpy as np
import pytest
from small_layers import (
    BATCH,
    UNITS,
    assert_close,
    normal,
    random_inputs,
    random_layer,
    random_states,
)

from zoo.errors import RequestError
from zoo.layers.recurrent import Recurrent


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


def test_wrong_number_of_initial_states_is_rejected():
    with pytest.raises(RequestError, match="1 tensors, and LSTMCell has the states h, c"):
        random_layer()(random_inputs(), initial_state=[normal(BATCH, UNITS)])


def test_stateful_layer_without_batch_size_is_rejected():
    with pytest.raises(RequestError, match="stateful=True needs a fixed batch size"):
        keras.Sequential([keras.Input((None, 2)), Recurrent("lstm", 4, stateful=True)])
