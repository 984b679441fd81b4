"""Coupled oscillatory recurrent network: a network of damped, driven oscillators."""

from typing import Any

import numpy as np
from keras import ops

from zoo.cells import cells
from zoo.recurrent_cell import RecurrentCell, State, StepResult, Tensor, Weights, by_gate


@cells.register(
    "cornn",
    paper="Rusch & Mishra 2021, arXiv 2010.00951",
    year=2021,
    tags=("simple", "continuous"),
    good_for="very long dependencies: with small time steps, gradients change slowly over time",
)
class CoRNNCell(RecurrentCell):
    """coRNN: positions y and velocities z of oscillators, which are coupled by a tanh layer.

    z' = z + dt * (tanh(x W + y U_y + z U_z + b) - gamma * y - epsilon * z)
    y' = y + dt * z'                                                  reads the new velocity

    Output: y' (batch, units). State: y, z (batch, units) each.
    Source: Rusch & Mishra 2021, arXiv 2010.00951, equation 3, with the explicit damping of the
    authors' code.
    Deviations: the initializers are the defaults of this library; the authors draw all weights
    uniformly from +-1 / sqrt(features + 2 units).

    Args:
        units: width of the output and of each state.
        dt: time step; the paper's experiments use 0.034 to 0.1.
        gamma: squared frequency of the oscillators, 0.2 to 66 in the paper.
        epsilon: damping, 3 to 15 in the paper.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> layer = zoo.Recurrent("cornn", units=4, dt=0.042, gamma=2.7, epsilon=4.7)
        >>> print(layer(np.ones((2, 5, 3))).shape)
        (2, 4)
    """

    gates = ("y", "z")  # columns of the recurrent kernel that the states y and z multiply
    input_gates = bias_gates = ("y",)
    state_names = ("y", "z")
    search_space = {
        "dt": {"min": 0.01, "max": 0.2, "sampling": "log"},
        "gamma": {"min": 0.2, "max": 60.0, "sampling": "log"},
        "epsilon": {"min": 1.0, "max": 15.0, "sampling": "log"},
    }

    def __init__(
        self,
        units: int,
        dt: float = 0.1,
        gamma: float = 1.0,
        epsilon: float = 1.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(units, **kwargs)
        self.dt, self.gamma, self.epsilon = dt, gamma, epsilon

    def step(self, x: Tensor, state: State) -> StepResult:
        y, z = state
        force = self.candidate_dropout(ops.tanh(x + self.recur(y, "y") + self.recur(z, "z")))
        z = z + self.dt * (force - self.gamma * y - self.epsilon * z)
        y = y + self.dt * z
        return y, (y, z)

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        y, z = state
        U_y, U_z = by_gate(weights["recurrent_kernel"], 2)
        a = y @ U_y + z @ U_z + x @ weights["kernel"] + weights["bias"]
        acceleration = np.tanh(a) - self.gamma * y - self.epsilon * z
        z_new = z + self.dt * acceleration
        y_new = y + self.dt * z_new
        return y_new, (y_new, z_new)
