"""LSTM without a forget gate, as first published."""

import numpy as np
from keras import ops

from zoo.cells import cells
from zoo.recurrent_cell import RecurrentCell, State, StepResult, Tensor, Weights, by_gate, sigmoid


@cells.register(
    "original_lstm",
    paper="Hochreiter & Schmidhuber 1997, doi 10.1162/neco.1997.9.8.1735",
    year=1997,
    tags=("gated", "lstm"),
    good_for="sequences of which nothing may be forgotten, such as counting and sums",
)
class OriginalLSTMCell(RecurrentCell):
    """LSTM without a forget gate: the cell state adds up what the input gate lets in.

    i = sigmoid(x W_i + h U_i + b_i)          i = 0 writes nothing: the cell state is kept
    g = 4 sigmoid(x W_g + h U_g + b_g) - 2    candidate, in (-2, 2)
    o = sigmoid(x W_o + h U_o + b_o)          o = 0 hides the cell state
    c' = c + i * g                            constant error carousel
    h' = o * (2 sigmoid(c') - 1)

    Output: h' (batch, units). State: h, c (batch, units) each.
    Source: Hochreiter & Schmidhuber 1997, Neural Computation 9(8), with the squashing functions of
    its appendix, equations 3-5. Later work has tanh in their place: the same functions of other
    weights, as 4 sigmoid(a) - 2 = 2 tanh(a / 2).
    Deviations: full gradients instead of truncated ones; each unit has its own gates; the bias of
    the output gate starts at 0, theirs below 0.

    Args:
        units: width of the output and of each state.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> layer = zoo.Recurrent("original_lstm", units=4, return_sequences=True)
        >>> print(layer(np.ones((2, 5, 3))).shape)
        (2, 5, 4)
    """

    gates = ("i", "g", "o")
    state_names = ("h", "c")
    retention_gates = {"i": -1}

    def step(self, x: Tensor, state: State) -> StepResult:
        h, c = state
        z = self.split(x + self.recur(h))
        g = 2 * ops.tanh(0.5 * z["g"])  # exact near 0 in low precision, unlike 4 sigmoid - 2
        c = c + ops.sigmoid(z["i"]) * self.candidate_dropout(g)
        h = ops.sigmoid(z["o"]) * ops.tanh(0.5 * c)
        return h, (h, c)

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        h, c = state
        W_i, W_g, W_o = by_gate(weights["kernel"], 3)
        U_i, U_g, U_o = by_gate(weights["recurrent_kernel"], 3)
        b_i, b_g, b_o = by_gate(weights["bias"], 3)
        i = sigmoid(x @ W_i + h @ U_i + b_i)  # input gate
        o = sigmoid(x @ W_o + h @ U_o + b_o)  # output gate
        g = 4 * sigmoid(x @ W_g + h @ U_g + b_g) - 2  # squashed cell input, (5)
        c_new = c + i * g  # internal state
        h_new = o * (2 * sigmoid(c_new) - 1)  # cell output, squashed by (4)
        return h_new, (h_new, c_new)
