"""The unroll factor changes the number of loop iterations, but not the results."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import zoo
from zoo.engine.unrolling import UnrolledLoop, choose_unroll_factor, unrolled_loops

TIMESTEPS = 7
X = np.random.default_rng(0).normal(size=(2, TIMESTEPS, 3)).astype("float32")
FACTORS = (1, 3, 7, 20)


def gradients(layer):
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(layer(X, training=True) ** 2)
    return tape.gradient(total, layer.trainable_weights)


def steps_per_iteration(layer):
    """Return the set of numbers of steps in the traced loop bodies; an MGU step has one tanh."""
    layer.build(X.shape)
    trace = tf.function(lambda x: layer(x, training=True)).get_concrete_function(tf.constant(X))
    functions = trace.graph.as_graph_def().library.function
    counts = {sum(node.op == "Tanh" for node in function.node_def) for function in functions}
    return counts - {0}


@pytest.mark.parametrize(
    "options", [{}, {"checkpoint_every": 4}, {"zoneout": 0.2, "seed": 1}], ids=str
)
def test_gradients_do_not_depend_on_the_unroll_factor(options):
    cell = zoo.Recurrent("mgu", 4).cell
    expected = gradients(zoo.Recurrent(cell, **options))
    for factor in FACTORS:
        found = gradients(zoo.Recurrent(cell, unroll_factor=factor, **options))
        for gradient, expected_gradient in zip(found, expected, strict=True):
            np.testing.assert_allclose(gradient, expected_gradient, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, {4, 1}),  # one iteration of 4 timesteps, then 3 iterations of 1
        ({"unroll_factor": 1}, {1}),
        ({"unroll_factor": 3}, {3, 1}),
        ({"unroll_factor": 7}, {7}),
        ({"unroll_factor": 20}, {7}),
        ({"unroll_factor": 3, "checkpoint_every": 4}, {3, 1}),
        ({"unroll_factor": 20, "checkpoint_every": 4}, {4}),
        ({"unroll_factor": 3, "zoneout": 0.2}, {3, 1}),
    ],
    ids=str,
)
def test_loop_iteration_computes_unroll_factor_timesteps(options, expected):
    assert steps_per_iteration(zoo.Recurrent("mgu", 4, **options)) == expected


@pytest.mark.parametrize(("timesteps", "factor"), [(None, 4), (100, 4), (9, 3), (7, 4), (2, 2)])
def test_default_unroll_factor_divides_the_timesteps_where_possible(timesteps, factor):
    assert choose_unroll_factor(timesteps) == factor


@pytest.mark.parametrize(
    ("timesteps", "requested", "factor"), [(None, 9, 9), (100, 9, 9), (7, 9, 7)]
)
def test_requested_unroll_factor_is_limited_by_the_timesteps(timesteps, requested, factor):
    assert choose_unroll_factor(timesteps, requested) == factor


def test_unrolled_loops_cover_all_timesteps():
    assert unrolled_loops(8, 4) == [UnrolledLoop(4, 2, 0)]
    assert unrolled_loops(7, 3) == [UnrolledLoop(3, 2, 0), UnrolledLoop(1, 1, 6)]
    unknown = [tuple(map(int, loop)) for loop in unrolled_loops(tf.constant(9), 4)]
    assert unknown == [(4, 2, 0), (1, 1, 8)]


@pytest.mark.parametrize("name", ["unroll_factor", "checkpoint_every"])
@pytest.mark.parametrize("value", [0, -1, 2.5, True, "3"])
def test_invalid_number_of_timesteps_is_rejected(name, value):
    with pytest.raises(zoo.RequestError, match=name):
        zoo.Recurrent("lstm", 4, **{name: value})


@pytest.mark.parametrize("name", ["unroll_factor", "checkpoint_every"])
def test_config_round_trip_keeps_the_number_of_timesteps(name):
    layer = zoo.Recurrent("lstm", 4, **{name: 9})
    assert getattr(keras.layers.deserialize(keras.layers.serialize(layer)), name) == 9
