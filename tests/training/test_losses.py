"""Fused and sampled softmax cross-entropy against TensorFlow's separate operations."""

import numpy as np
import pytest
import tensorflow as tf

from zoo.training.losses import fused_cross_entropy, log_uniform, log_uniform_probability

TARGETS = np.array([2, 0, 2, 4, 1], "int32")


def tensors(scale):
    """Return states, kernel and bias."""
    random = np.random.default_rng(0)
    shapes = ((5, 3), (3, 6), (6,))
    return [tf.constant(scale * random.normal(size=shape), tf.float32) for shape in shapes]


def separate_cross_entropy(states, kernel, bias, targets):
    logits = tf.matmul(states, kernel) + bias
    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(targets, logits))


def value_and_gradients(loss, tensors):
    with tf.GradientTape() as tape:
        tape.watch(tensors)
        value = 3 * loss(*tensors, TARGETS)
    return value, *tape.gradient(value, tensors)


@pytest.mark.parametrize("scale", [1, 20], ids=["moderate", "logits of hundreds"])
def test_fused_cross_entropy_matches_separate_operations(scale):
    expected = value_and_gradients(separate_cross_entropy, tensors(scale))
    found = value_and_gradients(fused_cross_entropy, tensors(scale))
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


def test_fused_cross_entropy_accepts_an_unknown_number_of_rows():
    @tf.function(input_signature=[tf.TensorSpec((None, 3))])
    def loss(states):
        return fused_cross_entropy(states, *tensors(1)[1:], TARGETS)

    expected = separate_cross_entropy(*tensors(1), TARGETS)
    np.testing.assert_allclose(loss(tensors(1)[0]), expected, rtol=1e-6)


def test_log_uniform_samples_follow_the_log_uniform_distribution():
    ids = log_uniform(200_000, 50, (3, 4)).numpy()
    probabilities = np.log((np.arange(50) + 2) / (np.arange(50) + 1)) / np.log(51)
    np.testing.assert_allclose(np.bincount(ids, minlength=50) / len(ids), probabilities, atol=3e-3)
    np.testing.assert_allclose(log_uniform_probability(np.arange(50), 50), probabilities, rtol=1e-5)
