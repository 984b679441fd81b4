"""A chunk of a matrix-valued state against its recurrence, one timestep after another."""

import numpy as np
import pytest
import tensorflow as tf

from zoo.cell_base.linear_step import MemoryTerms, memory_step
from zoo.conformance.running import run
from zoo.conformance.subject import Subject
from zoo.conformance.violation import demand_same_runs
from zoo.engine.matrix_memory import memory_chunk
from zoo.engine.matrix_memory_terms import mask_terms

TIMESTEPS, BATCH, HEADS, KEYS, VALUES = 19, 3, 2, 4, 5


def random_terms(decay_per_key, corrects, *others):
    """Return random terms, with a and b if the memory corrects what it holds.

    Args:
        decay_per_key: whether each key channel has its own decay.
        corrects: whether there are a and b.
        *others: names of further terms.
    """
    random = np.random.default_rng(0)
    widths = {"bonus": KEYS, "angle": KEYS // 2, "log_gain": 1}

    def draw(width):
        return tf.constant(0.5 * random.normal(size=(TIMESTEPS, BATCH, HEADS, width)))

    log_decay = -tf.abs(draw(KEYS if decay_per_key else 1))
    correction = (draw(KEYS), draw(KEYS)) if corrects else (None, None)
    more = {name: 6 * draw(widths[name]) for name in others}
    return MemoryTerms(draw(KEYS), draw(KEYS), draw(VALUES), log_decay, *correction, **more)


def step_by_step(terms, state):
    outputs = []
    for t in range(TIMESTEPS):
        at_t = MemoryTerms(*(None if each is None else each[t] for each in terms))
        output, state = memory_step(at_t, state)
        outputs.append(output)
    return tf.stack(outputs), state


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("corrects", [False, True])
@pytest.mark.parametrize("decay_per_key", [False, True])
def test_chunk_and_its_gradient_match_the_recurrence(decay_per_key, corrects, masked):
    demand_same_as_recurrence(random_terms(decay_per_key, corrects), masked)


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("corrects", [False, True])
@pytest.mark.parametrize("other", ["bonus", "angle"])
def test_chunk_with_a_bonus_or_rotations_matches_the_recurrence(other, corrects, masked):
    demand_same_as_recurrence(random_terms(other == "bonus", corrects, other), masked)


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("others", [["log_gain"], ["log_gain", "angle"]])
def test_chunk_with_unbounded_gains_matches_the_recurrence(others, masked):
    demand_same_as_recurrence(random_terms(False, False, *others), masked)


def test_gains_of_which_the_exponential_overflows_give_finite_results():
    terms = random_terms(False, False, "log_gain")
    terms = terms._replace(log_gain=1000 * terms.log_gain)
    state = tf.zeros((BATCH, HEADS * KEYS * VALUES + HEADS), "float64")
    with tf.GradientTape() as tape:
        tape.watch(terms.log_gain)
        outputs, final = memory_chunk(terms, state)
    assert np.isfinite(outputs).all()
    assert np.isfinite(final).all()
    assert np.isfinite(tape.gradient(outputs, terms.log_gain)).all()


def demand_same_as_recurrence(terms, masked):
    random = np.random.default_rng(1)
    width = HEADS * KEYS * VALUES + (0 if terms.log_gain is None else HEADS)
    state = tf.constant(random.normal(size=(BATCH, width)))
    mask = tf.constant(random.uniform(size=(TIMESTEPS, BATCH, 1)) < 0.7) if masked else None
    sources, results = [state, *(each for each in terms if each is not None)], []
    for function in (memory_chunk, step_by_step):
        with tf.GradientTape() as tape:
            tape.watch(sources)
            outputs, final = function(mask_terms(terms, mask), state)
            loss = tf.reduce_sum(tf.sin(outputs)) + tf.reduce_sum(final**2)
        results.append([outputs, final, *tape.gradient(loss, sources)])
    for actual, expected in zip(*results, strict=True):
        np.testing.assert_allclose(actual, expected, rtol=1e-10, atol=1e-12)


def test_masked_timesteps_leave_the_state_unchanged():
    terms = mask_terms(random_terms(False, True), tf.zeros((TIMESTEPS, BATCH, 1), "bool"))
    state = tf.constant(np.random.default_rng(2).normal(size=(BATCH, HEADS * KEYS * VALUES)))
    np.testing.assert_allclose(memory_chunk(terms, state)[1], state)


def test_decays_that_underflow_give_finite_gradients():
    terms = random_terms(True, True)
    terms = terms._replace(log_decay=200 * terms.log_decay)
    state = tf.ones((BATCH, HEADS * KEYS * VALUES), "float64")
    with tf.GradientTape() as tape:
        tape.watch(terms.log_decay)
        loss = tf.reduce_sum(memory_chunk(terms, state)[0])
    assert np.isfinite(tape.gradient(loss, terms.log_decay)).all()


def test_number_of_chunks_does_not_change_the_result():
    subject = Subject("gated_delta_net")
    cell = subject.cell(dtype="float64")
    x, states = subject.inputs(timesteps=70), subject.states(cell)
    x = x.astype("float64")
    expected = run(cell, x, states)  # more than one chunk of the default length
    for timesteps in (7, 70):
        actual = run(cell, x, states, checkpoint_every=timesteps)
        claim = f"chunks of {timesteps} timesteps give the result of the default"
        demand_same_runs(claim, actual, expected, 1e-6, "zoo/engine/linear_recurrence.py")
