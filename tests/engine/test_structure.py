"""The structure of a step is proven from its graph: what is proven, and what is rejected."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import ops

from tests.engine.traced_step import Trace, rolled_gradient, vector
from zoo.cells import cells
from zoo.engine.structure import StepStructure, analyze
from zoo.engine.tracing import step_trace

SHARING = {
    "sum": (lambda x, y, h, b: tf.tanh(x + y), True),
    "sum_is_the_state": (lambda x, y, h, b: y + x, True),
    "two_sums": (lambda x, y, h, b: tf.tanh(x + y) * tf.sigmoid(x + y), True),
    "small_step": (lambda x, y, h, b: h + 0.01 * (tf.tanh(x + y) - h), True),
    "biases": (lambda x, y, h, b: tf.tanh((x - b) + (y + b)), True),
    "peephole": (lambda x, y, h, b: tf.tanh(x + b * h + y), True),
    "identities": (lambda x, y, h, b: tf.identity(x) + tf.identity(y), True),
    "scaled_sum": (lambda x, y, h, b: tf.tanh(0.98 * (x + y)), True),
    "scaled_product": (lambda x, y, h, b: tf.tanh(x + 0.98 * y), False),
    "scaled_input": (lambda x, y, h, b: tf.tanh((1 + 1e-6) * x + y), False),
    "cancelled": (lambda x, y, h, b: tf.tanh((x - y) + y), False),
    "negative_alone": (lambda x, y, h, b: tf.tanh(x + y) * tf.tanh(b - x), False),
    "difference": (lambda x, y, h, b: tf.tanh(x - y), False),
    "negative_input": (lambda x, y, h, b: tf.tanh((b - x) + y), False),
    "double_input": (lambda x, y, h, b: tf.tanh(x + y + x), False),
    "both_twice": (lambda x, y, h, b: tf.tanh((x + x) + (y + y)), False),
    "also_alone": (lambda x, y, h, b: tf.tanh(x + y) + 1e-6 * tf.tanh(x), False),
    "product_alone": (lambda x, y, h, b: tf.tanh(x + y) * tf.sigmoid(y), False),
    "never_together": (lambda x, y, h, b: tf.tanh(x) + tf.tanh(y), False),
    "stopped": (lambda x, y, h, b: tf.tanh(tf.stop_gradient(x) + y) + x + y, False),
    "cast": (lambda x, y, h, b: tf.cast(tf.cast(x, "float64"), "float32") + y, False),
    "maximum": (lambda x, y, h, b: tf.maximum(x, y), False),
}


@pytest.mark.parametrize("name", SHARING)
def test_shared_gradients_need_sums_of_equal_columns(name):
    combine, shares = SHARING[name]
    trace = Trace(lambda x, h, trace: combine(x, trace.recur(h), h, vector(3)), 3)
    assert trace.structure == StepStructure(True, (0,), shares), trace.reason


def test_raw_outputs_and_operands_prevent_shared_gradients():
    for step in (
        lambda x, h, trace: (x + trace.recur(h), x),
        lambda x, h, trace: (x + trace.recur(h), trace.results[0]),
    ):
        assert not Trace(step, 3, state_widths=[3, 3]).structure.shares_gradients
    trace = Trace(lambda x, h, trace: x + trace.multiply(x, 3) + trace.recur(h), 3)
    assert trace.structure == StepStructure(True, (None, 0), False)


def two_products(first, second):
    """Return a step of two gates with one product per gate."""

    def step(x, h, trace):
        z, n = x[:, :3], x[..., 3:]
        z = tf.sigmoid(z + trace.recur(h, *first))
        return z * h + (1 - z) * tf.tanh(n + trace.recur(z * h, *second))

    return step


def test_products_of_disjoint_columns_share_gradients():
    trace = Trace(two_products((0, 1), (1, 2)), 3, gates=2)
    assert trace.structure == StepStructure(True, (0, None), True)


def test_products_of_equal_or_exchanged_columns_share_no_gradients():
    assert not Trace(two_products((0, 1), (0, 1)), 3, gates=2).structure.shares_gradients
    assert not Trace(two_products((1, 2), (0, 1)), 3, gates=2).structure.shares_gradients


def test_two_products_of_the_same_columns_share_no_gradients():
    def step(x, h, trace):
        return tf.tanh(x + trace.recur(tf.sigmoid(x + trace.recur(h))))

    assert Trace(step, 3).structure == StepStructure(True, (0, None), False)


def test_columns_that_are_not_read_prevent_shared_gradients():
    trace = Trace(lambda x, h, trace: tf.tanh(x[:, :3] + trace.recur(h, 0, 1)), 3, gates=2)
    assert trace.structure == StepStructure(True, (0,), False)


def test_columns_without_product_prevent_shared_gradients():
    def step(x, h, trace):
        return tf.tanh(x[:, :3] + trace.recur(h, 0, 1)) * tf.sigmoid(x[:, 3:] + h)

    assert Trace(step, 3, gates=2).structure == StepStructure(True, (0,), False)


def test_gates_that_are_exchanged_before_the_sum_share_no_gradients():
    def step(x, h, trace):
        z, n = ops.split(ops.concatenate([x[:, 3:], x[:, :3]], -1) + trace.recur(h), 2, -1)
        return tf.sigmoid(z) * n

    assert Trace(step, 3, gates=2).structure == StepStructure(True, (0,), False)


def test_slices_inside_a_gate_are_rejected():
    for start in (1, 2, 4):
        trace = Trace(
            lambda x, h, trace, start=start: (x + trace.recur(h))[:, start : start + 3], 3, gates=3
        )
        assert "whole blocks" in trace.reason
    assert "steps" in Trace(lambda x, h, trace: (x + trace.recur(h))[:, ::2], 3, gates=2).reason


@pytest.mark.parametrize("units", [4, 12])
def test_state_as_wide_as_two_gates_is_kept_apart(units):
    half = units // 2

    def step(x, h, trace):
        return h * (x + trace.recur(h))  # unit j meets two gates of half the width

    trace = Trace(step, units, gates=(half, half))
    assert trace.reason == "Mul of tensors with different blocks"


def test_projection_to_another_width_is_elementwise():
    def step(x, h, trace):
        i, f, g, o = ops.split(x + trace.recur(h), 4, -1)
        c = ops.sigmoid(f) * trace.states[1] + ops.sigmoid(i) * ops.tanh(g)
        return trace.multiply(ops.sigmoid(o) * ops.tanh(c), width), c

    for width in (2, 5):  # also as wide as the units
        trace = Trace(step, 5, gates=4, state_widths=[width, 5])
        # The second product has no columns of the projected input.
        assert trace.structure == StepStructure(True, (0, None), False), trace.reason


def test_gates_of_unequal_widths_are_rejected():
    def step(x, h, trace):
        return tf.tanh(x[:, :3] + trace.recur(h, 0, 1)), tf.tanh(x[:, 3:] + trace.states[1])

    reason = Trace(step, 3, gates=(3, 2), state_widths=[3, 2]).reason
    assert reason == "the projected input or a product has gates of widths (3, 2)"


def test_output_cut_from_wider_blocks_is_rejected():
    # Its derivative with respect to the other state is zeros of another width, not None.
    def step(x, h, trace):
        joined = ops.concatenate([h, trace.states[1]], -1)
        return tf.tanh(x + trace.recur(h)) + joined[:, :3], trace.states[1]

    reason = Trace(step, 3, state_widths=[3, 1]).reason
    assert reason == "an output is computed from tensors of another width"


def test_output_of_two_blocks_is_rejected():
    reason = Trace(lambda x, h, trace: x + trace.recur(h), 3, gates=2).reason
    assert reason == "an output (None, 6) of the step is not one block of columns"


NOT_OUTPUTS = {
    "constant": lambda x, h, trace: ((x + trace.recur(h))[:, :3], tf.ones((1, 3))),
    "array": lambda x, h, trace: ((x + trace.recur(h))[:, :3], np.ones((1, 3), "float32")),
    "integers": lambda x, h, trace: ((x + trace.recur(h))[:, :3], tf.cast(h, "int32")),
    "shape": lambda x, h, trace: ((x + trace.recur(h))[:, :3], tf.shape(h)),
    "vector": lambda x, h, trace: ((x + trace.recur(h))[:, :3], tf.reduce_sum(h, 1)),
}


@pytest.mark.parametrize("name", NOT_OUTPUTS)
def test_output_other_than_one_block_is_rejected(name):
    assert Trace(NOT_OUTPUTS[name], 3, gates=2).reason is not None


def test_constant_state_of_each_row_is_accepted():
    def step(x, h, trace):
        return tf.tanh(x + trace.recur(ops.ones_like(h))), ops.zeros_like(h)

    assert Trace(step, 3).structure == StepStructure(True, (None,), True)


@pytest.mark.parametrize(
    "step",
    [
        lambda x, h, trace: (trace.recur(h), tf.tanh(x + h))[1],
        lambda x, h, trace: tf.tanh(h + trace.recur(h)),
        lambda x, h, trace: tf.tanh(x + tf.stop_gradient(trace.recur(h))),
        lambda x, h, trace: tf.tanh(tf.floor(x) + trace.recur(h)),
    ],
)
def test_input_or_product_without_gradient_is_rejected(step):
    reason = "the projected input or a product has no effect on the outputs"
    assert Trace(step, 3).reason == reason


def test_operand_states_are_found_through_identities_only():
    def step(x, h, trace):
        c = trace.states[1]
        operands = [tf.identity(c), h, tf.stop_gradient(h), h + 0.0, rolled_gradient(h)]
        return x + sum(trace.multiply(operand, 3) for operand in operands), c

    trace = Trace(step, 3, state_widths=[3, 3])
    assert trace.structure == StepStructure(False, (1, 0, None, None, None), False)


def test_variable_that_the_step_changes_is_rejected():
    counter = tf.Variable(1.0)

    def step(x, h, trace):
        x = counter * x
        counter.assign_add(1.0)
        return tf.tanh(x + trace.recur(h))

    trace = Trace(step, 3)
    assert "also used by ['AssignAddVariableOp']" in trace.reason


def test_variable_that_the_step_reads_is_accepted():
    weight = tf.Variable(tf.ones((2, 3)))
    trace = Trace(lambda x, h, trace: weight[1] * x + trace.recur(h) * weight[0], 3)
    assert trace.structure.elementwise, trace.reason


def test_random_generator_with_a_seed_variable_is_rejected():
    generator = keras.random.SeedGenerator(1)
    trace = Trace(
        lambda x, h, trace: x * keras.random.uniform((3,), seed=generator) + trace.recur(h), 3
    )
    assert trace.reason is not None


def test_product_with_a_state_through_a_weight_is_rejected():
    weight = tf.Variable(tf.eye(3))
    trace = Trace(lambda x, h, trace: tf.tanh(x + trace.recur(h) + h @ weight), 3)
    assert trace.reason == "operation MatMul is not known to be elementwise"


def test_wrong_widths_are_an_error():
    trace = Trace(lambda x, h, trace: x + trace.recur(h), 3)
    inputs, outputs, widths, columns = trace.arguments
    with pytest.raises(ValueError, match="no blocks of widths"):
        analyze(inputs, outputs, widths._replace(states=[4]), columns)


@pytest.mark.parametrize("units", (1, 4))
@pytest.mark.parametrize(
    ("name", "operand_states", "shares_gradients"),
    [
        ("coupled_lstm", (0,), True),
        ("gru", (0,), False),  # the reset gate multiplies the product alone
        ("gru_reset_before", (0, None), True),  # the second operand is r * h
        ("ind_rnn", (), False),
        ("lstm", (0,), True),
        ("mgu", (0, None), True),
        ("min_gru", (), False),
        ("multiplicative_lstm", (0, None), False),
        ("peephole_lstm", (0,), True),
        ("simple_rnn", (0,), True),
    ],
)
def test_registered_cells_are_elementwise(name, operand_states, shares_gradients, units):
    cell = cells.get(name)(units)
    cell.build((None, None, 3))
    expected = StepStructure(True, operand_states, shares_gradients)
    assert step_trace(cell).structure == expected


@pytest.mark.parametrize("dtype", ["mixed_float16", "bfloat16", "float64"])
def test_structure_does_not_depend_on_the_precision(dtype):
    cell = cells.get("peephole_lstm")(4, dtype=dtype)
    cell.build((None, None, 3))
    assert step_trace(cell).structure == StepStructure(True, (0,), True)
