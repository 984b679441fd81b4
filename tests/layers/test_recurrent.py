"""zoo.Recurrent against Keras layers: outputs, options, training, saving.

The conformance suite checks the properties of every cell.
"""

import functools

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
    normal,
    random_inputs,
    random_layer,
    random_states,
)

from zoo.cells import cells
from zoo.layers.recurrent import Recurrent
from zoo.layers.regularized_cell import RegularizedCell

KERAS_LAYERS = {
    "lstm": keras.layers.LSTM,
    "gru": keras.layers.GRU,
    "simple_rnn": keras.layers.SimpleRNN,
    "gru_reset_before": functools.partial(keras.layers.GRU, reset_after=False),
}


@pytest.mark.parametrize("name", KERAS_LAYERS)
def test_outputs_match_keras_layer_with_copied_weights(name):
    layer = random_layer(name, return_sequences=True, return_state=True)
    keras_layer = KERAS_LAYERS[name](UNITS, return_sequences=True, return_state=True)
    keras_layer.build((BATCH, TIMESTEPS, FEATURES))
    keras_layer.set_weights(layer.cell.get_weights())
    x, states = random_inputs(), random_states(layer)
    for mask in (None, MASK):
        expected = keras_layer(x, initial_state=states, mask=mask)
        for training in (False, True):
            actual = layer(x, initial_state=states, mask=mask, training=training)
            for one, other in zip(actual, expected, strict=True):
                assert_close(one, other)


@pytest.mark.parametrize(
    "options",
    [
        {"zero_output_for_mask": True},
        {"go_backwards": True},
        {"unroll": True},
        {"return_sequences": False},
    ],
    ids=str,
)
def test_outputs_with_options_match_keras_rnn(options):
    options = {"return_sequences": True, "return_state": True, **options}
    layer = random_layer("gru", **options)
    keras_layer = keras.layers.RNN(layer.cell, **options)
    x, states = random_inputs(), random_states(layer)
    expected = keras_layer(x, initial_state=states, mask=MASK)
    for training in (False, True):
        actual = layer(x, initial_state=states, mask=MASK, training=training)
        for one, other in zip(actual, expected, strict=True):
            assert_close(one, other)


@pytest.mark.parametrize("training", [False, True])
def test_leading_masked_timesteps_output_zeros_and_keep_initial_state(training):
    layer = random_layer("simple_rnn", return_sequences=True, return_state=True)
    x, (state,) = random_inputs(), random_states(layer)
    mask = MASK.copy()
    mask[2] = False
    outputs, final = layer(x, initial_state=[state], mask=mask, training=training)
    assert_close(outputs[1, :2], np.zeros((2, UNITS)))
    assert_close(outputs[2], np.zeros((TIMESTEPS, UNITS)))
    assert_close(final[2], state[2])


def test_return_sequences_and_return_state_select_the_outputs():
    x = random_inputs()
    outputs, h, c = random_layer(return_sequences=True, return_state=True)(x)
    assert outputs.shape == (BATCH, TIMESTEPS, UNITS)
    assert_close(h, outputs[:, -1])
    last, last_h, last_c = random_layer(return_state=True)(x)
    assert_close(last, h)
    assert_close(last_h, h)
    assert_close(last_c, c)
    assert_close(random_layer()(x), last)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"return_sequences": True},
        {"return_state": True},
        {"return_sequences": True, "return_state": True},
    ],
    ids=str,
)
def test_compute_output_shape_matches_the_output(options):
    layer, x = random_layer(**options), random_inputs()
    outputs = layer(x)
    assert layer.compute_output_shape(x.shape) == (
        tuple(tuple(output.shape) for output in outputs)
        if isinstance(outputs, list)
        else tuple(outputs.shape)
    )


def _outputs_and_gradients(x, states, **options):
    layer = random_layer("gru", return_sequences=True, seed=9, **options)
    with tf.GradientTape() as tape:
        tape.watch([x, *states])
        outputs = layer(x, initial_state=states, mask=MASK, training=True)
        loss = tf.reduce_sum(outputs * normal(*outputs.shape, seed=3))
    weights = [weight.value for weight in layer.trainable_weights]
    return [outputs, *tape.gradient(loss, [x, *states, *weights])]


def test_gradients_with_recurrent_dropout_match_the_unrolled_loop():
    plain = random_layer("gru", return_sequences=True)
    x = tf.constant(random_inputs())
    states = [tf.constant(state) for state in random_states(plain)]
    engine, unrolled = (
        _outputs_and_gradients(x, states, recurrent_dropout=0.5, unroll=unroll)
        for unroll in (False, True)
    )
    without_dropout = plain(x, initial_state=states, mask=MASK)
    assert np.abs(engine[0] - without_dropout).max() > 0.01
    for one, other in zip(engine, unrolled, strict=True):
        assert_close(one, other)


