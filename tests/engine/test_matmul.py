"""Matrix products in padded and transposed layouts equal the plain products."""

import numpy as np
import pytest
import tensorflow as tf

from zoo.engine.matmul import PADDING_COLUMNS, Kernel, kernel_gradient, matmul, pad_columns


def normal(*shape):
    return tf.constant(np.random.default_rng(0).normal(size=shape), "float32")


@pytest.mark.skipif(bool(tf.config.list_physical_devices("GPU")), reason="layouts are for CPUs")
@pytest.mark.parametrize(("width", "padded"), [(256, True), (512, True), (255, False)])
def test_columns_are_padded_where_rows_conflict_in_the_cache(width, padded):
    matrix = normal(2, width)
    result = pad_columns(matrix)
    assert result.shape == (2, width + PADDING_COLUMNS * padded)
    np.testing.assert_array_equal(result[:, :width], matrix)
    assert not np.any(result[:, width:])


@pytest.mark.parametrize(("units", "width"), [(256, 512), (3, 5)])
def test_kernel_multiplies_by_itself_and_by_its_transpose(units, width):
    matrix, h, d = normal(units, width), normal(2, units), normal(2, width)
    kernel = Kernel(matrix)
    np.testing.assert_allclose(kernel.times(h), h @ matrix, rtol=1e-4, atol=1e-4)
    expected = d @ tf.transpose(matrix)
    np.testing.assert_allclose(kernel.transposed()(d), expected, rtol=1e-4, atol=1e-4)


def test_kernel_gradient_sums_over_timesteps_and_rows():
    inputs, d = normal(4, 2, 3), normal(4, 2, 256)
    expected = np.einsum("tbu,tbw->uw", inputs, d)
    np.testing.assert_allclose(kernel_gradient(inputs, d), expected, rtol=1e-4, atol=1e-4)


def test_matmul_has_the_gradients_of_the_plain_product():
    x, kernel = normal(4, 2, 3), normal(3, 5)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([x, kernel])
        product, expected = matmul(x, kernel), tf.matmul(x, kernel)
        losses = tf.reduce_sum(product**2), tf.reduce_sum(expected**2)
    np.testing.assert_allclose(product, expected, rtol=1e-5)
    actual_gradients, expected_gradients = (tape.gradient(loss, [x, kernel]) for loss in losses)
    for gradient, expected_gradient in zip(actual_gradients, expected_gradients, strict=True):
        np.testing.assert_allclose(gradient, expected_gradient, rtol=1e-4)
