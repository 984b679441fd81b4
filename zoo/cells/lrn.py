"""Lightweight recurrent network: gates that read the state itself, without recurrent weights."""

from typing import Any

import numpy as np
from keras import ops

from zoo.cell_base.keras_objects import KerasObject, as_activation, numpy_activation
from zoo.cells import cells
from zoo.recurrent_cell import RecurrentCell, State, StepResult, Tensor, Weights, by_gate, sigmoid


@cells.register(
    "lrn",
    paper="Zhang & Sennrich 2019, arXiv 1905.13324",
    year=2019,
    tags=("gated", "diagonal"),
    good_for="speed: a timestep has no matrix product, and yet the gates read the state",
    exceptions={
        "learning": "a state within (-1, 1) shifts only its own gates, and only a little, so one "
        "layer learns slowly to select by position"
    },
)
class LRNCell(RecurrentCell):
    """LRN: all weights are those of the input; the state enters the gates by sum and difference.

    p = x W_p + b_p,  q = x W_q + b_q,  v = x W_v + b_v
    i = sigmoid(p + h)      i = 0 writes nothing
    f = sigmoid(q - h)      f = 1 keeps the old state
    h' = act(i * v + f * h)      act: `activation`

    Output: h' (batch, units). State: h (batch, units).
    Source: Zhang & Sennrich 2019, arXiv 1905.13324, and the authors' code (p is the paper's key k).
    Deviations: biases, as in the authors' code; none in the paper.

    Args:
        units: width of the output and of the state.
        activation: "tanh" (default) or "linear", with which the state may leave (-1, 1).
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> layer = zoo.Recurrent("lrn", units=4, return_sequences=True)
        >>> print(layer(np.ones((2, 5, 3))).shape)
        (2, 5, 4)
    """

    gates = ("p", "q", "v")
    recurrent_shape = "none"
    search_space = {"activation": ("tanh", "linear")}

    def __init__(self, units: int, activation: KerasObject = "tanh", **kwargs: Any) -> None:
        super().__init__(units, **kwargs)
        self.activation = as_activation("activation", activation)

    def step(self, x: Tensor, state: State) -> StepResult:
        (h,) = state
        x = self.split(x)
        i, f = ops.sigmoid(x["p"] + h), ops.sigmoid(x["q"] - h)
        total = i * self.candidate_dropout(x["v"]) + f * h
        h = self.activation(total)
        return h, (h,)

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        (h,) = state
        W_p, W_q, W_v = by_gate(weights["kernel"], 3)
        b_p, b_q, b_v = by_gate(weights["bias"], 3)
        k, q, v = x @ W_p + b_p, x @ W_q + b_q, x @ W_v + b_v  # projections of the input
        i = sigmoid(k + h)  # input gate
        f = sigmoid(q - h)  # forget gate
        h_new = numpy_activation(self.activation)(i * v + f * h)  # h_t
        return h_new, (h_new,)
