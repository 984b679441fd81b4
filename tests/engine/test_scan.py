"""Gradients of both backward passes of `scan` against gradients of TensorFlow.

The conformance suite compares them for every registered cell; the cells in this module have
properties that no registered cell has.
"""

import numpy as np
import pytest
import tensorflow as tf
from keras import ops

from zoo.cells.lstm import LSTMCell
from zoo.cells.simple_rnn import SimpleRNNCell
from zoo.conformance.violation import distance
from zoo.engine.dropout import Regularization
from zoo.engine.loops import python_loop
from zoo.engine.regularization_rates import RegularizationRates
from zoo.engine.scan import scan
from zoo.engine.tracing import step_trace

TIMESTEPS, BATCH, FEATURES, UNITS = 6, 3, 2, 4
MASK = np.array([[0, 1, 1, 1, 1, 1], [1, 1, 0, 0, 1, 1], [1, 1, 1, 1, 0, 0]], bool)


class MixesUnits(SimpleRNNCell):
    """Not elementwise: the softmax reads all units."""

    def step(self, x, state):
        h = ops.softmax(x + self.recur(state[0]))
        return h, (h,)


class OutputIsNotState(LSTMCell):
    """Elementwise, with an output that is not a state and one block of columns used twice."""

    def step(self, x, state):
        h, (_, c) = super().step(x, state)
        output = h * ops.sigmoid(self.recur(h, "o") + self.recur(c, "o"))
        return output, (h, c)


def gradients(loop, cell, mask, initial):
    random = np.random.default_rng(1)
    projected = tf.constant(
        random.normal(size=(TIMESTEPS, BATCH, cell.kernel.shape[-1])), "float32"
    )
    weights = [w.value for w in cell.trainable_weights if w.name != "kernel"]
    with tf.GradientTape() as tape:
        tape.watch([projected, initial])
        regularization = Regularization(cell, RegularizationRates())
        outputs, final = loop(cell, projected, initial, mask, regularization)
        loss = tf.reduce_sum(outputs**2) + sum(tf.reduce_sum(state**3) for state in final)
    sources = [projected, *initial, *weights]
    return [loss, *tape.gradient(loss, sources, unconnected_gradients="zero")]


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize(
    ("builder", "elementwise"), [(MixesUnits, False), (OutputIsNotState, True)]
)
def test_scan_gradients_match_tensorflow_gradients(builder, elementwise, masked):
    cell = builder(UNITS)
    cell.build((None, None, FEATURES))
    random = np.random.default_rng(0)
    for weight in cell.weights:
        weight.assign(random.normal(size=weight.shape))
    initial = [tf.constant(random.normal(size=(BATCH, UNITS)), "float32") for _ in cell.state_names]
    assert step_trace(cell).structure.elementwise == elementwise
    mask = tf.constant(MASK.T[:, :, None]) if masked else None
    actual = gradients(scan, cell, mask, initial)
    expected = gradients(python_loop, cell, mask, initial)
    for gradient, expected_gradient in zip(actual, expected, strict=True):
        assert distance(gradient, expected_gradient) < 1e-5
