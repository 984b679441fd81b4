"""Gated recurrent unit with the reset gate before the recurrent product."""

import numpy as np
from keras import ops

from zoo.cells import cells
from zoo.recurrent_cell import RecurrentCell, State, StepResult, Tensor, Weights, by_gate, sigmoid


@cells.register(
    "gru_reset_before",
    paper="Cho et al. 2014, arXiv 1406.1078",
    year=2014,
    tags=("gated", "gru"),
    good_for="reproducing results of the GRU as first published",
)
class GRUResetBeforeCell(RecurrentCell):
    """GRU as first published: the reset gate multiplies the state before the product.

    z = sigmoid(x W_z + h U_z + b_z)              z = 1 keeps the old state
    r = sigmoid(x W_r + h U_r + b_r)              r = 0 hides the old state from the candidate
    n = tanh(x W_n + (r * h) U_n + b_n)
    h' = z * h + (1 - z) * n

    Output: h' (batch, units). State: h (batch, units).
    Source: Cho et al. 2014, arXiv 1406.1078, equations 5-8.
    Deviations: biases are added. Weights are those of keras.layers.GRU(reset_after=False).

    Args:
        units: width of the output and of each state.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> cell = zoo.cells.get("gru_reset_before")(units=4)
        >>> output, states = cell(np.ones((2, 3)), cell.get_initial_state(2))
        >>> print(output.shape, len(states))
        (2, 4) 1
    """

    gates = ("z", "r", "n")
    retention_gates = {"z": 1}

    def step(self, x: Tensor, state: State) -> StepResult:
        (h,) = state
        x, y = self.split(x), self.recur(h, "z", "r")
        z, r = ops.sigmoid(x["z"] + y[:, : self.units]), ops.sigmoid(x["r"] + y[:, self.units :])
        n = self.candidate_dropout(ops.tanh(x["n"] + self.recur(r * h, "n")))
        h = z * h + (1 - z) * n
        return h, (h,)

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        (h,) = state
        W_z, W_r, W_n = by_gate(weights["kernel"], 3)
        U_z, U_r, U_n = by_gate(weights["recurrent_kernel"], 3)
        b_z, b_r, b_n = by_gate(weights["bias"], 3)
        r = sigmoid(x @ W_r + h @ U_r + b_r)  # (5)
        z = sigmoid(x @ W_z + h @ U_z + b_z)  # (6)
        n = np.tanh(x @ W_n + (r * h) @ U_n + b_n)  # (8)
        h_new = z * h + (1 - z) * n  # (7)
        return h_new, (h_new,)
