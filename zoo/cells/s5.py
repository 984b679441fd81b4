"""Simplified structured state space model: one system of oscillators for all units."""

import keras
import numpy as np
from keras import ops

from zoo.cell_base.initialization import fixed_values
from zoo.cell_base.linear_cells import StateSpaceCell, log_uniform, zero_order_hold
from zoo.cells import cells
from zoo.recurrent_cell import State, StepResult, Tensor, Weights


@cells.register(
    "s5",
    paper="Smith et al. 2023, arXiv 2208.04933",
    year=2023,
    tags=("linear", "diagonal", "continuous"),
    good_for="very long sequences, in a stack of layers with nonlinear ones between",
)
class S5Cell(StateSpaceCell):
    """S5: a system of damped oscillators, driven by all inputs and read by all units.

    A = a + i omega;  dt = exp(tau)
    s' = exp(dt A) * s + (exp(dt A) - 1) / A * (x B)    s, B and C are complex
    y = 2 Re(s' C) + x D

    Output: y (batch, units). State: s (batch, 2 * units), real parts, then imaginary parts.
    Source: Smith, Warrington & Linderman 2023, arXiv 2208.04933, sections 3 and 4, and the
    authors' code.
    Deviations: D is a matrix, as the output need not be as wide as the input; B and D are
    initialized by `kernel_initializer`, not in the eigenvectors of the HiPPO matrix. The output
    kernel holds Re(C) above -Im(C).

    Args:
        units: width of the output, and number of oscillators.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> print(zoo.Recurrent("s5", units=4)(np.ones((2, 5, 3))).shape)
        (2, 4)
    """

    gates = ("b_real", "b_imaginary", "skip")

    def state_sizes(self) -> dict[str, int]:
        return {"s": 2 * self.units}

    def hippo_frequencies(self) -> np.ndarray:
        """Return imaginary parts of the eigenvalues of the HiPPO-LegS matrix, for `omega`."""
        size = 2 * self.units
        root = np.sqrt(2 * np.arange(size) + 1)
        skew = np.tril(np.outer(root, root), -1) / 2  # the matrix is -1/2 plus rank one plus this
        return np.linalg.eigvalsh(1j * (skew - skew.T))[: self.units]

    def extra_weights(self) -> dict:
        normal = keras.initializers.RandomNormal(stddev=(2 * self.units) ** -0.5)
        return {
            "log_dt": ((self.units,), log_uniform(0.001, 0.1)),
            "decay": ((self.units,), keras.initializers.Constant(-0.5)),
            "frequency": fixed_values(self.hippo_frequencies()),
            "output_kernel": ((2 * self.units, self.units), normal),
        }

    def linear(self, x: Tensor) -> tuple[tuple[Tensor, Tensor], Tensor]:
        decay, factor = zero_order_hold(self.decay, self.frequency, ops.exp(self.log_dt))
        real, imaginary = x[..., : self.units], x[..., self.units : 2 * self.units]
        addition = [
            factor[0] * real - factor[1] * imaginary,
            factor[1] * real + factor[0] * imaginary,
        ]
        return decay, ops.concatenate(addition, -1)

    def readout(self, x: Tensor, h: Tensor) -> Tensor:
        return 2 * ops.matmul(h, self.output_kernel) + x[..., 2 * self.units :]

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        real, imaginary = np.split(state[0], 2, -1)
        B_real, B_imaginary, D = np.split(weights["kernel"], 3, -1)
        C_real, minus_C_imaginary = np.split(weights["output_kernel"], 2)
        A, dt = weights["decay"] + 1j * weights["frequency"], np.exp(weights["log_dt"])
        A_bar = np.exp(A * dt)
        s = A_bar * (real + 1j * imaginary) + (A_bar - 1) / A * (x @ (B_real + 1j * B_imaginary))
        y = 2 * (s @ (C_real - 1j * minus_C_imaginary)).real + x @ D
        return y, (np.concatenate([s.real, s.imag], -1),)
