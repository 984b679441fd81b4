"""The matrices of Legendre memory units."""

import numpy as np
import pytest

from zoo.cell_base.legendre import legendre_memory, matrix_exponential


@pytest.mark.parametrize("scale", [0.0, 0.1, 5.0])
def test_exponential_of_a_symmetric_matrix_equals_that_of_its_eigenvalues(scale):
    matrix = np.random.default_rng(0).normal(size=(6, 6)) * scale
    values, vectors = np.linalg.eigh(matrix + matrix.T)
    expected = (vectors * np.exp(values)) @ vectors.T
    np.testing.assert_allclose(matrix_exponential(matrix + matrix.T), expected, rtol=1e-10)


def test_input_matrix_is_the_zero_order_hold_of_the_transition():
    # Bbar = A^-1 (Abar - I) B, with the continuous A and B of order 2
    A, B = np.array([[-1.0, -1.0], [3.0, -3.0]]), np.array([1.0, -3.0])
    transition, entry = legendre_memory(2, 10.0)
    np.testing.assert_allclose(entry, np.linalg.solve(A, (transition - np.eye(2)) @ B), rtol=1e-12)


@pytest.mark.parametrize(("order", "window"), [(6, 50.0), (16, 100.0), (64, 784.0)])
@pytest.mark.parametrize("share", [0.25, 0.75])  # of the window; the signal is then -1 and 1
def test_memory_reconstructs_the_signal_of_its_window(order, window, share):
    transition, entry = legendre_memory(order, window)
    times = np.arange(3 * int(window))
    signal = np.sin(2 * np.pi * times / window)
    memory = np.zeros(order)
    for u in signal:
        memory = transition @ memory + entry * u
    shifted = np.polynomial.legendre.legval(2 * share - 1, memory)
    assert abs(shifted - signal[-1 - int(share * window)]) < 0.02
