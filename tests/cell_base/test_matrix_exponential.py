"""The exponential of a skew-symmetric matrix, and the initializers of its elements."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from zoo.cell_base.matrix_exponential import INITIALIZERS, exponential, skew_symmetric


def skew(size, scale, dtype="float64"):
    elements = np.random.default_rng(size).normal(scale=scale, size=size * (size - 1) // 2)
    return skew_symmetric(tf.constant(elements, dtype), size)


def by_eigenvalues(matrix):
    angles, vectors = np.linalg.eigh(1j * np.asarray(matrix, "float64"))
    return ((vectors * np.exp(-1j * angles)) @ vectors.conj().T).real


def test_elements_are_above_the_diagonal_row_by_row():
    matrix = np.asarray(skew_symmetric(tf.constant([1.0, 2.0, 3.0]), 3))
    np.testing.assert_array_equal(matrix, [[0, 1, 2], [-1, 0, 3], [-2, -3, 0]])


@pytest.mark.parametrize("scale", [0.0, 0.01, 0.3, 3.0])
@pytest.mark.parametrize("size", [1, 2, 5, 64])
@pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 1e-6), ("float64", 1e-14)])
def test_exponential_equals_that_of_the_eigenvalues_and_is_orthogonal(
    size, scale, dtype, tolerance
):
    matrix = skew(size, scale, dtype)
    result = np.asarray(exponential(matrix), "float64")
    assert np.abs(result - by_eigenvalues(matrix)).max() < tolerance
    assert np.abs(result @ result.T - np.eye(size)).max() < tolerance


@pytest.mark.parametrize("angle", [1.29, 2.55, 5.1, 300.0])
def test_exponential_is_a_rotation_at_the_largest_norm_of_each_number_of_squarings(angle):
    result = exponential(skew_symmetric(tf.constant([angle]), 2))
    expected = [[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]
    np.testing.assert_allclose(result, expected, atol=2e-5 if angle > 100 else 1e-6)


@pytest.mark.parametrize("scale", [0.01, 1.0])  # without and with squarings
def test_gradient_equals_finite_differences(scale):
    elements = np.random.default_rng(0).normal(scale=scale, size=6)
    factors = np.random.default_rng(1).normal(size=(4, 4))

    def total(elements):
        return tf.reduce_sum(exponential(skew_symmetric(tf.constant(elements), 4)) * factors)

    variable = tf.Variable(elements)
    with tf.GradientTape() as tape:
        result = tf.reduce_sum(exponential(skew_symmetric(variable, 4)) * factors)
    differences = [
        float(total(elements + step) - total(elements - step)) / 2e-6 for step in 1e-6 * np.eye(6)
    ]
    np.testing.assert_allclose(tape.gradient(result, variable), differences, atol=1e-8)


def test_nan_is_returned_and_not_an_error():
    assert np.isnan(exponential(tf.fill((3, 3), np.float32("nan")))).all()


@pytest.mark.parametrize(
    ("name", "low", "high"), [("henaff", -np.pi, np.pi), ("cayley", -1.0, 0.0)]
)
def test_initializers_rotate_pairs_of_rows(name, low, high):
    keras.utils.set_random_seed(0)
    size = 41
    elements = INITIALIZERS[name]((size * (size - 1) // 2,), "float32")
    matrix = np.asarray(skew_symmetric(elements, size))
    rows = np.arange(0, size - 1, 2)
    angles = matrix[rows, rows + 1]
    assert np.count_nonzero(matrix) == 2 * len(rows) and not matrix[-1].any()
    assert low < angles.min() < angles.max() < high
    assert np.ptp(angles) > (high - low) / 2
