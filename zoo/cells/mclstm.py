"""LSTM with a memory controller: the state that is fed back has a gate of its own."""

import numpy as np
from keras import ops

from zoo.cells import cells
from zoo.recurrent_cell import RecurrentCell, State, StepResult, Tensor, Weights, by_gate, sigmoid


@cells.register(
    "mclstm",
    paper="Ben-Ari & Shwartz-Ziv 2017, Sequence modeling using a memory controller extension "
    "for LSTM",
    year=2017,
    tags=("gated", "lstm"),
    good_for="outputs that differ from what the gates should read at the next timestep",
)
class MCLSTMCell(RecurrentCell):
    """LSTM that feeds back a control state instead of its output.

    i = sigmoid(x W_i + v U_i + b_i)      i = 0 writes nothing
    f = sigmoid(x W_f + v U_f + b_f)      f = 1 keeps the cell state
    g = tanh(x W_g + v U_g + b_g)         candidate
    o = sigmoid(x W_o + v U_o + b_o)      o = 0 hides the cell state from the output
    m = sigmoid(x W_m + v U_m + b_m)      m = 0 hides the cell state from the next timestep
    c' = f * c + i * g
    v' = m * tanh(c')
    h' = o * tanh(c')

    Output: h' (batch, units); it is not a state. State: v, c (batch, units) each.
    Source: Ben-Ari & Shwartz-Ziv 2017, Sequence modeling using a memory controller extension for
    LSTM, NIPS time series workshop, as torchrecurrent computes it.
    Deviations: none known. It is not the mass-conserving LSTM of Hoedt et al. 2021, arXiv
    2101.05186, which has the same abbreviation.

    Args:
        units: width of the output and of each state.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> layer = zoo.Recurrent("mclstm", units=4, return_sequences=True)
        >>> print(layer(np.ones((2, 5, 3))).shape)
        (2, 5, 4)
    """

    gates = ("i", "f", "g", "o", "m")
    state_names = ("v", "c")
    retention_gates = {"f": 1, "i": -1}
    default_bias_initializer = "unit_forget"

    def step(self, x: Tensor, state: State) -> StepResult:
        v, c = state
        z = self.split(x + self.recur(v))
        i, f, o, m = (ops.sigmoid(z[gate]) for gate in "ifom")
        c = f * c + i * self.candidate_dropout(ops.tanh(z["g"]))
        squashed = ops.tanh(c)
        return o * squashed, (m * squashed, c)

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        v, c = state
        W_i, W_f, W_g, W_o, W_m = by_gate(weights["kernel"], 5)
        U_i, U_f, U_g, U_o, U_m = by_gate(weights["recurrent_kernel"], 5)
        b_i, b_f, b_g, b_o, b_m = by_gate(weights["bias"], 5)
        i = sigmoid(x @ W_i + v @ U_i + b_i)  # input gate
        f = sigmoid(x @ W_f + v @ U_f + b_f)  # forget gate
        o = sigmoid(x @ W_o + v @ U_o + b_o)  # output gate
        m = sigmoid(x @ W_m + v @ U_m + b_m)  # gate of the controller
        c_new = f * c + i * np.tanh(x @ W_g + v @ U_g + b_g)  # cell state
        return o * np.tanh(c_new), (m * np.tanh(c_new), c_new)
