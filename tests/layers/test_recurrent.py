"""zoo.Recurrent as a layer: equal to Keras' own layers, with state, masks, files, and errors that say what to do.

What holds for every cell is in the conformance suite.
"""

import functools

import keras
import numpy as np
import pytest
import tensorflow as tf

from zoo.cells import cells
from zoo.errors import RequestError
from zoo.layers.recurrent import Recurrent

BATCH, TIMESTEPS, FEATURES, UNITS = 3, 6, 2, 4
MASK = np.array([[1, 1, 1, 1, 1, 1], [0, 0, 1, 1, 0, 1], [1, 1, 1, 0, 0, 0]], bool)
KERAS_LAYERS = {
    "lstm": keras.layers.LSTM,
    "gru": keras.layers.GRU,
    "simple_rnn": keras.layers.SimpleRNN,
    "gru_reset_before": functools.partial(keras.layers.GRU, reset_after=False),
}


def numbers(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def made(cell="lstm", **arguments):
    """A built layer with random weights, the same for the same cell."""
    layer = Recurrent(cell, UNITS, **arguments)
    layer.build((BATCH, TIMESTEPS, FEATURES))
    for number, weight in enumerate(layer.trainable_weights):
        weight.assign(0.5 * numbers(*weight.shape, seed=100 + number))
    return layer


def states_of(layer, seed=7):
    return [
        numbers(BATCH, UNITS, seed=seed + number) for number, _ in enumerate(layer.cell.state_names)
    ]


def close(got, expected, tolerance=1e-5):
    np.testing.assert_allclose(got, expected, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("name", KERAS_LAYERS)
def test_equals_the_layer_of_keras_under_copied_weights(name, masked, training):
    ours = made(name, return_sequences=True, return_state=True)
    theirs = KERAS_LAYERS[name](UNITS, return_sequences=True, return_state=True)
    theirs.build((BATCH, TIMESTEPS, FEATURES))
    theirs.set_weights(ours.cell.get_weights())
    x, states, mask = numbers(BATCH, TIMESTEPS, FEATURES), states_of(ours), MASK if masked else None
    expected = theirs(x, initial_state=states, mask=mask, training=training)
    for got, want in zip(
        ours(x, initial_state=states, mask=mask, training=training), expected, strict=True
    ):
        close(got, want)


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize(
    "arguments",
    [
        {"zero_output_for_mask": True},
        {"go_backwards": True},
        {"unroll": True},
        {"return_sequences": False},
    ],
)
def test_options_mean_what_they_mean_in_the_stock_layer(arguments, training):
    ours = made("gru", **{"return_sequences": True, "return_state": True, **arguments})
    stock = keras.layers.RNN(
        ours.cell, **{"return_sequences": True, "return_state": True, **arguments}
    )
    x, states = numbers(BATCH, TIMESTEPS, FEATURES), states_of(ours)
    expected = stock(x, initial_state=states, mask=MASK)
    got = ours(x, initial_state=states, mask=MASK, training=training)
    for one, other in zip(got, expected, strict=True):
        close(one, other)


@pytest.mark.parametrize("training", [False, True])
def test_leading_masked_steps_put_out_zeros_and_keep_the_initial_state(training):
    layer = made("simple_rnn", return_sequences=True, return_state=True)
    x, (state,) = numbers(BATCH, TIMESTEPS, FEATURES), states_of(layer)
    mask = MASK.copy()
    mask[2] = False
    outputs, final = layer(x, initial_state=[state], mask=mask, training=training)
    close(outputs[1, :2], np.zeros((2, UNITS)))
    close(outputs[2], np.zeros((TIMESTEPS, UNITS)))
    close(final[2], state[2])


def test_what_is_returned():
    x = numbers(BATCH, TIMESTEPS, FEATURES)
    sequence, h, c = made(return_sequences=True, return_state=True)(x)
    assert sequence.shape == (BATCH, TIMESTEPS, UNITS)
    close(h, sequence[:, -1])
    last, last_h, last_c = made(return_state=True)(x)
    close(last, h)
    close(last_h, h)
    close(last_c, c)
    close(made()(x), last)


@pytest.mark.parametrize("training", [False, True])
def test_stateful_carries_the_state_between_batches(training):
    x = numbers(BATCH, TIMESTEPS, FEATURES)
    stateful, whole = made(stateful=True, return_sequences=True), made(return_sequences=True)(x)
    for _ in range(2):
        close(stateful(x[:, :2], training=training), whole[:, :2])
        close(stateful(x[:, 2:], training=training), whole[:, 2:])
        stateful.reset_state()
    assert not any(weight.trainable for weight in stateful.states)


def test_an_initial_state_goes_before_the_carried_one():
    layer, x = made(stateful=True), numbers(BATCH, TIMESTEPS, FEATURES)
    states = states_of(layer)
    close(layer(x, initial_state=states), made()(x, initial_state=states))


def test_recurrent_dropout_has_the_gradients_of_the_python_loop():
    x, initial = (
        tf.constant(numbers(BATCH, TIMESTEPS, FEATURES)),
        [tf.constant(s) for s in states_of(made("gru"))],
    )
    found = []
    for unroll in (False, True):
        layer = made("gru", return_sequences=True, recurrent_dropout=0.5, seed=9, unroll=unroll)
        with tf.GradientTape() as tape:
            tape.watch([x, *initial])
            outputs = layer(x, initial_state=initial, mask=MASK, training=True)
            total = tf.reduce_sum(outputs * numbers(*outputs.shape, seed=3))
        found.append(
            [
                outputs,
                *tape.gradient(total, [x, *initial, *(w.value for w in layer.trainable_weights)]),
            ]
        )
    plain = made("gru", return_sequences=True)(x, initial_state=initial, mask=MASK)
    assert np.abs(found[0][0] - plain).max() > 0.01
    for engine, loop in zip(*found, strict=True):
        close(engine, loop)


def test_recurrent_dropout_is_drawn_anew_in_each_call_and_timestep():
    layer, x = (
        made("simple_rnn", return_sequences=True, recurrent_dropout=0.5, seed=9),
        np.zeros((1, 9, FEATURES)),
    )
    first, second = (np.asarray(layer(x, training=True)) for _ in range(2))
    assert (first != second).any()
    dropped = first[0] == 0
    assert 0 < dropped.mean() < 1
    assert len({tuple(row) for row in dropped}) > 1


@pytest.mark.parametrize("name", ["lstm", "mgu", "ind_rnn"])
def test_fit_in_a_functional_model_is_that_of_the_stock_layer(name, tmp_path):
    x, y = numbers(32, TIMESTEPS, FEATURES), numbers(32, 1, seed=5)
    x[:, 4:] = 0

    def model(make):
        inputs = keras.Input((None, FEATURES))
        masked = keras.layers.Masking()(inputs)
        outputs = keras.layers.Dense(1)(make(masked))
        return keras.Model(inputs, outputs)

    ours = model(Recurrent(name, UNITS))
    stock = model(keras.layers.RNN(cells.get(name)(UNITS)))
    stock.set_weights(ours.get_weights())
    losses = []
    for each in (ours, stock):
        each.compile("adam", "mse")
        losses.append(
            each.fit(x, y, epochs=3, batch_size=8, shuffle=False, verbose=0).history["loss"]
        )
    close(*losses)
    ours.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    close(loaded.predict(x, verbose=0), ours.predict(x, verbose=0), 1e-6)
    close(loaded.evaluate(x, y, verbose=0), ours.evaluate(x, y, verbose=0), 1e-6)


def test_its_own_arguments_travel_in_the_configuration():
    given = {
        "return_sequences": True,
        "return_state": True,
        "go_backwards": True,
        "stateful": True,
        "unroll": True,
        "zero_output_for_mask": True,
        "recurrent_dropout": 0.25,
        "seed": 4,
        "name": "layer",
        "zoneout": {"h": 0.5},
        "variational_dropout": 0.125,
        "weight_drop": 0.375,
        "learned_initial_state": True,
    }
    config = Recurrent("ind_rnn", UNITS, activation="tanh", **given).get_config()
    again = Recurrent.from_config(config)
    assert {name: again.get_config()[name] for name in given} == given
    assert (type(again.cell), again.cell.units, again.cell.activation) == (
        cells.get("ind_rnn"),
        UNITS,
        "tanh",
    )


def test_arguments_of_the_cell_go_to_the_cell():
    layer = Recurrent(
        "simple_rnn",
        UNITS,
        recurrent_initializer="identity",
        activation="relu",
        dtype="mixed_bfloat16",
    )
    layer.build((None, None, FEATURES))
    close(layer.cell.recurrent_kernel, np.eye(UNITS))
    assert layer.cell.activation == "relu"
    assert layer.cell.dtype_policy.name == "mixed_bfloat16"


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"return_sequences": True},
        {"return_state": True},
        {"return_sequences": True, "return_state": True},
    ],
)
def test_the_announced_shape_is_the_shape(arguments):
    layer, x = made(**arguments), numbers(BATCH, TIMESTEPS, FEATURES)
    announced, got = layer.compute_output_shape(x.shape), layer(x)
    assert announced == (
        tuple(tuple(one.shape) for one in got) if isinstance(got, list) else tuple(got.shape)
    )


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: Recurrent("lstm"), ("units", "'lstm'", "128")),
        (lambda: Recurrent("lstm", 0), ("units=0", "whole number")),
        (
            lambda: Recurrent("lstm", 4, activation="relu"),
            ("'activation'", "'lstm'", "kernel_initializer"),
        ),
        (lambda: Recurrent("lstm", 4, recurrent_dropout=1.0), ("recurrent_dropout=1.0", "[0, 1)")),
        (lambda: Recurrent(keras.layers.LSTMCell(4)), ("no cell of the zoo", "keras.layers.RNN")),
        (lambda: Recurrent(cells.get("lstm")(4), 4), ("instance", "units")),
        (
            lambda: made()(
                numbers(BATCH, TIMESTEPS, FEATURES), initial_state=[numbers(BATCH, UNITS)]
            ),
            ("1 tensors", "LSTMCell", "h, c"),
        ),
        (
            lambda: keras.Sequential([keras.Input((None, 2)), Recurrent("lstm", 4, stateful=True)]),
            ("stateful=True", "fixed batch size"),
        ),
        (
            lambda: tf.function(made(unroll=True), autograph=False).get_concrete_function(
                tf.TensorSpec((BATCH, None, FEATURES))
            ),
            ("unroll=True", "known number of timesteps"),
        ),
        (
            lambda: made("simple_rnn", bias_initializer="unit_forget"),
            ("unit_forget", "SimpleRNNCell", "lstm"),
        ),
        (
            lambda: made("lstm", kernel_initializer="unit_forget"),
            ("unit_forget", "kernel", "glorot_uniform"),
        ),
    ],
)
def test_errors_are_sentences_that_say_what_to_do(call, words):
    with pytest.raises(RequestError) as raised:
        call()
    # Keras puts lines of its own around what is raised in a layer's call.
    assert any(all(word in line for word in words) for line in str(raised.value).splitlines())


def test_an_unknown_cell_is_told_with_close_names():
    with pytest.raises(LookupError, match="lstm"):
        Recurrent("lsmt", 4)
