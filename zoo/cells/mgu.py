"""Minimal gated unit: one gate both updates and resets."""

import numpy as np
from keras import ops

from zoo.cells import cells
from zoo.recurrent_cell import RecurrentCell, State, StepResult, Tensor, Weights, by_gate, sigmoid


@cells.register(
    "mgu",
    paper="Zhou et al. 2016, arXiv 1603.09420",
    year=2016,
    tags=("gated", "gru"),
    good_for="small models: two thirds of a GRU's weights",
)
class MGUCell(RecurrentCell):
    """Minimal gated unit: a GRU whose update and reset gates are one.

    f = sigmoid(x W_f + h U_f + b_f)            f = 0 keeps the old state, f = 1 replaces it
    n = tanh(x W_n + (f * h) U_n + b_n)
    h' = (1 - f) * h + f * n

    Output: h' (batch, units). State: h (batch, units).
    Source: Zhou et al. 2016, arXiv 1603.09420.
    Deviations: none. The paper's "forget gate" overwrites the state when it is open.

    Args:
        units: width of the output and of each state.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> layer = zoo.Recurrent("mgu", units=4)
        >>> print(layer(np.ones((2, 5, 3))).shape)
        (2, 4)
    """

    gates = ("f", "n")
    retention_gates = {"f": -1}

    def step(self, x: Tensor, state: State) -> StepResult:
        (h,) = state
        x = self.split(x)
        f = ops.sigmoid(x["f"] + self.recur(h, "f"))
        n = self.candidate_dropout(ops.tanh(x["n"] + self.recur(f * h, "n")))
        h = (1 - f) * h + f * n
        return h, (h,)

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        (h,) = state
        W_f, W_n = by_gate(weights["kernel"], 2)
        U_f, U_n = by_gate(weights["recurrent_kernel"], 2)
        b_f, b_n = by_gate(weights["bias"], 2)
        f = sigmoid(h @ U_f + x @ W_f + b_f)  # f_t = sigma(W_f [h, x] + b_f)
        n = np.tanh((f * h) @ U_n + x @ W_n + b_n)  # tanh(W_h [f * h, x] + b_h)
        h_new = (1 - f) * h + f * n  # h_t
        return h_new, (h_new,)
