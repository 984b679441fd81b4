"""Initial values of the RWKV cells: fixed lines and powers over the channels."""

from collections.abc import Callable
from typing import Any

import numpy as np
from keras import ops

from zoo.cell_base.step_context import Tensor


def channel_line(width: int) -> np.ndarray:
    """Return numbers from 0 for the first of `width` channels to 1 for the last."""
    return np.arange(width) / max(width - 1, 1)


def power_line(width: int, power: float) -> np.ndarray:
    """Return (i / width) ** power for the channels i = 0, 1, ..."""
    return (np.arange(width) / width) ** power


def zigzag(keys: int, heads: int) -> np.ndarray:
    """Return z |z| for z from -1 to 1 over the channels of each head, (heads * keys,)."""
    z = 2 * channel_line(keys) - 1
    return np.tile(z * np.abs(z), heads)


def initial(values: np.ndarray) -> Callable[..., Tensor]:
    """Return an initializer with fixed values."""

    def initialize(shape: tuple[int, ...], dtype: Any = None) -> Tensor:
        return ops.convert_to_tensor(values.reshape(shape), dtype)

    return initialize
