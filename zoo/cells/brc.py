"""Bistable recurrent cell: each unit reads only its own state."""

import numpy as np
from keras import ops

from zoo.cells import cells
from zoo.recurrent_cell import RecurrentCell, State, StepResult, Tensor, Weights, by_gate, sigmoid


@cells.register(
    "brc",
    paper="Vecoven et al. 2021, arXiv 2006.05252",
    year=2021,
    tags=("gated", "diagonal"),
    good_for="very long memory by bistable units, at few weights",
)
class BRCCell(RecurrentCell):
    """BRC: a cell whose units are bistable where `a` exceeds 1; none reads another.

    a = 1 + tanh(x W_a + u_a * h + b_a)        feedback of a unit to itself; a > 1: bistable
    z = sigmoid(x W_z + u_z * h + b_z)         z = 1 keeps the state
    h' = z * h + (1 - z) * tanh(x W_n + a * h)

    Output: h' (batch, units). State: h (batch, units).
    Source: Vecoven, Ernst & Drion 2021, arXiv 2006.05252, and the authors' code.
    Deviations: none. The authors' matrices of a and z are diagonal; u_a and u_z are the diagonals.

    Args:
        units: width of the output and of the state.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> layer = zoo.Recurrent("brc", units=4, return_sequences=True)
        >>> print(layer(np.ones((2, 5, 3))).shape)
        (2, 5, 4)
    """

    gates = ("a", "z", "n")
    recurrent_gates = ("a", "z")
    bias_gates = ("a", "z")
    retention_gates = {"z": 1}
    recurrent_shape = "diagonal"
    default_recurrent_initializer = "ones"

    def step(self, x: Tensor, state: State) -> StepResult:
        (h,) = state
        x, y = self.split(x), self.split(self.recur(h), "a", "z")
        a = 1 + ops.tanh(x["a"] + y["a"])
        z = ops.sigmoid(x["z"] + y["z"])
        h = z * h + (1 - z) * self.candidate_dropout(ops.tanh(x["n"] + a * h))
        return h, (h,)

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        (h,) = state
        W_a, W_z, W_n = by_gate(weights["kernel"], 3)
        u_a, u_z = by_gate(weights["recurrent_kernel"], 2)
        b_a, b_z = by_gate(weights["bias"], 2)
        a = 1 + np.tanh(x @ W_a + u_a * h + b_a)
        z = sigmoid(x @ W_z + u_z * h + b_z)
        h_new = z * h + (1 - z) * np.tanh(x @ W_n + a * h)
        return h_new, (h_new,)
