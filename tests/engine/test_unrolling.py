"""However many timesteps a turn does, the numbers are the same."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import zoo
from zoo.engine import scan, unrolling

X = np.random.default_rng(0).normal(size=(2, 7, 3)).astype("float32")


def gradients(layer):
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(layer(X, training=True) ** 2)
    return tape.gradient(total, layer.trainable_weights)


@pytest.mark.parametrize(
    "more", [{}, {"checkpoint_every": 4}, {"zoneout": 0.2, "seed": 1}], ids=str
)
@pytest.mark.parametrize("unroll_factor", [1, 3, 7, 20])
def test_what_was_asked_is_done_and_changes_no_number(unroll_factor, more, monkeypatch):
    cell, seen = zoo.Recurrent("mgu", 4).cell, []
    expected = gradients(zoo.Recurrent(cell, **more))
    monkeypatch.setattr(
        scan,
        "choose_unroll_factor",
        lambda timesteps, asked: (
            seen.append(unrolling.choose_unroll_factor(timesteps, asked)) or seen[-1]
        ),
    )
    for one, other in zip(
        expected, gradients(zoo.Recurrent(cell, unroll_factor=unroll_factor, **more)), strict=True
    ):
        np.testing.assert_allclose(other, one, rtol=1e-4, atol=1e-6)
    assert set(seen) == {min(unroll_factor, more.get("checkpoint_every", 7))}


@pytest.mark.parametrize(("timesteps", "size"), [(None, 4), (100, 4), (9, 3), (7, 4), (2, 2)])
def test_a_turn_divides_the_timesteps_where_it_can(timesteps, size):
    assert unrolling.choose_unroll_factor(timesteps) == size


@pytest.mark.parametrize("name", ["unroll_factor", "checkpoint_every"])
@pytest.mark.parametrize("value", [0, -1, 2.5, True, "3"])
def test_what_is_no_number_of_timesteps_is_refused(name, value):
    with pytest.raises(zoo.RequestError, match=name):
        zoo.Recurrent("lstm", 4, **{name: value})


@pytest.mark.parametrize("name", ["unroll_factor", "checkpoint_every"])
def test_it_travels_in_the_configuration(name):
    layer = zoo.Recurrent("lstm", 4, **{name: 9})
    assert getattr(keras.layers.deserialize(keras.layers.serialize(layer)), name) == 9
