"""Unusual inputs of zoo.Recurrent: integers, no timesteps, no rows, NaN at masked timesteps."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from small_layers import (
    BATCH,
    FEATURES,
    MASK,
    TIMESTEPS,
    UNITS,
    assert_close,
    random_inputs,
    random_layer,
    random_states,
)

from zoo.cells import cells
from zoo.layers.recurrent import Recurrent

OPTIONS = [
    ("lstm", {}),
    ("lstm", {"unroll": True}),
    ("lstm", {"checkpoint_every": 2}),
    ("lstm", {"zoneout": 0.2, "seed": 1}),
    ("lstm", {"variational_dropout": 0.2, "dropout": 0.1, "seed": 1}),
    ("lstm", {"go_backwards": True}),
    ("min_gru", {}),
    ("min_gru", {"parallel": True}),
    ("multiplicative_lstm", {"weight_drop": 0.2, "seed": 1}),
]


def outputs_and_gradients(layer, x, training=True, **arguments):
    """Return outputs, final states and gradients of input and weights of a layer with states."""
    if layer.seed_generator:
        layer.seed_generator.state.assign([1, 2])
    x = tf.convert_to_tensor(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        results = layer(x, training=training, **arguments)
        loss = tf.add_n([tf.reduce_sum(tensor**2) for tensor in results])
    return results, tape.gradient(loss, [x, *layer.trainable_weights])


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize(("name", "options"), OPTIONS, ids=str)
def test_values_at_masked_timesteps_have_no_effect(name, options, value):
    layer = random_layer(name, return_sequences=True, return_state=True, **options)
    for training in (True, False):
        with_zeros, with_value = (
            outputs_and_gradients(
                layer, np.where(MASK[:, :, None], random_inputs(), filler), training, mask=MASK
            )
            for filler in (np.float32(0), np.float32(value))
        )
        for one, other in zip(
            tf.nest.flatten(with_value), tf.nest.flatten(with_zeros), strict=True
        ):
            assert_close(one, other)


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("masked", [True, False])
@pytest.mark.parametrize(("name", "options"), [OPTIONS[0], OPTIONS[2], OPTIONS[3], OPTIONS[6]])
def test_sequence_without_timesteps_returns_the_initial_states(name, options, masked, known):
    layer = random_layer(name, return_sequences=True, return_state=True, **options)
    states = random_states(layer)

    def run(x, mask):
        arguments = {"mask": mask} if masked else {}
        return outputs_and_gradients(layer, x, initial_state=states, **arguments)

    if not known:
        run = tf.function(
            run,
            input_signature=[
                tf.TensorSpec((None, None, FEATURES)),
                tf.TensorSpec((None, None), tf.bool),
            ],
        )
    x, mask = random_inputs()[:, :0], np.ones((BATCH, 0), bool)
    (outputs, *final), gradients = run(x, mask)
    assert outputs.shape == (BATCH, 0, UNITS)
    for one, other in zip(final, states, strict=True):
        assert_close(one, other)
    assert not any(np.any(gradient) for gradient in gradients)
    if not known:  # the same graph, with timesteps
        expected, _ = outputs_and_gradients(layer, random_inputs(), initial_state=states)
        for one, other in zip(run(random_inputs(), np.ones_like(MASK))[0], expected, strict=True):
            assert_close(one, other)


@pytest.mark.parametrize("training", [False, True])
def test_last_output_without_timesteps_is_zero(training):
    layer = random_layer()
    function = tf.function(
        lambda x: layer(x, training=training),
        input_signature=[tf.TensorSpec((None, None, FEATURES))],
    )
    x = random_inputs()
    for call in (function, lambda x: layer(x, training=training)):
        assert_close(call(x[:, :0]), np.zeros((BATCH, UNITS)))
        assert_close(call(x), layer(x))


@pytest.mark.parametrize(("name", "options"), OPTIONS, ids=str)
def test_empty_batch_returns_no_rows_and_gradients_of_zero(name, options):
    layer = random_layer(name, return_sequences=True, return_state=True, **options)
    x = random_inputs()[:0]
    (outputs, *states), gradients = outputs_and_gradients(layer, x)
    assert outputs.shape == layer(x)[0].shape == (0, TIMESTEPS, UNITS)
    assert all(state.shape == (0, UNITS) for state in states)
    assert not any(np.any(gradient) for gradient in gradients)


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("dtype", ["int32", "int64", "uint8", "bool"])
def test_integers_are_cast(dtype, training):
    x = (random_inputs() > 0).astype(dtype)
    layer = random_layer()
    assert_close(layer(x, training=training), layer(x.astype("float32")))


def test_model_with_integer_inputs_trains():
    inputs = keras.Input((None, FEATURES), dtype="int32")
    model = keras.Model(inputs, Recurrent("gru", UNITS)(inputs))
    model.compile("sgd", "mse")
    history = model.fit(np.ones((4, 5, FEATURES), int), np.ones((4, UNITS)), verbose=0)
    assert np.isfinite(history.history["loss"]).all()


def test_masked_nan_is_cleared_before_a_cell_in_keras_rnn_only_by_the_caller():
    x = np.where(MASK[:, :, None], random_inputs(), np.float32(np.nan))
    layer = keras.layers.RNN(cells.get("gru")(UNITS))
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(layer(x, mask=MASK))
    # Keras does not pass the mask to the cell; documented in RegularizedCell.
    assert np.isfinite(loss) and np.isnan(tape.gradient(loss, layer.cell.kernel)).all()
