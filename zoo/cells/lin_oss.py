"""Linear oscillatory state space model: forced oscillators with implicit time steps."""

import keras
import numpy as np
from keras import ops

from zoo.cell_base.linear_cells import StateSpaceCell
from zoo.cells import cells
from zoo.recurrent_cell import State, StepResult, Tensor, Weights

_SMALLEST = 1e-4  # of a: its square root is a divisor


@cells.register(
    "lin_oss",
    paper="Rusch & Rus 2025, arXiv 2410.03943",
    year=2025,
    tags=("linear", "continuous", "diagonal"),
    good_for="very long sequences of smooth or periodic signals, in a stack of layers",
    exceptions={
        "everything_matters:stiffness": "a negative stiffness is replaced by 1e-4, similar to "
        "the ReLU of the paper, and has no gradient"
    },
)
class LinOSSCell(StateSpaceCell):
    """LinOSS: each unit is an oscillator that the input accelerates; the output reads positions.

    a = max(A, 1e-4);  dt = sigmoid(tau);  b = x B     positions p, velocities z, B, C are complex
    z' = z + dt (b - a p')                             a large a oscillates fast, and loses energy
    p' = p + dt z'
    y = Re(p' C) + x D

    Output: y (batch, units). State: s (batch, 4 * units): Re z and Im z over sqrt(a), then Re p and
    Im p.
    Source: Rusch & Rus 2025, arXiv 2410.03943, section 2.2 (LinOSS-IM), and the authors' code.
    Deviations: D is a matrix, as the output need not be as wide as the input; B and D are
    initialized by `kernel_initializer`. a is at least 1e-4 instead of 0. The output kernel holds
    Re(C) above -Im(C).

    Args:
        units: width of the output, and number of oscillators.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> print(zoo.Recurrent("lin_oss", units=4)(np.ones((2, 5, 3))).shape)
        (2, 4)
    """

    gates = ("b_real", "b_imaginary", "skip")

    def state_sizes(self) -> dict[str, int]:
        return {"s": 4 * self.units}

    def extra_weights(self) -> dict:
        bound = self.units**-0.5
        return {
            "stiffness": ((self.units,), keras.initializers.RandomUniform(0.0, 1.0)),
            "time_step": ((self.units,), keras.initializers.RandomUniform(0.0, 1.0)),
            "output_kernel": (
                (2 * self.units, self.units),
                keras.initializers.RandomUniform(-bound, bound),
            ),
        }

    def linear(self, x: Tensor) -> tuple[tuple[Tensor, Tensor], Tensor]:
        # z / sqrt(a) + i p decays and rotates like one complex number.
        a, dt = ops.maximum(self.stiffness, _SMALLEST), ops.sigmoid(self.time_step)
        root, shrunk = ops.sqrt(a), 1 / (1 + dt * dt * a)
        real, imaginary = ops.tile(shrunk, 2), ops.tile(shrunk * dt * root, 2)
        force = ops.tile(dt / root, 2) * x[..., : 2 * self.units]
        return (real, imaginary), ops.concatenate([real * force, imaginary * force], -1)

    def readout(self, x: Tensor, h: Tensor) -> Tensor:
        position = h[..., 2 * self.units :]
        return ops.matmul(position, self.output_kernel) + x[..., 2 * self.units :]

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        a, dt = np.maximum(weights["stiffness"], 1e-4), 1 / (1 + np.exp(-weights["time_step"]))
        B_real, B_imaginary, D = np.split(weights["kernel"], 3, -1)
        C_real, minus_C_imaginary = np.split(weights["output_kernel"], 2)
        z_real, z_imaginary, p_real, p_imaginary = np.split(state[0], 4, -1)
        z, p = np.sqrt(a) * (z_real + 1j * z_imaginary), p_real + 1j * p_imaginary
        b = x @ (B_real + 1j * B_imaginary)
        p_new = (p + dt * z + dt**2 * b) / (1 + dt**2 * a)
        z_new = z + dt * (-a * p_new + b)
        y = (p_new @ (C_real - 1j * minus_C_imaginary)).real + x @ D
        scaled = z_new / np.sqrt(a)
        return y, (np.concatenate([scaled.real, scaled.imag, p_new.real, p_new.imag], -1),)
