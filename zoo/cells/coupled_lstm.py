"""LSTM with coupled input and forget gates."""

import numpy as np
from keras import ops

from zoo.cells import cells
from zoo.recurrent_cell import RecurrentCell, State, StepResult, Tensor, Weights, by_gate, sigmoid


@cells.register(
    "coupled_lstm",
    paper="Greff et al. 2015, arXiv 1503.04069",
    year=2015,
    tags=("gated", "lstm"),
    good_for="long dependencies with a quarter fewer weights than an LSTM",
)
class CoupledLSTMCell(RecurrentCell):
    """LSTM with coupled gates: the input gate is 1 - f.

    f = sigmoid(x W_f + h U_f + b_f)      f = 1 keeps the cell state, f = 0 replaces it
    g = tanh(x W_g + h U_g + b_g)         candidate
    o = sigmoid(x W_o + h U_o + b_o)      o = 0 hides the cell state
    c' = f * c + (1 - f) * g
    h' = o * tanh(c')

    Output: h' (batch, units). State: h, c (batch, units) each.
    Source: Greff et al. 2015, arXiv 1503.04069, the variant CIFG.
    Deviations: f is computed and the input gate is 1 - f, where the paper computes i and uses
    f = 1 - i (equivalent); no peepholes.

    Args:
        units: width of the output and of each state.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> cell = zoo.cells.get("coupled_lstm")(units=4)
        >>> output, states = cell(np.ones((2, 3)), cell.get_initial_state(2))
        >>> print(output.shape, len(states))
        (2, 4) 2
    """

    gates = ("f", "g", "o")
    state_names = ("h", "c")
    retention_gates = {"f": 1}
    default_bias_initializer = "unit_forget"

    def step(self, x: Tensor, state: State) -> StepResult:
        h, c = state
        z = self.split(x + self.recur(h))
        f = ops.sigmoid(z["f"])
        c = f * c + (1 - f) * self.candidate_dropout(ops.tanh(z["g"]))
        h = ops.sigmoid(z["o"]) * ops.tanh(c)
        return h, (h, c)

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        h, c = state
        W_f, W_g, W_o = by_gate(weights["kernel"], 3)
        U_f, U_g, U_o = by_gate(weights["recurrent_kernel"], 3)
        b_f, b_g, b_o = by_gate(weights["bias"], 3)
        f = sigmoid(x @ W_f + h @ U_f + b_f)  # forget gate
        i = 1 - f  # CIFG
        g = np.tanh(x @ W_g + h @ U_g + b_g)  # block input
        o = sigmoid(x @ W_o + h @ U_o + b_o)  # output gate
        c_new = f * c + i * g  # cell
        h_new = o * np.tanh(c_new)  # block output
        return h_new, (h_new, c_new)
