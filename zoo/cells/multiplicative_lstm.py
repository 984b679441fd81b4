"""LSTM with a multiplicative, input-dependent transition."""

import numpy as np
from keras import ops

from zoo.cells import cells
from zoo.recurrent_cell import RecurrentCell, State, StepResult, Tensor, Weights, by_gate, sigmoid


@cells.register(
    "multiplicative_lstm",
    paper="Krause et al. 2016, arXiv 1609.07959",
    year=2016,
    tags=("gated", "lstm"),
    good_for="language models over characters or bytes",
)
class MultiplicativeLSTMCell(RecurrentCell):
    """Multiplicative LSTM: the gates read the product of projected input and projected state.

    m = (x W_m + b_m) * (h U_m)           replaces h in the gates; m = 0 hides the state from them
    i = sigmoid(x W_i + m U_i + b_i)      i = 0 writes nothing
    f = sigmoid(x W_f + m U_f + b_f)      f = 1 keeps the cell state
    g = tanh(x W_g + m U_g + b_g)         candidate
    o = sigmoid(x W_o + m U_o + b_o)      o = 0 hides the cell state
    c' = f * c + i * g
    h' = o * tanh(c')

    Output: h' (batch, units). State: h, c (batch, units) each.
    Source: Krause et al. 2016, arXiv 1609.07959, version 3, whose equations the authors' Chainer
        code and the sentiment neuron of Radford et al. 2017 also compute.
    Deviations: every input projection has a bias; the paper prints none, and both programs have
        them on i, f, g and o, not on m. The first versions of the paper and the authors' MATLAB
        code have another LSTM: g without tanh, h' = tanh(o * c').

    Args:
        units: width of the output and of each state.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> cell = zoo.cells.get("multiplicative_lstm")(units=4)
        >>> output, states = cell(np.ones((2, 3)), cell.get_initial_state(2))
        >>> print(output.shape, len(states))
        (2, 4) 2
    """

    gates = ("m", "i", "f", "g", "o")
    state_names = ("h", "c")
    retention_gates = {"f": 1, "i": -1}
    default_bias_initializer = "unit_forget"

    def step(self, x: Tensor, state: State) -> StepResult:
        h, c = state
        x_m, x = x[:, : self.units], x[:, self.units :]
        m = x_m * self.recur(h, "m")
        i, f, g, o = ops.split(x + self.recur(m, "i", "f", "g", "o"), 4, -1)
        c = ops.sigmoid(f) * c + ops.sigmoid(i) * self.candidate_dropout(ops.tanh(g))
        h = ops.sigmoid(o) * ops.tanh(c)
        return h, (h, c)

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        h, c = state
        W_m, W_i, W_f, W_g, W_o = by_gate(weights["kernel"], 5)
        U_m, U_i, U_f, U_g, U_o = by_gate(weights["recurrent_kernel"], 5)
        b_m, b_i, b_f, b_g, b_o = by_gate(weights["bias"], 5)
        m = (x @ W_m + b_m) * (h @ U_m)  # intermediate state
        g = np.tanh(x @ W_g + m @ U_g + b_g)  # candidate
        i = sigmoid(x @ W_i + m @ U_i + b_i)  # input gate
        o = sigmoid(x @ W_o + m @ U_o + b_o)  # output gate
        f = sigmoid(x @ W_f + m @ U_f + b_f)  # forget gate
        c_new = f * c + i * g  # as in the LSTM
        h_new = o * np.tanh(c_new)  # as in the LSTM
        return h_new, (h_new, c_new)
