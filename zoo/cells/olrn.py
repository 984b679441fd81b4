"""Lightweight recurrent network with an output gate."""

import numpy as np
from keras import ops

from zoo.cells import cells
from zoo.recurrent_cell import RecurrentCell, State, StepResult, Tensor, Weights, by_gate, sigmoid


@cells.register(
    "olrn",
    paper="Zhang & Sennrich 2019, arXiv 1905.13324",
    year=2019,
    tags=("gated", "diagonal"),
    good_for="speed: a timestep has no matrix product; a gate in place of the activation of lrn",
)
class OLRNCell(RecurrentCell):
    """LRN with an output gate in place of the activation.

    p = x W_p + b_p,  q = x W_q + b_q,  v = x W_v + b_v,  w = x W_w + b_w
    i = sigmoid(p + h)        i = 0 writes nothing
    f = sigmoid(q - h)        f = 1 keeps the old state
    s = i * v + f * h
    o = sigmoid(w - s)        o = 0 erases the new state
    h' = o * s

    Output: h' (batch, units). State: h (batch, units).
    Source: the authors' code, github.com/bzhangGo/zero, rnns/olrn.py; the paper, Zhang & Sennrich
    2019, arXiv 1905.13324, has no output gate.
    Deviations: biases, as in the authors' code of `lrn`; b_q starts at 1.

    Args:
        units: width of the output and of the state.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> layer = zoo.Recurrent("olrn", units=4, return_sequences=True)
        >>> print(layer(np.ones((2, 5, 3))).shape)
        (2, 5, 4)
    """

    gates = ("p", "q", "v", "w")
    recurrent_shape = "none"
    retention_gates = {"q": 1, "p": -1, "w": 1}
    default_bias_initializer = "unit_forget"

    def step(self, x: Tensor, state: State) -> StepResult:
        (h,) = state
        x = self.split(x)
        i, f = ops.sigmoid(x["p"] + h), ops.sigmoid(x["q"] - h)
        h = i * self.candidate_dropout(x["v"]) + f * h
        h = ops.sigmoid(x["w"] - h) * h
        return h, (h,)

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        (h,) = state
        W_p, W_q, W_v, W_w = by_gate(weights["kernel"], 4)
        b_p, b_q, b_v, b_w = by_gate(weights["bias"], 4)
        i = sigmoid(x @ W_p + b_p + h)  # input gate
        f = sigmoid(x @ W_q + b_q - h)  # forget gate
        s = i * (x @ W_v + b_v) + f * h
        o = sigmoid(x @ W_w + b_w - s)  # output gate, from the new state
        h_new = o * s
        return h_new, (h_new,)
