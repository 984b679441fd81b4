"""Skew-symmetric matrices and their exponentials, for orthogonal recurrent kernels."""

import math
from typing import Any

import keras
import numpy as np
from keras import ops

from zoo.cell_base.step_context import Tensor

_TAYLOR = [1 / math.factorial(power) for power in range(12)]
# Largest 1-norm at which the Taylor polynomial is exact up to rounding.
_LIMITS = {"float64": 0.24, "float32": 1.3}
_SQUARINGS = 12  # enough for a 1-norm of 900


def skew_symmetric(elements: Tensor, size: int) -> Tensor:
    """Return the skew-symmetric matrix (size, size) with given elements above the diagonal.

    Args:
        elements: (size * (size - 1) / 2,), row by row.
        size: number of rows.
    """
    places = np.stack(np.triu_indices(size, 1), -1)
    upper = ops.scatter(places, ops.convert_to_tensor(elements), (size, size))
    return upper - ops.transpose(upper)


def henaff(shape: tuple[int, ...], dtype: Any = None) -> Tensor:
    """Return the elements of rotations of pairs of rows by angles in (-pi, pi).

    Args:
        shape: (size * (size - 1) / 2,), as `skew_symmetric` takes the elements.
        dtype: float32 or float64.
    """
    return _rotations(keras.random.uniform(shape, -math.pi, math.pi, dtype))


def cayley(shape: tuple[int, ...], dtype: Any = None) -> Tensor:
    """Return the elements of rotations of pairs of rows by angles -tan(a), a in (0, pi / 4).

    The arguments are those of `henaff`.
    """
    return _rotations(-ops.tan(keras.random.uniform(shape, 0.0, math.pi / 4, dtype)))


# Initializers of the elements, by the names of their authors (arXiv 1901.08428, section 4).
INITIALIZERS = {"henaff": henaff, "cayley": cayley}


def _rotations(angles: Tensor) -> Tensor:
    """Return the elements with `angles` at rows 0, 2, ... of the superdiagonal, otherwise 0."""
    size = (1 + math.isqrt(1 + 8 * angles.shape[0])) // 2
    rows, columns = np.triu_indices(size, 1)
    return angles * ops.cast((rows % 2 == 0) & (columns == rows + 1), angles.dtype)


def exponential(skew: Tensor) -> Tensor:
    """Return the exponential of a skew-symmetric matrix, which is orthogonal.

    It is differentiable on every backend of Keras. In float32, both the error and the deviation
    from orthogonality are below 1e-6 up to a size of 200.

    Args:
        skew: skew-symmetric (size, size), float32 or float64, with a 1-norm of at most 900.
    """
    limit = _LIMITS[keras.backend.standardize_dtype(skew.dtype)]
    norm = ops.stop_gradient(ops.max(ops.sum(ops.abs(skew), 0)))
    halvings = [norm > limit * 2**number for number in range(_SQUARINGS)]
    for is_halved in halvings:
        skew = skew * ops.where(is_halved, ops.cast(0.5, skew.dtype), 1)
    result = _taylor_polynomial(skew)
    for is_halved in halvings:
        result = ops.cond(is_halved, lambda m=result: ops.matmul(m, m), lambda m=result: m)
    # Squaring accumulates rounding errors; one Newton-Schulz iteration restores orthogonality.
    return 1.5 * result - 0.5 * ops.matmul(result, ops.matmul(ops.transpose(result), result))


def _taylor_polynomial(x: Tensor) -> Tensor:
    """Return the Taylor polynomial of degree 11 of exp(x), by five matrix products."""
    identity = ops.eye(x.shape[0], dtype=x.dtype)
    square = ops.matmul(x, x)
    powers = (identity, x, square, ops.matmul(square, x))
    low, middle, high = (
        sum(factor * power for factor, power in zip(_TAYLOR[k : k + 4], powers, strict=True))
        for k in (0, 4, 8)
    )
    fourth = ops.matmul(square, square)
    return low + ops.matmul(fourth, middle + ops.matmul(fourth, high))
