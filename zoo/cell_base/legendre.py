"""The constant matrices of Legendre memory units, computed in float64 NumPy."""

import math

import numpy as np


def matrix_exponential(matrix: np.ndarray) -> np.ndarray:
    """Return the exponential of a square matrix, by a Taylor polynomial and squarings."""
    norm = np.abs(matrix).sum(0).max()
    squarings = max(0, math.ceil(math.log2(norm)) + 2) if norm > 0 else 0
    scaled = matrix / 2.0**squarings  # the norm is at most 1/4
    result, term = np.eye(len(matrix)), np.eye(len(matrix))
    for power in range(1, 14):
        term = term @ scaled / power
        result = result + term
    for _ in range(squarings):
        result = result @ result
    return result


def legendre_memory(order: int, window: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the matrices of a memory of the last `window` timesteps of a signal u.

    The memory m' = m A^T + u B^T holds the coefficients of Legendre polynomials. A and B are
    discretized by a zero-order hold (Voelker et al. 2019, equations 1 and 2).

    Args:
        order: number of coefficients.
        window: length of the window, in timesteps.

    Returns:
        A (order, order) and B (order,).
    """
    i, j = np.mgrid[:order, :order]
    continuous = np.zeros((order + 1, order + 1))
    continuous[:order, :order] = (2 * i + 1) * np.where(i < j, -1.0, (-1.0) ** (i - j + 1))
    continuous[:order, order] = (2 * i[:, 0] + 1) * (-1.0) ** i[:, 0]
    discrete = matrix_exponential(continuous / window)
    return discrete[:order, :order], discrete[:order, order]
