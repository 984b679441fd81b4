"""The recurrent kernels of orthogonal and unitary cells stay so while they are trained."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import zoo

STEPS = 30


@pytest.mark.parametrize("name", zoo.cells.names(tags=("orthogonal",)))
def test_recurrent_kernel_stays_orthogonal_in_training(name):
    keras.utils.set_random_seed(0)
    layer = zoo.Recurrent(name, units=32)
    layer.build((8, 6, 3))
    optimizer = keras.optimizers.Adam(0.02)
    random = np.random.default_rng(1)

    @tf.function(autograph=False)
    def train_step(x, y):
        with tf.GradientTape() as tape:
            error = tf.reduce_mean((layer(x, training=True) - y) ** 2)
        weights = layer.trainable_weights
        optimizer.apply(tape.gradient(error, [weight.value for weight in weights]), weights)

    first = np.asarray(layer.cell.recurrent_matrix(), "float64")
    for _ in range(STEPS):
        train_step(
            *(tf.constant(random.normal(size=shape), "float32") for shape in ((8, 6, 3), (8, 32)))
        )
    matrix = np.asarray(layer.cell.recurrent_matrix(), "float64")
    assert np.abs(matrix - first).max() > 0.05
    assert np.abs(matrix.T @ matrix - np.eye(32)).max() < 1e-4
