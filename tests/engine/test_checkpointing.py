"""A recurrence by segments gives the numbers of the whole: outputs, states, gradients, noise and all."""

import numpy as np
import pytest
import tensorflow as tf

import zoo
from zoo.conformance.recurrences import MASK
from zoo.conformance.running import run
from zoo.conformance.subject import Subject
from zoo.conformance.violation import distance
from zoo.engine import checkpointing
from zoo.engine.checkpointing import default_interval

NOISE = {
    "zoneout": 0.3,
    "variational_dropout": 0.3,
    "weight_drop": 0.3,
    "recurrent_dropout": 0.3,
    "seed": 5,
}


def apart(one, other):
    return {name: distance(array, other.named()[name]) for name, array in one.named().items()}


@pytest.mark.parametrize("regularization", [{}, NOISE], ids=["plain", "noise"])
@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("checkpoint_every", [1, 2, 5, 7])
@pytest.mark.parametrize("name", ["lstm", "mgu"])
def test_segments_are_the_whole(name, checkpoint_every, masked, regularization):
    subject = Subject(name)
    cell = subject.cell()
    x, states, mask = subject.inputs(), subject.states(cell), MASK if masked else None
    whole = run(cell, x, states, mask, **regularization)
    parts = run(cell, x, states, mask, checkpoint_every=checkpoint_every, **regularization)
    assert max(apart(parts, whole).values()) < 1e-5


def gradient(layer, x, compiled):
    """The gradient of the input, from a graph that knows the timesteps only where XLA compiles it."""

    @tf.function(
        jit_compile=compiled, input_signature=[tf.TensorSpec((2, 7 if compiled else None, 3))]
    )
    def step(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            total = tf.reduce_sum(layer(x, training=True) ** 2)
        return tape.gradient(total, x)

    return step(x)


@pytest.mark.parametrize("compiled", [False, True], ids=["graph", "xla"])
def test_in_a_graph_the_last_segment_may_be_short(compiled):
    layer = zoo.Recurrent("gru", 4, checkpoint_every=3, return_sequences=True)
    whole = zoo.Recurrent(layer.cell, return_sequences=True)
    x = np.random.default_rng(0).normal(size=(2, 7, 3)).astype("float32")
    whole(x)
    np.testing.assert_allclose(
        gradient(layer, x, compiled), gradient(whole, x, compiled), rtol=1e-4, atol=1e-6
    )


def test_what_would_be_too_much_to_keep_is_cut_by_itself(monkeypatch):
    layer = zoo.Recurrent("lstm", 4)
    layer.build((3, 50, 2))
    assert default_interval(layer.cell, (50, 3, 2)) is None
    monkeypatch.setattr(checkpointing, "LIMIT", 1000)
    assert (
        default_interval(layer.cell, (50, 3, 2)) == 10
    )  # the first divisor from the root of the timesteps on
    assert default_interval(layer.cell, (53, 3, 2)) == 7
    assert default_interval(layer.cell, (None, 3, 2)) is None
    called = []
    monkeypatch.setattr(
        checkpointing,
        "checkpointed_scan",
        lambda *arguments: called.append(arguments[-2]) or (arguments[1], [None] * 2),
    )
    layer(np.zeros((3, 50, 2), "float32"), training=True)
    assert called == [10]
