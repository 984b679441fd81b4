"""Recurrent additive network: an LSTM whose candidate is a linear function of the input."""

import numpy as np
from keras import ops

from zoo.cells import cells
from zoo.recurrent_cell import RecurrentCell, State, StepResult, Tensor, Weights, by_gate, sigmoid


@cells.register(
    "ran",
    paper="Lee et al. 2017, arXiv 1705.07393",
    year=2017,
    tags=("gated", "lstm"),
    good_for="language models that can be inspected: the state is a weighted sum of past inputs",
)
class RANCell(RecurrentCell):
    """RAN: the cell state is a gated sum of projected inputs; only the gates read the state.

    n = x W_n                             candidate: linear, without bias and recurrent product
    i = sigmoid(x W_i + h U_i + b_i)      i = 0 writes nothing
    f = sigmoid(x W_f + h U_f + b_f)      f = 1 keeps the cell state
    c' = i * n + f * c
    h' = tanh(c')

    Output: h' (batch, units). State: h, c (batch, units) each.
    Source: Lee, Levy & Zettlemoyer 2017, arXiv 1705.07393, section 2, and the authors' code.
    Deviations: none. The paper also has a variant without tanh in h'.

    Args:
        units: width of the output and of each state.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> layer = zoo.Recurrent("ran", units=4, return_sequences=True)
        >>> print(layer(np.ones((2, 5, 3))).shape)
        (2, 5, 4)
    """

    gates = ("i", "f", "n")
    recurrent_gates = ("i", "f")
    bias_gates = ("i", "f")
    state_names = ("h", "c")
    retention_gates = {"f": 1, "i": -1}

    def step(self, x: Tensor, state: State) -> StepResult:
        h, c = state
        x, y = self.split(x), self.split(self.recur(h), "i", "f")
        i, f = (ops.sigmoid(x[gate] + y[gate]) for gate in "if")
        c = i * self.candidate_dropout(x["n"]) + f * c
        h = ops.tanh(c)
        return h, (h, c)

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        h, c = state
        W_i, W_f, W_n = by_gate(weights["kernel"], 3)
        U_i, U_f = by_gate(weights["recurrent_kernel"], 2)
        b_i, b_f = by_gate(weights["bias"], 2)
        n = x @ W_n  # content layer
        i = sigmoid(x @ W_i + h @ U_i + b_i)  # input gate
        f = sigmoid(x @ W_f + h @ U_f + b_f)  # forget gate
        c_new = i * n + f * c  # cell state
        h_new = np.tanh(c_new)  # output, g = tanh
        return h_new, (h_new, c_new)
