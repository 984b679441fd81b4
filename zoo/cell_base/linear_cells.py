"""Base classes of cells that are linear in their state, initial decays, and splits by head."""

import math
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import ops

from zoo.cell_base.weights import check_heads
from zoo.recurrent_cell import MemoryTerms, RecurrentCell, Tensor


def time_step_bias(shape: tuple[int, ...], dtype: Any = None) -> Tensor:
    """Return initial biases b with softplus(b) log-uniform in [0.001, 0.1] (arXiv 2312.00752)."""
    dt = ops.exp(keras.random.uniform(shape, math.log(0.001), math.log(0.1), dtype))
    return dt + ops.log(-ops.expm1(-dt))


def log_integers(shape: tuple[int, ...], dtype: Any = None) -> Tensor:
    """Return log 1, log 2, ... in each row: the decay rates of S4D-Real (arXiv 2206.11893)."""
    row = ops.log(ops.arange(1, shape[-1] + 1, dtype=dtype or keras.config.floatx()))
    return ops.broadcast_to(row, shape)


def multiples_of_pi(shape: tuple[int, ...], dtype: Any = None) -> Tensor:
    """Return 0, pi, 2 pi, ... in each row: the frequencies of S4D-Lin (arXiv 2206.11893)."""
    return ops.broadcast_to(math.pi * ops.arange(shape[-1], dtype=dtype), shape)


def uniform_rates(low: float, high: float) -> Callable[..., Tensor]:
    """Return an initializer of log a with a uniform in [low, high], low > 0."""

    def initialize(shape: tuple[int, ...], dtype: Any = None) -> Tensor:
        return ops.log(keras.random.uniform(shape, low, high, dtype))

    return initialize


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


def zero_order_hold(
    real: Tensor, imaginary: Tensor, dt: Tensor
) -> tuple[tuple[Tensor, Tensor], tuple[Tensor, Tensor]]:
    """Return the exact steps of s' = A s + u over a time dt in which u is constant.

    Args:
        real: the real part of A.
        imaginary: the imaginary part of A.
        dt: the time, positive.

    Returns:
        The factor exp(dt A) of s and the factor (exp(dt A) - 1) / A of u, as pairs (real part,
        imaginary part).
    """
    growth, angle = ops.exp(dt * real), dt * imaginary
    decay = growth * ops.cos(angle), growth * ops.sin(angle)
    # exp(dt A) - 1 without the cancellation at a small dt
    change = ops.expm1(dt * real) * ops.cos(angle) - 2 * ops.square(ops.sin(angle / 2))
    square = real * real + imaginary * imaginary
    factor = (
        (change * real + decay[1] * imaginary) / square,
        (decay[1] * real - change * imaginary) / square,
    )
    return decay, factor


def log_uniform(low: float, high: float) -> Callable[..., Tensor]:
    """Return an initializer of log a with a log-uniform in [low, high]."""
    return keras.initializers.RandomUniform(math.log(low), math.log(high))


def by_head(x: Tensor, heads: int) -> Tensor:
    """Reshape (..., width) to (..., heads, width / heads)."""
    return ops.reshape(x, (*ops.shape(x)[:-1], heads, x.shape[-1] // heads))


def join_last(x: Tensor) -> Tensor:
    """Reshape (..., rows, columns) to (..., rows * columns)."""
    return ops.reshape(x, (*ops.shape(x)[:-2], x.shape[-2] * x.shape[-1]))


def unit_norm(x: Tensor, epsilon: float = 1e-6) -> Tensor:
    """Return x / |x| along the last axis, with `epsilon` added to the square of |x|."""
    return x * ops.rsqrt(ops.sum(x * x, -1, keepdims=True) + epsilon)


class StateSpaceCell(RecurrentCell):
    """Base class of cells with `linear` or `memory` that compute in float32, without a bias."""

    bias_gates: tuple[str, ...] = ()
    state_names: tuple[str, ...] = ("s",)
    recurrent_shape = "none"
    float32 = True


class MemoryCell(StateSpaceCell):
    """Base class of cells whose state is a matrix S (K, V) for each head.

    A subclass defines `memory`. Its state is S, flattened. K = V = units / heads, unless the
    properties `keys` and `values` say otherwise.

    Args:
        units: width of the output.
        heads: number of heads, a divisor of `units`; None: 4, 2 or 1, the most of these that gives
            each head an even width above 3, or else 1.
        **kwargs: further arguments, see `RecurrentCell`.

    Raises:
        RequestError: `heads` does not divide `units`.
    """

    state_names: tuple[str, ...] = ("S",)

    def __init__(self, units: int, heads: int | None = None, **kwargs: Any) -> None:
        super().__init__(units, **kwargs)
        if heads is None:
            heads = next((n for n in (4, 2) if units % (2 * n) == 0 and units >= 4 * n), 1)
        check_heads(heads, units)
        self.heads = heads

    @property
    def keys(self) -> int:
        """The number of rows of S, the width of a key."""
        return self.units // self.heads

    @property
    def values(self) -> int:
        """The number of columns of S, the width of a value."""
        return self.units // self.heads

    def state_sizes(self) -> dict[str, int]:
        """Return the width of the flattened state."""
        return {"S": self.heads * self.keys * self.values}

    def by_head(self, x: Tensor) -> Tensor:
        """Reshape (..., width) to (..., heads, width / heads)."""
        return by_head(x, self.heads)

    def rms_norm(self, o: Tensor, epsilon: float = 1e-5) -> Tensor:
        """Return o (..., units) over the root mean square of each head."""
        o = by_head(o, self.heads)
        return join_last(o * ops.rsqrt(ops.mean(o * o, -1, keepdims=True) + epsilon))

    def layer_norm(self, o: Tensor, epsilon: float = 1e-5) -> Tensor:
        """Return o (..., units), in each head without its mean and over its deviation."""
        o = by_head(o, self.heads)
        return self.rms_norm(join_last(o - ops.mean(o, -1, keepdims=True)), epsilon)

    def numpy_state(self, state: np.ndarray) -> np.ndarray:
        """Reshape the state (batch, width) to (batch, heads, K, V), for `reference`."""
        width = self.heads * self.keys * self.values
        return state[:, :width].reshape(-1, self.heads, self.keys, self.values)


class NormalizedMemoryCell(MemoryCell):
    """Base class of cells that divide q^T S by q^T n, where n sums up the keys.

    n is the last column of S: its value is always 1.
    """

    @property
    def values(self) -> int:
        """The number of columns of S, the width of a value and one column for n."""
        return self.units // self.heads + 1

    def with_one(self, v: Tensor) -> Tensor:
        """Append the value 1 to v (..., heads, units / heads)."""
        return ops.concatenate([v, ops.ones_like(v[..., :1])], -1)

    def drop_values(self, terms: MemoryTerms) -> MemoryTerms:
        """Apply recurrent dropout to the values without the column of n."""
        values = super().drop_values(terms._replace(v=terms.v[..., :-1])).v
        return terms._replace(v=self.with_one(values))

    def separate(self, h: Tensor) -> tuple[Tensor, Tensor]:
        """Split h (..., heads * V) into q^T S (..., heads, V - 1) and q^T n (..., heads, 1)."""
        h = self.by_head(h)
        return h[..., :-1], h[..., -1:]
