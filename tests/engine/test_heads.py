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
from zoo.engine import matmul
from zoo.errors import RequestError

UNITS, HEADS, FEATURES = 8, 4, 3
X, MASK = normal(2, 5, FEATURES), np.array([[True] * 5, [True, False, True, True, False]])


# Cells with a full recurrent kernel that is not one square block per gate.
OTHER_WIDTHS = {"lmu", "projection_lstm"}
NAMES = [
    name
    for name in cells.names()
    if cells.get(name).recurrent_shape == "full" and name not in OTHER_WIDTHS
]


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
        {"zoneout": 0.5, "seed": 1},
        {"recurrent_dropout": 0.5, "seed": 1},
        {"variational_dropout": 0.5, "seed": 1},
        {"weight_drop": 0.5, "seed": 1},
        {"checkpoint_every": 2},
    ],
    ids=str,
)
def test_every_loop_multiplies_by_heads(arguments):
    check_equal("gru", **arguments)


def shapes_of_products(layer, training):
    """Return the shapes of the matrices by which the loops of a layer multiply its states."""
    function = tf.function(lambda x: layer(x, training=training), autograph=False)
    graph = function.get_concrete_function(tf.constant(X)).graph
    loops = [each.graph for each in graph._functions.values()]
    operations = [operation for each in loops for operation in each.get_operations()]
    return {
        tuple(operation.inputs[1].shape) for operation in operations if operation.type == "MatMul"
    }


@pytest.mark.skipif(not matmul.on_cpu(), reason="multiplies head by head on a CPU only")
@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("name", ["gru", "slstm"])
def test_loops_multiply_by_the_blocks_of_the_heads_alone(name, training):
    layer = zoo.Recurrent(name, UNITS, heads=HEADS, return_sequences=True)
    layer.build(X.shape)
    gates = {"gru": 3, "slstm": 4}[name]
    assert shapes_of_products(layer, training) == {(UNITS // HEADS, gates * UNITS // HEADS)}


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
    assert zoo.Recurrent.from_config(config).cell.recurrent_heads == HEADS
    del config["cell"]["config"]["heads"]  # a model of an earlier version
    assert zoo.Recurrent.from_config(config).cell.recurrent_heads == 1


@pytest.mark.parametrize(
    ("name", "heads", "message"),
    [
        ("lstm", 3, "does not divide units=8"),
        ("ind_rnn", 2, "IndRNNCell has no recurrent kernel that is a full matrix"),
        ("lru", 2, "LRUCell has no recurrent kernel that is a full matrix"),
        ("projection_lstm", 2, "is not square for each gate of 8 units"),
    ],
)
def test_heads_that_do_not_fit_are_a_sentence(name, heads, message):
    arguments = {"projection_units": 4} if name == "projection_lstm" else {}
    with pytest.raises(RequestError, match=message):
        zoo.Recurrent(name, UNITS, heads=heads, **arguments).build(X.shape)


@pytest.mark.parametrize("heads", ["4", 2.0, 0, -2, True])
@pytest.mark.parametrize("name", ["lstm", "slstm", "rg_lru", "mlstm"])
def test_heads_that_are_not_a_positive_integer_are_a_sentence(name, heads):
    with pytest.raises(RequestError, match=f"heads={heads!r} is not a positive integer"):
        cells.get(name)(UNITS, heads=heads)


class OwnHeads(cells.get("simple_rnn")):
    """A cell written before all cells had heads, with an attribute of that name."""

    def __init__(self, units, heads=2, **kwargs):
        super().__init__(units, **kwargs)
        self.heads = heads


def test_a_cell_may_have_heads_of_its_own():
    cell = OwnHeads(UNITS)
    cell.build((None, FEATURES))
    assert cell.recurrent_kernel.shape == (UNITS, UNITS)
    assert OwnHeads.own_argument_names()[0] == "heads"
    assert OwnHeads.argument_names().count("heads") == 1
