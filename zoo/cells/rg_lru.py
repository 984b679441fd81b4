"""Real-gated linear recurrent unit, the recurrence of Griffin and RecurrentGemma."""

from typing import Any

import keras
import numpy as np
from keras import ops

from zoo.cell_base.linear_cells import StateSpaceCell, by_head, join_last
from zoo.cells import cells
from zoo.errors import RequestError
from zoo.recurrent_cell import State, StepResult, Tensor, Weights, sigmoid

C = 8.0  # the paper's constant c: how far the gate r reaches


def decay_rate(shape: tuple[int, ...], dtype: Any = None) -> Tensor:
    """Return L so that exp(-8 softplus(L)), the decay at r = 1, is uniform in [0.9, 0.999]."""
    log_decay = ops.log(keras.random.uniform(shape, 0.9, 0.999, dtype))
    return ops.log(ops.expm1(-log_decay / C))


@cells.register(
    "rg_lru",
    paper="De et al. 2024, arXiv 2402.19427",
    year=2024,
    tags=("gated", "linear", "diagonal"),
    good_for="long sequences, in stacks; as wide as a GRU at a fraction of its products",
    exceptions={"learning": "the gates read only inputs, so one layer cannot select by position"},
)
class RGLRUCell(StateSpaceCell):
    """RG-LRU: each unit decays at a rate of its own, which a gate slows down.

    u = x W
    r = sigmoid(u W_r + b_r)                 one block of W_r and W_i per head; r = 0 keeps h
    i = sigmoid(u W_i + b_i)                 i = 0 writes nothing
    a = exp(-8 r softplus(L))                L: `decay_rate`
    h' = a * h + sqrt(1 - a^2) * i * u

    Output: h' (batch, units). State: h (batch, units).
    Source: De et al. 2024, arXiv 2402.19427, section 2.4.
    Deviations: u is a product of the input with a kernel instead of the output of a convolution.
    In the authors' code, a at r = 1/8, not at r = 1, starts in [0.9, 0.999].

    Args:
        units: width of the output and of the state.
        heads: number of blocks of W_r and W_i, a divisor of `units`.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> layer = zoo.Recurrent("rg_lru", units=4, heads=2, parallel=True)
        >>> print(layer(np.ones((2, 5, 3))).shape)
        (2, 4)
    """

    gates = ("u",)
    state_names = ("h",)

    def __init__(self, units: int, heads: int = 1, **kwargs: Any) -> None:
        super().__init__(units, **kwargs)
        if heads < 1 or units % heads:
            raise RequestError(f"heads={heads} does not divide units={units}. Try heads=1.")
        self.heads = heads

    def extra_weights(self) -> dict[str, Any]:
        width = self.units // self.heads
        blocks = ((self.heads, width, width), keras.initializers.RandomNormal(stddev=width**-0.5))
        bias = ((self.units,), "zeros")
        return {
            "r_blocks": blocks,
            "i_blocks": blocks,
            "r_bias": bias,
            "i_bias": bias,
            "decay_rate": ((self.units,), decay_rate),
        }

    def project(self, x: Tensor) -> Tensor:
        u = super().project(x)
        r, i = (
            join_last(ops.einsum("...hk,hkj->...hj", by_head(u, self.heads), blocks)) + bias
            for blocks, bias in ((self.r_blocks, self.r_bias), (self.i_blocks, self.i_bias))
        )
        return ops.concatenate([u, ops.sigmoid(r), ops.sigmoid(i)], -1)

    def linear(self, x: Tensor) -> tuple[Tensor, Tensor]:
        u, r, i = ops.split(x, 3, -1)
        log_a = -C * r * ops.softplus(self.decay_rate)
        # The bound has no effect but a finite gradient where r is 0.
        scale = ops.sqrt(ops.maximum(-ops.expm1(2 * log_a), 1e-30))
        return ops.exp(log_a), scale * i * u

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        (h,) = state
        u = x @ weights["kernel"]
        blocks = u.reshape(len(x), self.heads, -1)
        r = np.einsum("bhk,hkj->bhj", blocks, weights["r_blocks"]).reshape(u.shape)
        i = np.einsum("bhk,hkj->bhj", blocks, weights["i_blocks"]).reshape(u.shape)
        a = sigmoid(-weights["decay_rate"])
        a = a ** (C * sigmoid(r + weights["r_bias"]))
        h_new = a * h + np.sqrt(1 - a**2) * (sigmoid(i + weights["i_bias"]) * u)
        return h_new, (h_new,)
