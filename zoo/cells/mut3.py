"""MUT3: the third of three cells that a search among architectures found."""

import numpy as np
from keras import ops

from zoo.cells import cells
from zoo.recurrent_cell import RecurrentCell, State, StepResult, Tensor, Weights, by_gate, sigmoid


@cells.register(
    "mut3",
    paper="Jozefowicz et al. 2015, PMLR 37",
    year=2015,
    tags=("gated", "gru"),
    good_for="the tasks of a GRU, such as modeling markup",
)
class MUT3Cell(RecurrentCell):
    """MUT3: a GRU whose update gate reads the state through another tanh.

    z = sigmoid(x W_z + tanh(h) U_z + b_z)      z = 0 keeps the old state, z = 1 replaces it
    r = sigmoid(x W_r + h U_r + b_r)            r = 0 hides the old state from the candidate
    n = tanh((r * h) U_n + x W_n + b_n)
    h' = z * n + (1 - z) * h

    Output: h' (batch, units). State: h (batch, units).
    Source: Jozefowicz, Zaremba & Sutskever 2015, An empirical exploration of recurrent network
    architectures, ICML; checked with the layer JZS3 of Keras 0.1.
    Deviations: none.

    Args:
        units: width of the output and of the state.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> layer = zoo.Recurrent("mut3", units=4, return_sequences=True)
        >>> print(layer(np.ones((2, 5, 3))).shape)
        (2, 5, 4)
    """

    gates = ("z", "r", "n")
    retention_gates = {"z": -1}

    def step(self, x: Tensor, state: State) -> StepResult:
        (h,) = state
        x = self.split(x)
        z = ops.sigmoid(x["z"] + self.recur(ops.tanh(h), "z"))
        r = ops.sigmoid(x["r"] + self.recur(h, "r"))
        n = self.candidate_dropout(ops.tanh(x["n"] + self.recur(r * h, "n")))
        h = z * n + (1 - z) * h
        return h, (h,)

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        (h,) = state
        W_z, W_r, W_n = by_gate(weights["kernel"], 3)
        U_z, U_r, U_n = by_gate(weights["recurrent_kernel"], 3)
        b_z, b_r, b_n = by_gate(weights["bias"], 3)
        z = sigmoid(x @ W_z + np.tanh(h) @ U_z + b_z)  # z
        r = sigmoid(x @ W_r + h @ U_r + b_r)  # r
        n = np.tanh((r * h) @ U_n + x @ W_n + b_n)  # the factor of z in h_{t+1}
        h_new = n * z + h * (1 - z)  # h_{t+1}
        return h_new, (h_new,)