def test_recurrent_dropout_draws_a_mask_per_call_and_timestep():
    layer = random_layer("simple_rnn", return_sequences=True, recurrent_dropout=0.5, seed=9)
    x = np.zeros((1, 9, FEATURES))
    first, second = (np.asarray(layer(x, training=True)) for _ in range(2))
    assert (first != second).any()
    dropped = first[0] == 0
    assert 0 < dropped.mean() < 1
    assert len({tuple(row) for row in dropped}) > 1


def _masked_model(recurrent_layer):
    inputs = keras.Input((None, FEATURES))
    outputs = recurrent_layer(keras.layers.Masking()(inputs))
    return keras.Model(inputs, keras.layers.Dense(1)(outputs))


@pytest.mark.parametrize(
    ("name", "mode"),
    [
        ("lstm", {"jit_compile": True}),
        ("mgu", {"jit_compile": False}),
        ("ind_rnn", {"run_eagerly": True}),
    ],
    ids=str,
)
def test_fit_matches_keras_rnn_and_the_saved_model_is_restored(name, mode, tmp_path):
    x, y = normal(16, TIMESTEPS, FEATURES), normal(16, 1, seed=5)
    x[:, 4:] = 0
    model = _masked_model(Recurrent(name, UNITS))
    keras_model = _masked_model(keras.layers.RNN(cells.get(name)(UNITS)))
    keras_model.set_weights(model.get_weights())
    model.compile("adam", "mse", **mode)
    keras_model.compile("adam", "mse", jit_compile=False)
    losses = [
        each.fit(x, y, epochs=3, batch_size=8, shuffle=False, verbose=0).history["loss"]
        for each in (model, keras_model)
    ]
    assert_close(*losses)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert_close(loaded(x), model(x), 1e-6)
    assert loaded.get_compile_config() == model.get_compile_config()
    for one, other in zip(loaded.optimizer.variables, model.optimizer.variables, strict=True):
        assert_close(one, other, 1e-6)


def test_dropout_drops_features_with_one_mask_for_all_timesteps():
    layer, x = random_layer(dropout=0.5, seed=3), np.ones((8, TIMESTEPS, FEATURES), "float32")
    plain = random_layer()
    layer.seed_generator.state.assign([1, 2])
    outputs = layer(x, training=True)
    masks = np.stack(np.meshgrid([0.0, 2.0], [0.0, 2.0]), -1).reshape(4, 1, FEATURES)
    possible = plain((masks * np.ones((4, TIMESTEPS, FEATURES))).astype("float32"))
    distances = np.abs(np.asarray(outputs)[:, None] - np.asarray(possible)).max(-1)
    assert (distances.min(1) < 1e-5).all()
    assert len(set(distances.argmin(1))) > 1
    assert_close(layer(x), plain(x))
    assert layer.implementation((8, TIMESTEPS, FEATURES), training=True) == "engine"


def test_dropout_in_keras_rnn_matches_the_layer():
    layer = random_layer("gru", dropout=0.5, variational_dropout=0.3, seed=3)
    cell = RegularizedCell(layer.cell, dropout=0.5, variational_dropout=0.3, seed=3)
    x = random_inputs()
    assert_close(keras.layers.RNN(cell)(x, training=True), layer(x, training=True))


def test_config_round_trip_keeps_every_argument():
    options = {
        "return_sequences": True,
        "return_state": True,
        "go_backwards": True,
        "stateful": True,
        "unroll": True,
        "zero_output_for_mask": True,
        "recurrent_dropout": 0.25,
        "dropout": 0.0625,
        "seed": 4,
        "name": "layer",
        "zoneout": {"h": 0.5},
        "variational_dropout": 0.125,
        "weight_drop": 0.375,
        "learned_initial_state": True,
        "checkpoint_every": 7,
        "unroll_factor": 3,
    }
    config = Recurrent("ind_rnn", UNITS, activation="tanh", **options).get_config()
    layer = Recurrent.from_config(config)
    assert {name: layer.get_config()[name] for name in options} == options
    assert type(layer.cell) is cells.get("ind_rnn")
    assert (layer.cell.units, layer.cell.activation) == (UNITS, keras.activations.tanh)


def test_config_of_version_0_1_loads():
    config = Recurrent("mgu", UNITS, checkpoint_every=7, unroll_factor=3).get_config()
    old_names = {"checkpoint_every": "segment", "unroll_factor": "timesteps" + "_a_turn"}
    old_config = {old_names.get(name, name): value for name, value in config.items()}
    layer = Recurrent.from_config(old_config)
    assert (layer.checkpoint_every, layer.unroll_factor) == (7, 3)
