"""Linear recurrences: the loop and the associative scan match a step-by-step computation."""

import numpy as np
import pytest
import tensorflow as tf

from zoo.conformance.masks import MASK
from zoo.conformance.running import infer, run
from zoo.conformance.subject import Subject
from zoo.conformance.violation import demand_same, demand_same_runs
from zoo.engine.linear_scan import linear_scan
from zoo.layers.recurrent import Recurrent

FILE = "zoo/engine/linear_scan.py"


@pytest.mark.parametrize("mask", [None, MASK], ids=["no mask", "masked"])
@pytest.mark.parametrize("compiled", [False, True], ids=["graph", "xla"])
def test_implementations_of_a_linear_cell_agree(mask, compiled):
    subject = Subject("min_gru")
    cell = subject.cell()
    x, states = subject.inputs(), subject.states(cell)
    expected = run(cell, x, states, mask, "python_loop")
    for arguments in ({}, {"parallel": True}):
        actual = run(cell, x, states, mask, **arguments)
        demand_same_runs("the result equals that of the Python loop", actual, expected, 1e-5, FILE)
    layer = Recurrent(cell, return_sequences=True, parallel=True)
    scan = tf.function(lambda x: layer(x, initial_state=states, mask=mask), jit_compile=compiled)
    expected_outputs = infer(cell, x, states, mask)[0]
    demand_same("the scan equals the loop for inference", scan(x), expected_outputs, 1e-5, FILE)


@pytest.mark.parametrize("parallel", [False, True], ids=["loop", "scan"])
def test_linear_scan_and_its_gradient_match_the_recurrence(parallel):
    random = np.random.default_rng(0)
    decay, addition = (tf.constant(random.normal(size=(7, 2, 3))) for _ in range(2))
    initial = tf.constant(random.normal(size=(2, 3)))
    sources = [decay, addition, initial]
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(sources)
        outputs, final = linear_scan(decay, addition, initial, None, parallel)
        state, states = initial, []
        for t in range(7):
            state = decay[t] * state + addition[t]
            states.append(state)
        loss, expected_loss = (
            tf.reduce_sum(tensor**2) + tf.reduce_sum(last**3)
            for tensor, last in ((outputs, final), (tf.stack(states), state))
        )
    np.testing.assert_allclose(outputs, states)
    np.testing.assert_allclose(final, state)
    gradients, expected = tape.gradient(loss, sources), tape.gradient(expected_loss, sources)
    for gradient, expected_gradient in zip(gradients, expected, strict=True):
        np.testing.assert_allclose(gradient, expected_gradient)
