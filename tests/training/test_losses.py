"""A softmax and its cross-entropy in one are those of TensorFlow."""

import numpy as np
import pytest
import tensorflow as tf

from zoo.training.losses import cross_entropy

TARGETS = np.array([2, 0, 2, 4, 1], "int32")


def tensors(scale):
    chance = np.random.default_rng(0)
    return [
        tf.constant(scale * chance.normal(size=shape), tf.float32)
        for shape in ((5, 3), (3, 6), (6,))
    ]


def apart(states, kernel, bias, targets):
    return tf.reduce_mean(
        tf.nn.sparse_softmax_cross_entropy_with_logits(targets, tf.matmul(states, kernel) + bias)
    )


def value_and_gradients(loss, tensors):
    with tf.GradientTape() as tape:
        tape.watch(tensors)
        value = 3 * loss(*tensors, TARGETS)
    return value, *tape.gradient(value, tensors)


@pytest.mark.parametrize("scale", [1, 20], ids=["moderate", "logits of hundreds"])
def test_as_apart(scale):
    for one, other in zip(
        value_and_gradients(apart, tensors(scale)),
        value_and_gradients(cross_entropy, tensors(scale)),
        strict=True,
    ):
        np.testing.assert_allclose(other, one, rtol=1e-5, atol=1e-6)


def test_a_whole_number_of_rows_is_not_needed_before_the_graph_runs():
    @tf.function(input_signature=[tf.TensorSpec((None, 3))])
    def loss(states):
        return cross_entropy(states, *tensors(1)[1:], TARGETS)

    np.testing.assert_allclose(loss(tensors(1)[0]), apart(*tensors(1), TARGETS), rtol=1e-6)
