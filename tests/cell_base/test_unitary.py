"""Factors of unitary matrices."""

import numpy as np
import pytest
import tensorflow as tf

from zoo.cell_base.unitary import (
    fourier,
    identity_rows,
    modulus,
    numpy_complex,
    numpy_pair_rotations,
    numpy_real,
    pair_rotations,
    reflect,
)

RANDOM = np.random.default_rng(0)


def pair(*shape):
    return tuple(tf.constant(RANDOM.normal(size=shape)) for _ in range(2))


def as_complex(rows):
    return np.asarray(rows[0]) + 1j * np.asarray(rows[1])


def test_identity_rows_are_the_real_basis():
    np.testing.assert_array_equal(
        as_complex(identity_rows(4, "float64")), [[1, 0], [0, 1], [1j, 0], [0, 1j]]
    )


@pytest.mark.parametrize("size", [1, 2, 5, 64])
def test_fourier_equals_numpy_and_its_inverse_inverts_it(size):
    rows = pair(3, size)
    transformed = fourier(rows)
    expected = np.fft.fft(as_complex(rows), norm="ortho")
    np.testing.assert_allclose(as_complex(transformed), expected, atol=1e-12)
    np.testing.assert_allclose(
        as_complex(fourier(transformed, inverse=True)), as_complex(rows), atol=1e-12
    )


def test_reflection_negates_its_vector_and_keeps_norms():
    rows, v = pair(3, 5), pair(5)
    reflected = as_complex(reflect(rows, v))
    norms = np.linalg.norm(as_complex(rows), axis=1)
    np.testing.assert_allclose(np.linalg.norm(reflected, axis=1), norms)
    own = tuple(part[None] for part in v)
    np.testing.assert_allclose(as_complex(reflect(own, v)), -as_complex(own))


@pytest.mark.parametrize("size", [2, 3, 8])
def test_pair_rotations_keep_norms_and_reach_all_neighbours(size):
    theta, phi = pair(2, size - 1)
    rows = np.eye(size), np.zeros((size, size))
    matrix = as_complex(pair_rotations(rows, theta, phi))
    np.testing.assert_allclose(matrix @ matrix.conj().T, np.eye(size), atol=1e-12)
    assert np.all(np.abs(np.diag(matrix, 1)) > 0) and np.all(np.abs(np.diag(matrix, -1)) > 0)


def test_real_rows_remain_real_without_phases():
    rows = np.eye(5), np.zeros((5, 5))
    real, imaginary = pair_rotations(rows, pair(2, 4)[0])
    np.testing.assert_allclose(real @ np.transpose(real), np.eye(5), atol=1e-12)
    assert not np.any(imaginary)


def test_modulus_has_a_finite_gradient_at_zero():
    real = tf.Variable([3.0, 0.0])
    with tf.GradientTape() as tape:
        result = modulus((real, tf.constant([4.0, 0.0])))
    np.testing.assert_allclose(result, [5, 0], atol=1e-6)
    np.testing.assert_allclose(tape.gradient(result, real), [0.6, 0], atol=1e-6)


def test_numpy_pair_rotations_equal_those_of_keras():
    rows = pair(3, 5)
    theta, phi = RANDOM.normal(size=(2, 2, 4))
    expected = as_complex(pair_rotations(rows, tf.constant(theta), tf.constant(phi)))
    actual = numpy_pair_rotations(as_complex(rows), theta, np.exp(1j * phi))
    np.testing.assert_allclose(actual, expected, atol=1e-12)


def test_complex_rows_become_real_ones_and_back():
    rows = RANDOM.normal(size=(3, 8))
    np.testing.assert_array_equal(numpy_complex(rows)[:, 1], rows[:, 1] + 1j * rows[:, 5])
    np.testing.assert_array_equal(numpy_real(numpy_complex(rows)), rows)
