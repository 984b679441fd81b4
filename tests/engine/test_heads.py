"""A recurrent kernel of heads equals the block-diagonal recurrent kernel that it stands for."""

import json

import keras
import numpy as np
import pytest
import tensorflow as tf
from sampling import failure_message, sample
from small_layers import normal

import zoo
from zoo.cells import cells
from zoo.errors import RequestError

UNITS, HEADS, FEATURES = 8, 4, 3
X, MASK = normal(2, 5, FEATURES), np.array([[True] * 5, [True, False, True, True, False]])


def has_heads(name):
    """Return whether a cell takes heads for its recurrent kernel."""
    try:
        cell = cells.get(name)(UNITS, heads=HEADS)
        cell.build((None, FEATURES))
    except RequestError:
        return False
    return cell.recurrent_heads == HEADS and hasattr(cell, "recurrent_kernel")


def full_kernel(kernel):
    """Return the block-diagonal matrix of a recurrent kernel of heads, block by block."""
    width = UNITS // HEADS
    full = np.zeros((UNITS, kernel.shape[-1]), kernel.dtype)
    for start in range(0, kernel.shape[-1], width):
        head = start // width % HEADS
        full[head * width : (head + 1) * width, start : start + width] = kernel[
            :, start : start + width
        ]
    return full


def heads_and_full(name, **arguments):
    """Return a layer with heads, with random weights, and the equal one with a full kernel."""
    layers = [
        zoo.Recurrent(cells.get(name)(UNITS, heads=heads), return_sequences=True, **arguments)
        for heads in (HEADS, 1)
    ]
    for layer in layers:
        layer.build(X.shape)
    for number, (weight, other) in enumerate(
        zip(*(layer.cell.weights for layer in layers), strict=True)
    ):
        value = weight.numpy() + 0.2 * normal(*weight.shape, seed=number)
        weight.assign(value)
        other.assign(full_kernel(value) if weight.shape != other.shape else value)
    return layers


def gradients(layer, training, mask):
    """Return the outputs, and the gradients of the weights and of the input."""

    @tf.function
    def run(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            outputs = layer(x, mask=mask, training=training)
            loss = tf.reduce_sum(outputs * tf.cos(tf.range(5.0))[:, None])
        weights = {weight.name: weight.value for weight in layer.cell.trainable_weights}
        return outputs, tape.gradient(loss, {**weights, "x": x})

    return run(tf.constant(X))


def check_equal(name, training=True, mask=None, **arguments):
    with_heads, full = heads_and_full(name, **arguments)
    outputs, found = gradients(with_heads, training, mask)
    expected_outputs, expected = gradients(full, training, mask)
    np.testing.assert_allclose(outputs, expected_outputs, rtol=1e-4, atol=1e-6)
    for key, gradient in found.items():
        other = expected[key].numpy()
        if key == "recurrent_kernel":
            outside = full_kernel(np.ones_like(gradient)) == 0
            gradient, other = full_kernel(gradient.numpy()), np.where(outside, 0, other)
        np.testing.assert_allclose(gradient, other, rtol=1e-3, atol=1e-5, err_msg=key)


NAMES = [name for name in cells.names() if has_heads(name)]


@pytest.mark.parametrize("name", sample(NAMES, 4, "heads"))
def test_heads_equal_a_block_diagonal_kernel(name):
    try:
        check_equal(name)
    except AssertionError as error:
        pytest.fail(failure_message(f"{name}: {error}"))


@pytest.mark.full
@pytest.mark.parametrize("name", NAMES)
def test_heads_of_every_cell_equal_a_block_diagonal_kernel(name):
    check_equal(name, mask=MASK)


@pytest.mark.parametrize(
    "arguments",
    [
        {"mask": MASK},
        {"training": False},
        {"unroll": True},
        {"zoneout": 0.5, "training": False},
        {"checkpoint_every": 2},
    ],
    ids=str,
)
def test_every_loop_multiplies_by_heads(arguments):
    check_equal("gru", **arguments)


def test_slstm_multiplies_by_heads():
    layer = zoo.Recurrent("slstm", UNITS, heads=HEADS, return_sequences=True)
    layer.build(X.shape)
    layer.cell.recurrent_blocks.assign(normal(*layer.cell.recurrent_blocks.shape))
    stock = keras.layers.RNN(layer.cell, return_sequences=True)
    np.testing.assert_allclose(layer(X, training=True), stock(X), rtol=1e-4, atol=1e-6)


def test_weights_are_a_quarter_and_each_block_is_orthogonal():
    cell = cells.get("lstm")(UNITS, heads=HEADS)
    cell.build((None, FEATURES))
    width = UNITS // HEADS
    assert cell.recurrent_kernel.shape == (width, 4 * UNITS)
    for block in np.split(cell.recurrent_kernel.numpy(), 4 * HEADS, axis=1):
        np.testing.assert_allclose(block @ block.T, np.eye(width), atol=1e-5)


def test_heads_are_stored_in_the_configuration():
    layer = zoo.Recurrent("gru", UNITS, heads=HEADS)
    config = json.loads(json.dumps(layer.get_config()))
    assert zoo.Recurrent.from_config(config).cell.heads == HEADS
    del config["cell"]["config"]["heads"]  # a model of an earlier version
    assert zoo.Recurrent.from_config(config).cell.heads == 1


@pytest.mark.parametrize(
    ("name", "heads", "message"),
    [
        ("lstm", 3, "does not divide units=8"),
        ("lstm", 0, "not a positive integer"),
        ("lstm", True, "not a positive integer"),
        ("ind_rnn", 2, "IndRNNCell has no recurrent kernel that is a full matrix"),
        ("lru", 2, "LRUCell has no recurrent kernel that is a full matrix"),
        ("projection_lstm", 2, "is not square for each gate of 8 units"),
    ],
)
def test_heads_that_do_not_fit_are_a_sentence(name, heads, message):
    arguments = {"projection_units": 4} if name == "projection_lstm" else {}
    with pytest.raises(RequestError, match=message):
        zoo.Recurrent(name, UNITS, heads=heads, **arguments).build(X.shape)


def test_a_cell_has_the_heads_of_its_paper_or_those_of_the_recurrent_kernel():
    assert set(NAMES) >= {"lstm", "gru", "mgu", "simple_rnn", "rhn", "gru_reset_before"}
    assert not set(NAMES) & {"slstm", "mlstm", "gated_delta_net", "ind_rnn", "exprnn"}
