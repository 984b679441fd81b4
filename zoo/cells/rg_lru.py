"""Real-gated linear recurrent unit, the recurrence of Griffin and RecurrentGemma."""

from typing import Any

import keras
import numpy as np
from keras import ops

from zoo.cell_base.initialization import inverse_softplus
from zoo.cell_base.linear_cells import StateSpaceCell
from zoo.cell_base.weights import check_heads
from zoo.cells import cells
from zoo.recurrent_cell import State, StepResult, Tensor, Weights, sigmoid

RATES = [-np.log(decay) / 8 for decay in (0.999, 0.9)]  # softplus(L) at the start


@cells.register(
    "rg_lru",
    paper="De et al. 2024, arXiv 2402.19427",
    year=2024,
    tags=("gated", "linear", "diagonal"),
    good_for="long sequences, in stacks; fewer weights than a GRU of the same width",
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
    Deviations: u is a product with a kernel instead of the output of a convolution. At r = 1, log a
    starts uniform, with a in [0.9, 0.999]; in the authors' code, a at r = 1/8 is in that range.

    Args:
        units: width of the output and of the state.
        heads: number of blocks of W_r and W_i, a divisor of `units`.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> print(zoo.Recurrent("rg_lru", units=4, heads=2)(np.ones((2, 5, 3))).shape)
        (2, 4)
    """

    gates, state_names = ("u",), ("h",)

    def __init__(self, units: int, heads: int = 1, **kwargs: Any) -> None:
        super().__init__(units, **kwargs)
        check_heads(heads, units)
        self.heads = heads

    def extra_weights(self) -> dict[str, Any]:
        width = self.units // self.heads
        normal = keras.initializers.RandomNormal(stddev=width**-0.5)
        return {
            "gate_blocks": ((self.heads, width, 2, width), normal),  # of r, of i
            "gate_bias": ((2 * self.units,), "zeros"),
            "decay_rate": ((self.units,), inverse_softplus(*RATES)),
        }

    def project(self, x: Tensor) -> Tensor:
        u = super().project(x)
        # All rows at once: with leading axes, `einsum` would compute a product for each row.
        rows = ops.reshape(u, (-1, self.heads, self.units // self.heads))
        gates = ops.einsum("nhk,hkgj->nghj", rows, self.gate_blocks)
        gates = ops.reshape(gates, (*ops.shape(u)[:-1], 2 * self.units)) + self.gate_bias
        return ops.concatenate([u, ops.sigmoid(gates)], -1)

    def linear(self, x: Tensor) -> tuple[Tensor, Tensor]:
        u, r, i = ops.split(x, 3, -1)
        log_a = -8 * r * ops.softplus(self.decay_rate)
        scale = ops.sqrt(ops.maximum(-ops.expm1(2 * log_a), 1e-30))  # a finite gradient at a = 1
        return ops.exp(log_a), scale * i * u

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        h, u, b_r_i = state[0], x @ weights["kernel"], np.split(weights["gate_bias"], 2)
        blocks = u.reshape(len(x), self.heads, -1)
        r, i = (
            sigmoid(np.einsum("bhk,hkj->bhj", blocks, W).reshape(u.shape) + b)
            for W, b in zip(np.moveaxis(weights["gate_blocks"], 2, 0), b_r_i, strict=True)
        )
        a = sigmoid(-weights["decay_rate"]) ** (8 * r)
        h_new = a * h + np.sqrt(1 - a**2) * (i * u)
        return h_new, (h_new,)
