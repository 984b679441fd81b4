"""Matrix products in padded, transposed and cut layouts equal the plain products."""

import numpy as np
import pytest
import tensorflow as tf

import zoo
from zoo.engine.matmul import (
    PADDING_COLUMNS,
    Kernel,
    affine,
    column_blocks,
    kernel_gradient,
    pad_columns,
)

on_cpu = pytest.mark.skipif(
    bool(tf.config.list_physical_devices("GPU")), reason="layouts are for CPUs"
)


def normal(*shape):
    return tf.constant(np.random.default_rng(0).normal(size=shape), "float32")


@on_cpu
@pytest.mark.parametrize(("width", "padded"), [(256, True), (512, True), (255, False)])
def test_columns_are_padded_where_rows_conflict_in_the_cache(width, padded):
    matrix = normal(2, width)
    result = pad_columns(matrix)
    assert result.shape == (2, width + PADDING_COLUMNS * padded)
    np.testing.assert_array_equal(result[:, :width], matrix)
    assert not np.any(result[:, width:])


@on_cpu
@pytest.mark.parametrize(
    ("units", "width", "rows", "count"),
    [
        (256, 1024, 32, 8),
        (256, 1024, None, 8),
        (200, 803, 20, 6),  # the last block is not a multiple of eight columns
        (256, 256, 32, 2),
        (64, 256, 32, 1),  # too small
        (512, 2048, 8, 1),  # no block fits into a cache
        (256, 1024, 128, 1),  # enough rows for all threads
    ],
)
def test_columns_are_cut_where_blocks_are_faster(units, width, rows, count, monkeypatch):
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    matrix = normal(units, width)
    blocks = column_blocks(matrix, rows)
    assert len(blocks) == count
    np.testing.assert_array_equal(tf.concat(blocks, -1), matrix)
    assert all(block.shape[-1] % 8 == 0 for block in blocks[:-1])


def test_one_processor_multiplies_by_the_whole_kernel(monkeypatch):
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    assert len(column_blocks(normal(256, 1024), 32)) == 1


@pytest.mark.parametrize("in_blocks", [True, False])
@pytest.mark.parametrize(("units", "width"), [(256, 512), (200, 803), (3, 5)])
def test_kernel_multiplies_by_itself_and_by_its_transpose(units, width, in_blocks):
    matrix, h, d = normal(units, width), normal(2, units), normal(2, width)
    kernel = Kernel(matrix, 2, in_blocks)
    np.testing.assert_allclose(kernel.times(h), h @ matrix, rtol=1e-4, atol=1e-4)
    expected = d @ tf.transpose(matrix)
    np.testing.assert_allclose(kernel.transposed()(d), expected, rtol=1e-4, atol=1e-4)


def test_kernel_gradient_sums_over_timesteps_and_rows():
    inputs, d = normal(4, 2, 3), normal(4, 2, 256)
    expected = np.einsum("tbu,tbw->uw", inputs, d)
    np.testing.assert_allclose(kernel_gradient(inputs, d), expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("has_bias", [True, False])
def test_affine_has_the_gradients_of_the_plain_product_and_sum(has_bias):
    x, kernel, bias = normal(4, 2, 3), normal(3, 5), normal(5)
    inputs = [x, kernel, bias] if has_bias else [x, kernel]
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(inputs)
        result = affine(x, kernel, bias if has_bias else None)
        expected = tf.matmul(x, kernel) + (bias if has_bias else 0.0)
        losses = tf.reduce_sum(result**2), tf.reduce_sum(expected**2)
    np.testing.assert_allclose(result, expected, rtol=1e-5)
    actual_gradients, expected_gradients = (tape.gradient(loss, inputs) for loss in losses)
    for gradient, expected_gradient in zip(actual_gradients, expected_gradients, strict=True):
        np.testing.assert_allclose(gradient, expected_gradient, rtol=1e-4)


@pytest.mark.parametrize("cell", ["lstm", "layer_norm_lstm"])  # elementwise, and replayed
def test_gradients_through_cut_kernels_equal_those_of_the_plain_loop(cell):
    layer = zoo.Recurrent(cell, 160, seed=0)
    x = normal(2, 3, 4)
    layer(x)
    results = []
    for training in (True, False):
        with tf.GradientTape() as tape:
            tape.watch(x)
            loss = tf.reduce_sum(layer(x, training=training) ** 2)
        results.append([loss, *tape.gradient(loss, [x, *layer.trainable_variables])])
    for one, other in zip(*results, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)
