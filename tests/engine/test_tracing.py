"""The trace of a step: its recurrent products, its output, and the weights that it reads."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import ops

import zoo
from zoo.cell_base.step_context import MatrixColumns
from zoo.cells import cells
from zoo.engine.tracing import step_trace
from zoo.errors import RequestError


def built(cell):
    cell.build((None, None, 3))
    return cell


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("lstm", [(0, 16)]),
        ("mgu", [(0, 4), (4, 8)]),
        ("min_gru", []),
    ],
)
def test_trace_lists_the_recurrent_products(name, columns):
    trace = step_trace(built(cells.get(name)(4)))
    assert trace.products == tuple(MatrixColumns("recurrent_kernel", *each) for each in columns)
    assert trace.operand_widths == (4,) * len(columns)
    assert trace.output_is_state


@pytest.mark.parametrize(
    ("name", "weights"),
    [
        ("lstm", []),
        ("gru", ["bias"]),  # the second row, which is added to the product
        ("peephole_lstm", ["peephole"]),
        ("ind_rnn", ["recurrent_kernel"]),
    ],
)
def test_trace_lists_the_weights_that_the_step_reads(name, weights):
    assert [each.name for each in step_trace(built(cells.get(name)(4))).weights] == weights


def test_weights_on_either_side_of_an_operator_are_found():
    class Sides(zoo.RecurrentCell):
        def extra_weights(self):
            return {"left": ((self.units,), "ones"), "right": ((self.units,), "ones")}

        def step(self, x, state):
            h = ops.tanh(x + self.recur(self.left * state[0] * self.right))
            return h, (h,)

    assert [each.name for each in step_trace(built(Sides(4))).weights] == ["left", "right"]


def test_a_variable_that_is_no_weight_of_the_cell_is_refused():
    variable = tf.Variable(1.0)

    class Foreign(zoo.RecurrentCell):
        def step(self, x, state):
            h = ops.tanh(x + variable * state[0])
            return h, (h,)

    with pytest.raises(RequestError, match="not a weight of the cell"):
        step_trace(built(Foreign(4)))


def test_a_product_inside_a_branch_is_refused():
    class Branch(zoo.RecurrentCell):
        def step(self, x, state):
            (h,) = state
            h = ops.cond(ops.sum(x) > 0, lambda: ops.tanh(x + self.recur(h)), lambda: h)
            return h, (h,)

    with pytest.raises(RequestError, match="inside a branch"):
        step_trace(built(Branch(4)))


def test_a_condition_and_a_closure_over_a_tensor_train():
    scale = tf.constant(0.5)

    class Condition(zoo.RecurrentCell):
        def step(self, x, state):
            (h,) = state
            z = x + self.recur(h)
            h = scale * ops.cond(ops.sum(z) > 0, lambda: ops.tanh(z), lambda: ops.sin(z))
            return h, (h,)

    layer = zoo.Recurrent(Condition(4))
    x = np.random.default_rng(0).normal(size=(2, 3, 3)).astype("float32")
    loops = {}
    for name, unroll in (("engine", False), ("python", True)):
        layer.unroll = unroll
        with tf.GradientTape() as tape:
            total = tf.reduce_sum(layer(x, training=True) ** 2)
        loops[name] = tape.gradient(total, [each.value for each in layer.trainable_weights])
    for one, other in zip(*loops.values(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)
    assert keras.ops.any(loops["engine"][0] != 0)
