"""LSTM with peephole connections."""

from collections.abc import Mapping

import numpy as np
from keras import ops

from zoo.cells import cells
from zoo.recurrent_cell import RecurrentCell, State, StepResult, Tensor, Weights, by_gate, sigmoid


@cells.register(
    "peephole_lstm",
    paper="Gers, Schraudolph & Schmidhuber 2002",
    year=2002,
    tags=("gated", "lstm"),
    good_for="precise timing and counting of timesteps",
)
class PeepholeLSTMCell(RecurrentCell):
    """LSTM with peepholes: the gates also read the cell state, which helps to time and count.

    i = sigmoid(x W_i + h U_i + p_i * c + b_i)       i = 0 writes nothing
    f = sigmoid(x W_f + h U_f + p_f * c + b_f)       f = 1 keeps the cell state
    g = tanh(x W_g + h U_g + b_g)                    candidate
    c' = f * c + i * g
    o = sigmoid(x W_o + h U_o + p_o * c' + b_o)      o = 0 hides the cell state; reads c'
    h' = o * tanh(c')

    Output: h' (batch, units). State: h, c (batch, units) each.
    Source: Gers, Schraudolph & Schmidhuber 2002, Learning precise timing with LSTM recurrent
    networks.
    Deviations: tanh for candidate and output, as in later work (Greff et al. 2015,
    arXiv 1503.04069).

    Args:
        units: width of the output and of each state.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> cell = zoo.cells.get("peephole_lstm")(units=4)
        >>> output, states = cell(np.ones((2, 3)), cell.get_initial_state(2))
        >>> print(output.shape, len(states))
        (2, 4) 2
    """

    gates = ("i", "f", "g", "o")
    state_names = ("h", "c")
    retention_gates = {"f": 1, "i": -1}
    default_bias_initializer = "unit_forget"

    def extra_weights(self) -> Mapping[str, tuple[tuple[int, ...], str]]:
        return {"peephole": ((3, self.units), "glorot_uniform")}

    def step(self, x: Tensor, state: State) -> StepResult:
        h, c = state
        z = self.split(x + self.recur(h))
        i = ops.sigmoid(z["i"] + self.peephole[0] * c)
        f = ops.sigmoid(z["f"] + self.peephole[1] * c)
        c = f * c + i * self.candidate_dropout(ops.tanh(z["g"]))
        h = ops.sigmoid(z["o"] + self.peephole[2] * c) * ops.tanh(c)
        return h, (h, c)

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        h, c = state
        W_i, W_f, W_g, W_o = by_gate(weights["kernel"], 4)
        U_i, U_f, U_g, U_o = by_gate(weights["recurrent_kernel"], 4)
        b_i, b_f, b_g, b_o = by_gate(weights["bias"], 4)
        p_i, p_f, p_o = weights["peephole"]
        i = sigmoid(x @ W_i + h @ U_i + p_i * c + b_i)  # input gate
        f = sigmoid(x @ W_f + h @ U_f + p_f * c + b_f)  # forget gate
        g = np.tanh(x @ W_g + h @ U_g + b_g)  # cell input, no peephole
        c_new = f * c + i * g  # cell state
        o = sigmoid(x @ W_o + h @ U_o + p_o * c_new + b_o)  # output gate, from the new cell state
        h_new = o * np.tanh(c_new)  # cell output
        return h_new, (h_new, c_new)
