"""Gradient checkpointing gives the results of the plain scan, with and without regularization."""

import numpy as np
import pytest
import tensorflow as tf

import zoo
from zoo.cells.lstm import LSTMCell
from zoo.conformance.masks import MASK
from zoo.conformance.running import run
from zoo.conformance.subject import Subject
from zoo.conformance.violation import demand_same_runs
from zoo.engine import checkpointing
from zoo.engine.checkpointing import default_interval

REGULARIZATION = {
    "zoneout": 0.3,
    "variational_dropout": 0.3,
    "weight_drop": 0.3,
    "recurrent_dropout": 0.3,
    "seed": 5,
}


@pytest.mark.parametrize("options", [{}, REGULARIZATION], ids=["plain", "regularized"])
@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("name", ["lstm", "mgu"])
def test_checkpointed_scan_matches_scan(name, masked, options):
    subject = Subject(name)
    cell = subject.cell()
    x, states, mask = subject.inputs(), subject.states(cell), MASK if masked else None
    expected = run(cell, x, states, mask, **options)
    for interval in (1, 2, 5, 7):
        actual = run(cell, x, states, mask, checkpoint_every=interval, **options)
        claim = f"checkpoint_every={interval} changes nothing"
        demand_same_runs(claim, actual, expected, 1e-5, "zoo/engine/checkpointing.py")


def input_gradient(layer, x):
    with tf.GradientTape() as tape:
        tape.watch(x)
        total = tf.reduce_sum(layer(x, training=True) ** 2)
    return tape.gradient(total, x)


@pytest.mark.parametrize(
    ("timesteps", "compiled"), [(None, False), (7, True)], ids=["unknown timesteps", "xla"]
)
def test_last_segment_may_be_shorter_in_a_graph(timesteps, compiled):
    layer = zoo.Recurrent("gru", 4, checkpoint_every=3, return_sequences=True)
    x = tf.constant(np.random.default_rng(0).normal(size=(2, 7, 3)), "float32")
    expected = input_gradient(zoo.Recurrent(layer.cell, return_sequences=True), x)
    in_graph = tf.function(
        lambda x: input_gradient(layer, x),
        jit_compile=compiled,
        input_signature=[tf.TensorSpec((2, timesteps, 3))],
    )
    np.testing.assert_allclose(in_graph(x), expected, rtol=1e-4, atol=1e-6)


def built_cell():
    layer = zoo.Recurrent("lstm", 4)
    layer.build((3, 50, 2))
    return layer.cell


@pytest.mark.parametrize(
    ("timesteps", "interval"),
    [(50, 10), (53, 7), (None, None)],  # first divisor >= root; root; unknown timesteps
)
def test_default_interval_is_near_the_square_root_of_the_timesteps(
    timesteps, interval, monkeypatch
):
    monkeypatch.setattr(checkpointing, "MAX_RECORDED_BYTES", 1000)
    assert default_interval(built_cell(), (timesteps, 3, 2)) == interval


def test_small_scan_has_no_default_interval():
    assert default_interval(built_cell(), (50, 3, 2)) is None


class RecordsTimesteps(LSTMCell):
    """An LSTM that records the number of timesteps of the inputs that it projects."""

    projected_timesteps = ()

    def project(self, x):
        self.projected_timesteps += (x.shape[0],)
        return super().project(x)


def test_large_scan_is_checkpointed_automatically(monkeypatch):
    layer = zoo.Recurrent(RecordsTimesteps(4))
    x = np.zeros((3, 50, 2), "float32")
    layer(x, training=True)
    assert 50 in layer.cell.projected_timesteps
    monkeypatch.setattr(checkpointing, "MAX_RECORDED_BYTES", 1000)
    layer.cell.projected_timesteps = ()
    layer(x, training=True)
    assert 10 in layer.cell.projected_timesteps
    assert 50 not in layer.cell.projected_timesteps
