"""Long expressive memory: two states with learned, input-dependent time steps."""

from typing import Any

import numpy as np
from keras import ops

from zoo.cells import cells
from zoo.recurrent_cell import RecurrentCell, State, StepResult, Tensor, Weights, by_gate, sigmoid


@cells.register(
    "lem",
    paper="Rusch et al. 2022, arXiv 2110.04744",
    year=2022,
    tags=("gated", "continuous"),
    good_for="sequences with several time scales, and long dependencies",
)
class LEMCell(RecurrentCell):
    """LEM: an LSTM-like discretization of a differential equation with several time scales.

    p = dt * sigmoid(x W_p + y U_p + b_p)                  p = 0 keeps y
    q = dt * sigmoid(x W_q + y U_q + b_q)                  q = 0 keeps z
    z' = (1 - q) * z + q * tanh(x W_z + y U_z + b_z)
    y' = (1 - p) * y + p * tanh(x W_y + z' U_y + b_y)      reads the new z

    Output: y' (batch, units). State: y, z (batch, units) each.
    Source: Rusch, Mishra, Erichson & Mahoney 2022, arXiv 2110.04744, equation 3.
    Deviations: the initializers are the defaults of this library; the authors draw all weights
    uniformly from +-1 / sqrt(units). Several other libraries read the old z in y'.

    Args:
        units: width of the output and of each state.
        dt: largest time step, at most 1; the paper's experiments use 0.00017 to 1.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> layer = zoo.Recurrent("lem", units=4, dt=0.2)
        >>> print(layer(np.ones((2, 5, 3))).shape)
        (2, 4)
    """

    gates = ("p", "q", "z", "y")
    state_names = ("y", "z")
    retention_gates = {"p": -1, "q": -1}
    search_space = {"dt": {"min": 0.01, "max": 1.0, "sampling": "log"}}

    def __init__(self, units: int, dt: float = 1.0, **kwargs: Any) -> None:
        super().__init__(units, **kwargs)
        self.dt = dt

    def step(self, x: Tensor, state: State) -> StepResult:
        y, z = state
        x = self.split(x)
        p, q, of_y = ops.split(self.recur(y, "p", "q", "z"), 3, -1)
        p, q = self.dt * ops.sigmoid(x["p"] + p), self.dt * ops.sigmoid(x["q"] + q)
        z = (1 - q) * z + q * self.candidate_dropout(ops.tanh(x["z"] + of_y))
        y = (1 - p) * y + p * self.candidate_dropout(ops.tanh(x["y"] + self.recur(z, "y")))
        return y, (y, z)

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        y, z = state
        W_p, W_q, W_z, W_y = by_gate(weights["kernel"], 4)
        U_p, U_q, U_z, U_y = by_gate(weights["recurrent_kernel"], 4)
        b_p, b_q, b_z, b_y = by_gate(weights["bias"], 4)
        step_y = self.dt * sigmoid(y @ U_p + x @ W_p + b_p)
        step_z = self.dt * sigmoid(y @ U_q + x @ W_q + b_q)
        z_new = (1 - step_z) * z + step_z * np.tanh(y @ U_z + x @ W_z + b_z)
        y_new = (1 - step_y) * y + step_y * np.tanh(z_new @ U_y + x @ W_y + b_y)
        return y_new, (y_new, z_new)
