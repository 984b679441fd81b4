"""Linear recurrences: the loop and the associative scan match a step-by-step computation."""

import functools

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


def step_by_step(decay, addition, initial, mask):
    """Return the states of all timesteps and the last; with complex numbers for a pair."""
    state, states = initial, [initial]
    for t in range(addition.shape[0]):
        at_t = tf.nest.map_structure(
            lambda part, t=t: part[t] if part.shape.rank == 3 else part, decay
        )
        if isinstance(decay, tuple):
            new = tf.complex(*at_t) * tf.complex(*tf.split(state, 2, -1))
            new = tf.concat([tf.math.real(new), tf.math.imag(new)], -1)
        else:
            new = at_t * state
        new = new + addition[t]
        state = new if mask is None else tf.where(mask[t], new, state)
        states.append(state)
    return tf.stack(states)[1:], state


DECAYS = {
    "varying": lambda draw, timesteps: draw(timesteps, 3, 4),
    "constant": lambda draw, timesteps: draw(4),
    "complex": lambda draw, timesteps: (draw(2), draw(2)),
    "varying complex": lambda draw, timesteps: (draw(timesteps, 3, 2), draw(timesteps, 3, 2)),
}


@pytest.mark.parametrize("parallel", [False, True], ids=["loop", "scan"])
@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("timesteps", [0, 1, 19])
@pytest.mark.parametrize("kind", DECAYS)
def test_linear_scan_and_its_gradient_match_the_recurrence(kind, timesteps, masked, parallel):
    random = np.random.default_rng(0)

    def draw(*shape):
        return tf.constant(random.uniform(-0.9, 0.9, size=shape))

    decay, addition, initial = DECAYS[kind](draw, timesteps), draw(timesteps, 3, 4), draw(3, 4)
    weights = draw(timesteps, 3, 4)
    mask = tf.constant(random.uniform(size=(timesteps, 3, 1)) < 0.7) if masked else None
    sources, results = tf.nest.flatten([decay, addition, initial]), []
    for recurrence in (functools.partial(linear_scan, parallel=parallel), step_by_step):
        with tf.GradientTape() as tape:
            tape.watch(sources)
            states, final = recurrence(decay, addition, initial, mask)
            loss = tf.reduce_sum(states * weights) + tf.reduce_sum(final**3)
        gradients = tape.gradient(loss, sources, unconnected_gradients="zero")
        results.append([states, final, *gradients])
    for actual, expected in zip(*results, strict=True):
        np.testing.assert_allclose(actual, expected, rtol=1e-10, atol=1e-12)
