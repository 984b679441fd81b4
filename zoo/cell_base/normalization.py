"""Layer normalization of the units of a step, for `step` and for `reference`."""

import numpy as np
from keras import ops

from zoo.cell_base.step_context import Tensor

EPSILON = 1e-5


def normalize(a: Tensor) -> Tensor:
    """Return `a` with mean 0 and variance 1 along the last axis."""
    mean, variance = ops.moments(a, -1, keepdims=True)
    return (a - mean) * ops.rsqrt(variance + EPSILON)


def numpy_normalize(a: np.ndarray) -> np.ndarray:
    """Return the same in NumPy, for `RecurrentCell.reference`."""
    return (a - a.mean(-1, keepdims=True)) / np.sqrt(a.var(-1, keepdims=True) + EPSILON)
