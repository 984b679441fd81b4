"""Residual LSTM: the output gate also opens a shortcut from the input."""

from typing import Any

import numpy as np
from keras import ops

from zoo.cells import cells
from zoo.recurrent_cell import RecurrentCell, State, StepResult, Tensor, Weights, by_gate, sigmoid


@cells.register(
    "res_lstm",
    paper="Kim et al. 2017, arXiv 1701.03360",
    year=2017,
    tags=("gated", "lstm"),
    good_for="deep stacks of LSTM layers, as in speech recognition",
)
class ResLSTMCell(RecurrentCell):
    """Residual LSTM: an LSTM with peepholes whose output gate also reads out a projected input.

    i = sigmoid(x W_i + h U_i + p_i * c + b_i)       i = 0 writes nothing
    f = sigmoid(x W_f + h U_f + p_f * c + b_f)       f = 1 keeps the cell state
    g = tanh(x W_g + h U_g + b_g)                    candidate
    c' = f * c + i * g
    o = sigmoid(x W_o + h U_o + p_o * c' + b_o)      o = 0 hides cell state and shortcut; reads c'
    h' = o * (tanh(c') P + x W_r)                    P: `projection_kernel`; x W_r: shortcut

    Output: h' (batch, units). State: h, c (batch, units) each.
    Source: Kim, El-Khamy & Lee 2017, arXiv 1701.03360; checked with two implementations.
    Deviations: the shortcut is a product also where the input is as wide as the output; the paper
    can use the input itself there.

    Args:
        units: width of the output and of each state.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> layer = zoo.Recurrent("res_lstm", units=4, return_sequences=True)
        >>> print(layer(np.ones((2, 5, 3))).shape)
        (2, 5, 4)
    """

    gates = ("i", "f", "g", "o", "r")
    recurrent_gates = ("i", "f", "g", "o")
    bias_gates = ("i", "f", "g", "o")
    state_names = ("h", "c")
    retention_gates = {"f": 1, "i": -1}
    default_bias_initializer = "unit_forget"

    def extra_weights(self) -> dict[str, Any]:
        projection_kernel = ((self.units, self.units), "glorot_uniform")
        peephole = ((3, self.units), "glorot_uniform")
        return {"projection_kernel": projection_kernel, "peephole": peephole}

    def step(self, x: Tensor, state: State) -> StepResult:
        h, c = state
        x, shortcut = x[:, : 4 * self.units], x[:, 4 * self.units :]
        i, f, g, o = ops.split(x + self.recur(h), 4, -1)
        i = ops.sigmoid(i + self.peephole[0] * c)
        f = ops.sigmoid(f + self.peephole[1] * c)
        c = f * c + i * self.candidate_dropout(ops.tanh(g))
        o = ops.sigmoid(o + self.peephole[2] * c)
        h = o * (self.multiply(ops.tanh(c), "projection_kernel") + shortcut)
        return h, (h, c)

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        h, c = state
        W_i, W_f, W_g, W_o, W_r = by_gate(weights["kernel"], 5)
        U_i, U_f, U_g, U_o = by_gate(weights["recurrent_kernel"], 4)
        b_i, b_f, b_g, b_o = by_gate(weights["bias"], 4)
        p_i, p_f, p_o = weights["peephole"]
        i = sigmoid(x @ W_i + h @ U_i + p_i * c + b_i)  # input gate
        f = sigmoid(x @ W_f + h @ U_f + p_f * c + b_f)  # forget gate
        c_new = f * c + i * np.tanh(x @ W_g + h @ U_g + b_g)  # cell state
        o = sigmoid(x @ W_o + h @ U_o + p_o * c_new + b_o)  # output gate
        m = np.tanh(c_new) @ weights["projection_kernel"]  # projection
        h_new = o * (m + x @ W_r)  # with the shortcut
        return h_new, (h_new, c_new)
