"""Diagonal structured state space model: fixed oscillators of many frequencies in each unit."""

import math
from typing import Any

import keras
import numpy as np
from keras import ops

from zoo.cell_base import linear_cells
from zoo.cell_base.linear_cells import StateSpaceCell, join_last
from zoo.cells import cells
from zoo.recurrent_cell import State, StepResult, Tensor, Weights


@cells.register(
    "s4d",
    paper="Gu et al. 2022, arXiv 2206.11893",
    year=2022,
    tags=("linear", "diagonal", "continuous"),
    good_for="very long, smooth sequences, in a stack of layers with nonlinear ones between",
)
class S4DCell(StateSpaceCell):
    """S4D: each unit is a system of damped oscillators, driven by one projection of the input.

    u = x W;  A = -exp(a) + i omega;  dt = exp(tau)
    s' = exp(dt A) * s + (exp(dt A) - 1) / A * u        complex; a large dt forgets soon
    y = 2 Re(sum_k C_k s'_k) + D * u                    the sum is over a unit's oscillators k

    Output: y (batch, units). State: s (batch, units * state_units), real parts, then imaginary
    parts.
    Source: Gu, Gupta, Goel & Re 2022, arXiv 2206.11893, sections 3.1 and 4 (S4D-Lin), and the
    authors' code.
    Deviations: W is added, as the input need not be as wide as the units. B is 1.

    Args:
        units: number of systems, width of the output.
        state_units: width of the state of a unit, twice the number of its oscillators; even.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> print(zoo.Recurrent("s4d", units=4, state_units=8)(np.ones((2, 5, 3))).shape)
        (2, 4)
    """

    gates = ("u",)
    search_space = {"state_units": (16, 64)}

    def __init__(self, units: int, state_units: int = 64, **kwargs: Any) -> None:
        super().__init__(units, **kwargs)
        self.state_units = state_units

    def state_sizes(self) -> dict[str, int]:
        return {"s": self.units * self.state_units}

    def extra_weights(self) -> dict:
        shape = (self.units, self.state_units // 2)
        # One initializer object would give both parts the same values.
        normals = [keras.initializers.RandomNormal(stddev=0.5**0.5) for _ in range(2)]
        return {
            "log_dt": ((self.units, 1), linear_cells.log_uniform(0.001, 0.1)),
            "log_decay": (shape, keras.initializers.Constant(math.log(0.5))),
            "frequency": (shape, linear_cells.multiples_of_pi),
            "output_real": (shape, normals[0]),
            "output_imaginary": (shape, normals[1]),
            "skip": ((self.units,), "random_normal"),
        }

    def linear(self, x: Tensor) -> tuple[tuple[Tensor, Tensor], Tensor]:
        A_real, dt = -ops.exp(self.log_decay), ops.exp(self.log_dt)
        decay, factor = linear_cells.zero_order_hold(A_real, self.frequency, dt)
        addition = [join_last(x[..., None] * part) for part in factor]
        return (join_last(decay[0]), join_last(decay[1])), ops.concatenate(addition, -1)

    def readout(self, x: Tensor, h: Tensor) -> Tensor:
        s = ops.reshape(h, (*ops.shape(h)[:-1], 2, *self.frequency.shape))
        real, imaginary = s[..., 0, :, :], s[..., 1, :, :]
        products = self.output_real * real - self.output_imaginary * imaginary
        return 2 * ops.sum(products, -1) + self.skip * x

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        real, imaginary = state[0].reshape(len(x), 2, self.units, -1).swapaxes(0, 1)
        u, dt = x @ weights["kernel"], np.exp(weights["log_dt"])
        A = -np.exp(weights["log_decay"]) + 1j * weights["frequency"]
        s = np.exp(dt * A) * (real + 1j * imaginary) + (np.exp(dt * A) - 1) / A * u[:, :, None]
        C = weights["output_real"] + 1j * weights["output_imaginary"]
        y = 2 * (C * s).sum(-1).real + weights["skip"] * u
        return y, (np.stack([s.real, s.imag], 1).reshape(len(x), -1),)
