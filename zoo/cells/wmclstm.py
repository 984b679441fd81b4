"""LSTM with working memory connections: the gates read a function of the cell state."""

from typing import Any

import numpy as np
from keras import ops

from zoo.cells import cells
from zoo.recurrent_cell import RecurrentCell, State, StepResult, Tensor, Weights, by_gate, sigmoid


@cells.register(
    "wmclstm",
    paper="Landi et al. 2021, arXiv 2109.00020",
    year=2021,
    tags=("gated", "lstm"),
    good_for="gates that depend on the cell state, by a bounded term in place of peepholes",
)
class WMCLSTMCell(RecurrentCell):
    """LSTM whose gates read a bounded projection of the cell state, in place of peepholes.

    i = sigmoid(x W_i + h U_i + b_i + tanh(c M_i + m_i))       i = 0 writes nothing
    f = sigmoid(x W_f + h U_f + b_f + tanh(c M_f + m_f))       f = 1 keeps the cell state
    g = tanh(x W_g + h U_g + b_g)                              candidate
    c' = f * c + i * g
    o = sigmoid(x W_o + h U_o + b_o + tanh(c' M_o + m_o))      o = 0 hides the cell state; reads c'
    h' = o * tanh(c')

    Output: h' (batch, units). State: h, c (batch, units) each.
    Source: Landi, Baraldi, Cornia & Cucchiara 2021, arXiv 2109.00020; checked with two
    implementations.
    Deviations: none. M_i and M_f are `memory_kernel`, M_o is `output_memory_kernel`; the rows of
    `memory_bias` are m_i, m_f and m_o.

    Args:
        units: width of the output and of each state.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> layer = zoo.Recurrent("wmclstm", units=4, return_sequences=True)
        >>> print(layer(np.ones((2, 5, 3))).shape)
        (2, 5, 4)
    """

    gates = ("i", "f", "g", "o")
    state_names = ("h", "c")
    retention_gates = {"f": 1, "i": -1}
    default_bias_initializer = "unit_forget"

    def extra_weights(self) -> dict[str, Any]:
        return {
            "memory_kernel": ((self.units, 2 * self.units), "glorot_uniform"),
            "output_memory_kernel": ((self.units, self.units), "glorot_uniform"),
            "memory_bias": ((3, self.units), "zeros"),
        }

    def step(self, x: Tensor, state: State) -> StepResult:
        h, c = state
        i, f, g, o = ops.split(x + self.recur(h), 4, -1)
        m_i, m_f = ops.split(self.multiply(c, "memory_kernel"), 2, -1)
        i = ops.sigmoid(i + ops.tanh(m_i + self.memory_bias[0]))
        f = ops.sigmoid(f + ops.tanh(m_f + self.memory_bias[1]))
        c = f * c + i * self.candidate_dropout(ops.tanh(g))
        m_o = self.multiply(c, "output_memory_kernel") + self.memory_bias[2]
        h = ops.sigmoid(o + ops.tanh(m_o)) * ops.tanh(c)
        return h, (h, c)

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        h, c = state
        W_i, W_f, W_g, W_o = by_gate(weights["kernel"], 4)
        U_i, U_f, U_g, U_o = by_gate(weights["recurrent_kernel"], 4)
        b_i, b_f, b_g, b_o = by_gate(weights["bias"], 4)
        M_i, M_f = by_gate(weights["memory_kernel"], 2)
        M_o, (m_i, m_f, m_o) = weights["output_memory_kernel"], weights["memory_bias"]
        i = sigmoid(x @ W_i + h @ U_i + b_i + np.tanh(c @ M_i + m_i))  # input gate
        f = sigmoid(x @ W_f + h @ U_f + b_f + np.tanh(c @ M_f + m_f))  # forget gate
        c_new = f * c + i * np.tanh(x @ W_g + h @ U_g + b_g)  # cell state
        o = sigmoid(x @ W_o + h @ U_o + b_o + np.tanh(c_new @ M_o + m_o))  # output gate
        h_new = o * np.tanh(c_new)  # output
        return h_new, (h_new, c_new)
