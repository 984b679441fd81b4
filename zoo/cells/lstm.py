"""Long short-term memory with a forget gate."""

import numpy as np
from keras import ops

from zoo.cells import cells
from zoo.recurrent_cell import RecurrentCell, by_gate, sigmoid


@cells.register(
    "lstm",
    paper="Hochreiter & Schmidhuber 1997; Gers et al. 2000",
    year=1997,
    tags=("gated", "lstm"),
)
class LSTMCell(RecurrentCell):
    """LSTM: a cell state behind gates that write, keep and read it.

    i = sigmoid(x W_i + h U_i + b_i)      i = 0 writes nothing
    f = sigmoid(x W_f + h U_f + b_f)      f = 1 keeps the cell state
    g = tanh(x W_g + h U_g + b_g)         candidate
    o = sigmoid(x W_o + h U_o + b_o)      o = 0 shows nothing
    c' = f * c + i * g
    h' = o * tanh(c')

    Output: h' (batch, units). State: h, c (batch, units) each.
    Source: Hochreiter & Schmidhuber 1997; the forget gate: Gers, Schmidhuber & Cummins 2000.
    Deviations: tanh for candidate and output, where both papers stretch a logistic. Weights are those of
    keras.layers.LSTM.
    """

    gates = ("i", "f", "g", "o")
    state_names = ("h", "c")
    retention_gates = {"f": 1, "i": -1}
    default_bias_initializer = "unit_forget"
    keras_layer = "LSTM"

    def step(self, x, state):
        h, c = state
        z = self.split(x + self.recur(h))
        i, f, o = ops.sigmoid(z["i"]), ops.sigmoid(z["f"]), ops.sigmoid(z["o"])
        c = f * c + i * self.candidate_dropout(ops.tanh(z["g"]))
        h = o * ops.tanh(c)
        return h, (h, c)

    def reference(self, weights, x, state):
        h, c = state
        W_i, W_f, W_g, W_o = by_gate(weights["kernel"], 4)
        U_i, U_f, U_g, U_o = by_gate(weights["recurrent_kernel"], 4)
        b_i, b_f, b_g, b_o = by_gate(weights["bias"], 4)
        i = sigmoid(x @ W_i + h @ U_i + b_i)  # input gate, 1997
        f = sigmoid(x @ W_f + h @ U_f + b_f)  # forget gate, 2000
        g = np.tanh(x @ W_g + h @ U_g + b_g)  # candidate, 1997
        o = sigmoid(x @ W_o + h @ U_o + b_o)  # output gate, 1997
        c_new = f * c + i * g  # 2000: 1997 has no f, the old state is kept whole
        h_new = o * np.tanh(c_new)  # 1997
        return h_new, (h_new, c_new)
