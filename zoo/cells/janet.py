"""JANET: an LSTM with the forget gate only."""

from typing import Any

import numpy as np
from keras import ops

from zoo.cells import cells
from zoo.recurrent_cell import RecurrentCell, State, StepResult, Tensor, Weights, by_gate, sigmoid


@cells.register(
    "janet",
    paper="van der Westhuizen & Lasenby 2018, arXiv 1804.04849",
    year=2018,
    tags=("gated", "lstm"),
    good_for="long dependencies with half the weights of an LSTM, with the chrono initializer",
)
class JANETCell(RecurrentCell):
    """JANET, "just another network": the forget gate alone controls the state.

    s = x W_f + h U_f + b_f
    n = tanh(x W_n + h U_n + b_n)                             candidate
    h' = sigmoid(s) * h + (1 - sigmoid(s - beta)) * n         s large keeps the old state

    With beta > 0, a unit can keep its state and write at once; sigmoid(s) = 0 replaces the state.

    Output: h' (batch, units). State: h (batch, units).
    Source: van der Westhuizen & Lasenby 2018, arXiv 1804.04849, and the authors' code.
    Deviations: b_f starts at 1, as in the authors' code without a longest dependency; their
    experiments start it at log U(1, T), `bias_initializer="chrono:T"`.

    Args:
        units: width of the output and of the state.
        beta: number that is subtracted from the sum of the gate that writes.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> layer = zoo.Recurrent("janet", units=4, bias_initializer="chrono:200")
        >>> print(layer(np.ones((2, 5, 3))).shape)
        (2, 4)
    """

    gates = ("f", "n")
    retention_gates = {"f": 1}
    default_bias_initializer = "unit_forget"
    search_space = {"beta": (0.0, 1.0)}

    def __init__(self, units: int, beta: float = 1.0, **kwargs: Any) -> None:
        super().__init__(units, **kwargs)
        self.beta = beta

    def step(self, x: Tensor, state: State) -> StepResult:
        (h,) = state
        z = self.split(x + self.recur(h))
        write = ops.sigmoid(self.beta - z["f"])
        h = ops.sigmoid(z["f"]) * h + write * self.candidate_dropout(ops.tanh(z["n"]))
        return h, (h,)

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        (h,) = state
        W_f, W_n = by_gate(weights["kernel"], 2)
        U_f, U_n = by_gate(weights["recurrent_kernel"], 2)
        b_f, b_n = by_gate(weights["bias"], 2)
        s = x @ W_f + h @ U_f + b_f  # s_t
        n = np.tanh(x @ W_n + h @ U_n + b_n)  # c~_t
        h_new = sigmoid(s) * h + (1 - sigmoid(s - self.beta)) * n  # c_t = h_t
        return h_new, (h_new,)
