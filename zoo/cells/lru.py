"""Linear recurrent unit: a diagonal, complex linear recurrence."""

from typing import Any

import keras
import numpy as np
from keras import ops

from zoo.cell_base.linear_cells import StateSpaceCell, ring
from zoo.cells import cells
from zoo.recurrent_cell import State, StepResult, Tensor, Weights


@cells.register(
    "lru",
    paper="Orvieto et al. 2023, arXiv 2303.06349",
    year=2023,
    tags=("linear", "diagonal"),
    good_for="very long sequences, in a stack of layers with nonlinear ones between",
)
class LRUCell(StateSpaceCell):
    """LRU: each element of a complex state rotates and decays; the output is linear in it.

    lam = exp(-exp(nu) + i exp(theta))           |lam| < 1: the state decays
    s' = lam * s + exp(gamma) * (x B)            s, B and C are complex
    y = Re(s' C) + x D

    Output: y (batch, units). State: s (batch, 2 * units), real parts, then imaginary parts.
    Source: Orvieto et al. 2023, arXiv 2303.06349, section 3 and appendix A.
    Deviations: D is a matrix, as the output need not be as wide as the input; B and D are
    initialized by `kernel_initializer`. The output kernel holds Re(C) above -Im(C).

    Args:
        units: width of the output, and number of complex elements of the state.
        r_min: smallest initial |lam|.
        r_max: largest initial |lam|.
        max_phase: largest initial angle of lam, in radians.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> layer = zoo.Recurrent("lru", units=4, r_min=0.9, r_max=0.999)
        >>> print(layer(np.ones((2, 5, 3))).shape)
        (2, 4)
    """

    gates = ("b_real", "b_imaginary", "skip")

    def __init__(
        self,
        units: int,
        r_min: float = 0.0,
        r_max: float = 1.0,
        max_phase: float = 6.28,
        **kwargs: Any,
    ) -> None:
        super().__init__(units, **kwargs)
        self.r_min, self.r_max, self.max_phase = r_min, r_max, max_phase

    def state_sizes(self) -> dict[str, int]:
        return {"s": 2 * self.units}

    def extra_weights(self) -> dict:
        initial = ring(self.r_min, self.r_max, self.max_phase)
        normal = keras.initializers.RandomNormal(stddev=self.units**-0.5)
        weights = {name: ((self.units,), initializer) for name, initializer in initial.items()}
        return {**weights, "output_kernel": ((2 * self.units, self.units), normal)}

    def linear(self, x: Tensor) -> tuple[tuple[Tensor, Tensor], Tensor]:
        modulus, angle = ops.exp(-ops.exp(self.nu)), ops.exp(self.theta)
        decay = (modulus * ops.cos(angle), modulus * ops.sin(angle))
        return decay, x[..., : 2 * self.units] * ops.exp(ops.tile(self.gamma, 2))

    def readout(self, x: Tensor, h: Tensor) -> Tensor:
        return ops.matmul(h, self.output_kernel) + x[..., 2 * self.units :]

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        real, imaginary = np.split(state[0], 2, -1)
        B_real, B_imaginary, D = np.split(weights["kernel"], 3, -1)
        C_real, minus_C_imaginary = np.split(weights["output_kernel"], 2)
        lam = np.exp(-np.exp(weights["nu"]) + 1j * np.exp(weights["theta"]))
        projected = x @ (B_real + 1j * B_imaginary)
        s_new = lam * (real + 1j * imaginary) + np.exp(weights["gamma"]) * projected
        y = (s_new @ (C_real - 1j * minus_C_imaginary)).real + x @ D
        return y, (np.concatenate([s_new.real, s_new.imag], -1),)
