"""State space duality, the recurrence of Mamba-2: one decay for the matrix of a head."""

from typing import Any

import numpy as np
from keras import ops

from zoo.cell_base.linear_cells import MemoryCell, time_step_bias, uniform_rates
from zoo.cells import cells
from zoo.recurrent_cell import MemoryTerms, State, StepResult, Tensor, Weights, sigmoid


@cells.register(
    "mamba2",
    paper="Dao & Gu 2024, arXiv 2405.21060",
    year=2024,
    tags=("gated", "linear", "matrix_state", "continuous"),
    good_for="long sequences of which the input decides what to store",
    exceptions={
        "learning": "B v^T is quadratic in x: the sign of a single feature is lost",
        "widths": "in float32, the gradient through the norm of large rows has only a few digits",
    },
)
class Mamba2Cell(MemoryCell):
    """Mamba-2: each head stores its inputs in a matrix; the input decides how far time advances.

    v, B, C = silu(x W_v), silu(x W_B), silu(x W_C)     all heads share B, which writes, and C
    dt = softplus(x W_dt + b_dt)                        dt = 0 keeps S; a large dt replaces it
    S' = exp(-exp(A) dt) S + (dt B) v^T                 per head
    y = RMSNorm((C^T S' + D v) * silu(x W_z))           the norm is over all units

    Output: y (batch, units). State: S (batch, state_units * units), one matrix per head.
    Source: Dao & Gu 2024, arXiv 2405.21060, section 7 and the authors' code.
    Deviations: without the convolution and the output product of a Mamba-2 block.

    Args:
        units: width of the output.
        heads: number of heads, a divisor of `units`; None: up to 4, of an even width above 3.
        state_units: width of B and C: size of the state of each unit.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> print(zoo.Recurrent("mamba2", units=8, state_units=16)(np.ones((2, 5, 3))).shape)
        (2, 8)
    """

    gates = ("z", "v", "B", "C", "dt")
    retention_gates = {"dt": -1}
    search_space = {"state_units": (16, 64)}

    def __init__(
        self, units: int, heads: int | None = None, state_units: int = 64, **kwargs: Any
    ) -> None:
        super().__init__(units, heads, **kwargs)
        self.state_units = state_units

    @property
    def keys(self) -> int:
        return self.state_units

    def gate_sizes(self) -> dict[str, int]:
        return {"B": self.state_units, "C": self.state_units, "dt": self.heads}

    def extra_weights(self) -> dict:
        rates = {"rate": uniform_rates(1.0, 16.0), "rate_bias": time_step_bias, "skip": "ones"}
        weights = {name: ((self.heads,), initializer) for name, initializer in rates.items()}
        return {**weights, "scale": ((self.units,), "ones")}

    def memory(self, x: Tensor) -> MemoryTerms:
        x = self.split(x)
        B, C = (ops.silu(x[gate])[..., None, :] for gate in "BC")
        v, dt = self.by_head(ops.silu(x["v"])), ops.softplus(x["dt"] + self.rate_bias)[..., None]
        return MemoryTerms(C * ops.ones_like(dt), dt * B, v, -ops.exp(self.rate)[:, None] * dt)

    def readout(self, x: Tensor, h: Tensor) -> Tensor:
        x, width = self.split(x), self.units // self.heads
        h = (h + ops.repeat(self.skip, width) * ops.silu(x["v"])) * ops.silu(x["z"])
        return h * ops.rsqrt(ops.mean(h * h, -1, keepdims=True) + 1e-5) * self.scale

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        sizes = np.cumsum([self.units, self.units, self.state_units, self.state_units])
        z, v, B, C, dt = np.split(x @ weights["kernel"], sizes, -1)
        z, v, B, C = (a * sigmoid(a) for a in (z, v, B, C))
        v = v.reshape(len(x), self.heads, -1)
        dt = np.logaddexp(0, dt + weights["rate_bias"])
        S = np.exp(dt * -np.exp(weights["rate"]))[:, :, None, None] * self.numpy_state(state[0])
        S = S + np.einsum("bh,bk,bhv->bhkv", dt, B, v)
        y = np.einsum("bk,bhkv->bhv", C, S) + weights["skip"][:, None] * v
        y = y.reshape(len(x), -1) * z
        y = y / np.sqrt((y**2).mean(-1, keepdims=True) + 1e-5) * weights["scale"]
        return y, (S.reshape(len(x), -1),)
