"""Simple recurrent unit: gates without recurrent products, and a highway connection."""

from typing import Any

import numpy as np
from keras import ops

from zoo.cell_base.keras_objects import KerasObject, as_activation, numpy_activation
from zoo.cells import cells
from zoo.recurrent_cell import RecurrentCell, State, StepResult, Tensor, Weights, by_gate, sigmoid


@cells.register(
    "sru",
    paper="Lei et al. 2018, arXiv 1709.02755",
    year=2018,
    tags=("gated", "linear", "diagonal"),
    good_for="deep stacks: timesteps can be computed in parallel, with a highway connection",
    exceptions={"learning": "the gates read only inputs, so one layer cannot select by position"},
)
class SRUCell(RecurrentCell):
    """SRU: a gated average of projected inputs, and a gate between it and the input.

    u = x W_u
    f = sigmoid(x W_f + b_f)              f = 1 keeps the cell state, f = 0 replaces it
    r = sigmoid(x W_r + b_r)              r = 0 outputs the input, r = 1 the cell state
    c' = f * c + (1 - f) * u
    output = r * act(c') + (1 - r) * (x W_s)                             act: `activation`

    Output: r * act(c') + (1 - r) * (x W_s) (batch, units). State: c (batch, units).
    Source: Lei, Zhang, Wang, Dai & Artzi 2018, arXiv 1709.02755; these are the equations of the
    first version of the paper, in which the gates do not read the state.
    Deviations: the input is always projected for the highway connection; the paper uses the input
    itself if it is as wide as the output.

    Args:
        units: width of the output and of the state.
        activation: "tanh" (default) or "linear", as in the paper's later versions.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> layer = zoo.Recurrent("sru", units=4, parallel=True)
        >>> print(layer(np.ones((2, 5, 3))).shape)
        (2, 4)
    """

    gates = ("u", "f", "r", "s")
    bias_gates = ("f", "r")
    state_names = ("c",)
    recurrent_shape = "none"
    retention_gates = {"f": 1}
    search_space = {"activation": ("tanh", "linear")}

    def __init__(self, units: int, activation: KerasObject = "tanh", **kwargs: Any) -> None:
        super().__init__(units, **kwargs)
        self.activation = as_activation("activation", activation)

    def linear(self, x: Tensor) -> tuple[Tensor, Tensor]:
        x = self.split(x)
        return ops.sigmoid(x["f"]), ops.sigmoid(-x["f"]) * x["u"]

    def readout(self, x: Tensor, h: Tensor) -> Tensor:
        x = self.split(x)
        r = ops.sigmoid(x["r"])
        return r * self.activation(h) + (1 - r) * x["s"]

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        (c,) = state
        W_u, W_f, W_r, W_s = by_gate(weights["kernel"], 4)
        b_f, b_r = by_gate(weights["bias"], 2)
        f = sigmoid(x @ W_f + b_f)
        r = sigmoid(x @ W_r + b_r)
        c_new = f * c + (1 - f) * (x @ W_u)
        output = r * numpy_activation(self.activation)(c_new) + (1 - r) * (x @ W_s)
        return output, (c_new,)
