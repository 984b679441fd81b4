"""Selective state space model, the recurrence of Mamba."""

from typing import Any

import numpy as np
from keras import ops

from zoo.cell_base.linear_cells import StateSpaceCell, join_last, log_integers, time_step_bias
from zoo.cells import cells
from zoo.recurrent_cell import State, StepResult, Tensor, Weights


@cells.register(
    "s6",
    paper="Gu & Dao 2023, arXiv 2312.00752",
    year=2023,
    tags=("gated", "linear", "diagonal", "continuous"),
    good_for="long sequences of which the input decides what to store",
    exceptions={"learning": "the gates read only inputs, so one layer cannot select by position"},
)
class S6Cell(StateSpaceCell):
    """S6: each channel has a small state; the input decides how far time advances in it.

    u = x W;  p, B, C = u W_s        B writes, C reads
    dt = softplus(p W_dt + b_dt)     dt = 0 keeps the state; a large dt replaces it
    s' = exp(-dt exp(A)) * s + (dt * u) B^T;  y = s' C + D * u

    Output: y (batch, units). State: s (batch, units * state_units).
    Source: Gu & Dao 2023, arXiv 2312.00752, algorithm 2, and the authors' code.
    Deviations: without the convolution, gate and output product of a Mamba block.

    Args:
        units: number of channels, width of the output.
        state_units: size of each channel's state.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> print(zoo.Recurrent("s6", units=4, state_units=8)(np.ones((2, 5, 3))).shape)
        (2, 4)
    """

    gates = ("u",)

    def __init__(self, units: int, state_units: int = 16, **kwargs: Any) -> None:
        super().__init__(units, **kwargs)
        self.state_units = state_units

    def state_sizes(self) -> dict[str, int]:
        return {"s": self.units * self.state_units}

    def extra_weights(self) -> dict:
        units, size, rank = self.units, self.state_units, -(-self.units // 16)
        return {
            "selection_kernel": ((units, rank + 2 * size), "glorot_uniform"),
            "time_kernel": ((rank, units), "glorot_uniform"),
            "time_bias": ((units,), time_step_bias),
            "rates": ((units, size), log_integers),
            "skip": ((units,), "ones"),
        }

    def project(self, x: Tensor) -> Tensor:
        u = super().project(x)
        p_B_C, rank = ops.matmul(u, self.selection_kernel), self.time_kernel.shape[0]
        time = ops.matmul(p_B_C[..., :rank], self.time_kernel) + self.time_bias
        return ops.concatenate([u, ops.softplus(time), p_B_C[..., rank:]], -1)

    def linear(self, x: Tensor) -> tuple[Tensor, Tensor]:
        u, dt, B = (
            x[..., : self.units],
            x[..., self.units : 2 * self.units],
            x[..., 2 * self.units :],
        )
        decay = ops.exp(-dt[..., None] * ops.exp(self.rates))
        addition = (dt * u)[..., None] * B[..., None, : self.state_units]
        return join_last(decay), join_last(addition)

    def readout(self, x: Tensor, h: Tensor) -> Tensor:
        s = ops.reshape(h, (*ops.shape(h)[:-1], self.units, self.state_units))
        return ops.sum(s * x[..., None, -self.state_units :], -1) + self.skip * x[..., : self.units]

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        s = state[0].reshape(len(x), self.units, self.state_units)
        u, rank = x @ weights["kernel"], len(weights["time_kernel"])
        p, B, C = np.split(u @ weights["selection_kernel"], [rank, rank + self.state_units], -1)
        dt = np.log1p(np.exp(p @ weights["time_kernel"] + weights["time_bias"]))
        s = np.exp(dt[:, :, None] * -np.exp(weights["rates"])) * s
        s = s + np.einsum("bn,bs->bns", dt * u, B)
        return np.einsum("bns,bs->bn", s, C) + weights["skip"] * u, (s.reshape(len(x), -1),)
