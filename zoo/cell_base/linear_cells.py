"""Base classes of cells that are linear in their state, initial decays, and splits by head."""

import math
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import ops

from zoo.errors import RequestError
from zoo.recurrent_cell import RecurrentCell, Tensor


def time_step_bias(shape: tuple[int, ...], dtype: Any = None) -> Tensor:
    """Return initial biases b with softplus(b) log-uniform in [0.001, 0.1] (arXiv 2312.00752)."""
    dt = ops.exp(keras.random.uniform(shape, math.log(0.001), math.log(0.1), dtype))
    return dt + ops.log(-ops.expm1(-dt))


def log_integers(shape: tuple[int, ...], dtype: Any = None) -> Tensor:
    """Return log 1, log 2, ... in each row: the decay rates of S4D-Real (arXiv 2206.11893)."""
    row = ops.log(ops.arange(1, shape[-1] + 1, dtype=dtype or keras.config.floatx()))
    return ops.broadcast_to(row, shape)


def log_uniform_rates(shape: tuple[int, ...], dtype: Any = None) -> Tensor:
    """Return log a with a uniform in [1e-4, 16]: the decay rates of Mamba-2 (arXiv 2405.21060)."""
    return ops.log(keras.random.uniform(shape, 1e-4, 16.0, dtype))


def ring(r_min: float, r_max: float, max_phase: float) -> dict[str, Callable[..., Tensor]]:
    """Return initializers of complex decays, uniform on a ring (arXiv 2303.06349, section 3).

    Args:
        r_min: smallest modulus.
        r_max: largest modulus.
        max_phase: largest angle, in radians.

    Returns:
        The initializers of "nu" and "theta", the logarithms of the negated log modulus and of the
        angle, and of "gamma" = log sqrt(1 - modulus^2). They are called in this order.
    """
    drawn: dict[str, Tensor] = {}

    def nu(shape: tuple[int, ...], dtype: Any = None) -> Tensor:
        u = keras.random.uniform(shape, 1e-6, 1 - 1e-6, dtype)
        drawn["log_modulus"] = 0.5 * ops.log(u * (r_max**2 - r_min**2) + r_min**2)
        return ops.log(-drawn["log_modulus"])

    def theta(shape: tuple[int, ...], dtype: Any = None) -> Tensor:
        return ops.log(max_phase * keras.random.uniform(shape, 1e-6, 1.0, dtype))

    def gamma(shape: tuple[int, ...], dtype: Any = None) -> Tensor:
        return 0.5 * ops.log(-ops.expm1(2 * drawn["log_modulus"]))

    return {"nu": nu, "theta": theta, "gamma": gamma}


def by_head(x: Tensor, heads: int) -> Tensor:
    """Reshape (..., width) to (..., heads, width / heads)."""
    return ops.reshape(x, (*ops.shape(x)[:-1], heads, x.shape[-1] // heads))


def join_last(x: Tensor) -> Tensor:
    """Reshape (..., rows, columns) to (..., rows * columns)."""
    return ops.reshape(x, (*ops.shape(x)[:-2], x.shape[-2] * x.shape[-1]))


def unit_norm(x: Tensor) -> Tensor:
    """Return x / |x| along the last axis."""
    return x * ops.rsqrt(ops.sum(x * x, -1, keepdims=True) + 1e-6)


class StateSpaceCell(RecurrentCell):
    """Base class of cells with `linear` or `memory` that compute in float32, without a bias."""

    bias_gates = ()
    state_names = ("s",)
    recurrent_shape = "none"
    float32 = True


class MemoryCell(StateSpaceCell):
    """Base class of cells whose state is a matrix S (K, V) for each head, K = V = units / heads.

    A subclass defines `memory`. Its state is S, flattened: (batch, units * units / heads).

    Args:
        units: width of the output.
        heads: number of heads, a divisor of `units`; None: 4, or 1 if 4 does not divide it.
        **kwargs: further arguments, see `RecurrentCell`.

    Raises:
        RequestError: `heads` does not divide `units`.
    """

    state_names = ("S",)

    def __init__(self, units: int, heads: int | None = None, **kwargs: Any) -> None:
        super().__init__(units, **kwargs)
        self.heads = heads or (4 if units % 4 == 0 else 1)
        if units % self.heads:
            raise RequestError(f"heads={heads} does not divide units={units}. Try heads=1.")

    def state_sizes(self) -> dict[str, int]:
        """Return the width of the flattened state."""
        return {"S": self.units**2 // self.heads}

    def by_head(self, x: Tensor) -> Tensor:
        """Reshape (..., units) to (..., heads, units / heads)."""
        return by_head(x, self.heads)

    def rms_norm(self, o: Tensor, epsilon: float = 1e-5) -> Tensor:
        """Return o (..., units) over the root mean square of each head."""
        o = by_head(o, self.heads)
        return join_last(o * ops.rsqrt(ops.mean(o * o, -1, keepdims=True) + epsilon))

    def numpy_state(self, state: np.ndarray) -> np.ndarray:
        """Reshape the state (batch, width) to (batch, heads, K, V), for `reference`."""
        width = self.units // self.heads
        return state.reshape(-1, self.heads, width, width)
