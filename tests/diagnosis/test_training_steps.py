"""The gradient noise scale, and the loss along an update."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import zoo
from zoo.diagnosis.training_steps import NoiseScale

X = np.random.default_rng(0).normal(size=(4, 12, 3)).astype("float32")
Y = np.ones((4, 1), "float32")


def scale(gradients, sizes):
    noise = NoiseScale()
    for gradient, size in zip(gradients, sizes, strict=True):
        noise.add([tf.constant(gradient, "float32")], size)
    return noise.value()


def test_noise_scale_is_variance_over_squared_gradient():
    # Mean 2, so 4; variance of the batches 2, of which half is in the square of the mean.
    assert scale([[3.0], [1.0]], [10, 10]) == pytest.approx(10 * 2 / 3)


def test_noise_scale_of_random_gradients_is_that_of_their_distribution():
    random = np.random.default_rng(0)
    batches = 1.0 + random.normal(size=(4000, 5)) * np.sqrt(30.0 / 6)  # 6 sequences each
    assert scale(batches, [6] * 4000) == pytest.approx(30, rel=0.05)


@pytest.mark.parametrize(
    ("gradients", "sizes"),
    [
        ([[3.0]], [10]),
        ([[3.0], [1.0]], [10, 9]),
        ([[1.0], [-1.0]], [5, 5]),
        ([[np.inf]] * 2, [5] * 2),
    ],
)
def test_noise_scale_is_unknown_without_a_signal_or_with_too_few_batches(gradients, sizes):
    assert scale(gradients, sizes) is None


def test_loss_slice_passes_through_the_loss_after_one_step():
    model = keras.Sequential(
        [keras.Input((None, 3)), zoo.Recurrent("gru", 4), keras.layers.Dense(1)]
    )
    model.compile(keras.optimizers.SGD(0.1), "mse")
    found = zoo.diagnose(model, (X, Y)).loss_slice
    losses = dict(zip(found.multiples, found.losses, strict=True))
    assert losses[0] == pytest.approx(model.evaluate(X, Y, verbose=0), rel=1e-5)
    model.train_on_batch(X, Y)
    assert losses[1] == pytest.approx(model.evaluate(X, Y, verbose=0), rel=1e-5)
    assert losses[1] < losses[0] < losses[-1]
