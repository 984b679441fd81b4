"""Light recurrent unit: one gate, and a candidate that reads only the input."""

import numpy as np
from keras import ops

from zoo.cells import cells
from zoo.recurrent_cell import RecurrentCell, State, StepResult, Tensor, Weights, by_gate, sigmoid


@cells.register(
    "light_ru",
    paper="Ye et al. 2024, doi 10.3390/electronics13163204",
    year=2024,
    tags=("gated",),
    good_for="small models: one recurrent product in each timestep",
)
class LightRUCell(RecurrentCell):
    """Light recurrent unit: the only recurrent product is that of the forget gate.

    n = tanh(x W_n)                       candidate: without bias and recurrent product
    f = sigmoid(x W_f + h U_f + b_f)      f = 0 keeps the old state, f = 1 replaces it
    h' = (1 - f) * h + f * n

    Output: h' (batch, units). State: h (batch, units).
    Source: Ye, Zhang, Liu, Li, Chang & Zheng 2024, Light Recurrent Unit, Electronics 13(16) 3204;
    checked with two implementations, lucidrains' and that of RecurrentLayers.jl.
    Deviations: none. The paper's "forget gate" overwrites the state when it is open.

    Args:
        units: width of the output and of the state.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> layer = zoo.Recurrent("light_ru", units=4, return_sequences=True)
        >>> print(layer(np.ones((2, 5, 3))).shape)
        (2, 5, 4)
    """

    gates = ("f", "n")
    recurrent_gates = ("f",)
    bias_gates = ("f",)
    retention_gates = {"f": -1}

    def step(self, x: Tensor, state: State) -> StepResult:
        (h,) = state
        x = self.split(x)
        f = ops.sigmoid(x["f"] + self.recur(h))
        h = (1 - f) * h + f * self.candidate_dropout(ops.tanh(x["n"]))
        return h, (h,)

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        (h,) = state
        W_f, W_n = by_gate(weights["kernel"], 2)
        n = np.tanh(x @ W_n)  # candidate state
        f = sigmoid(x @ W_f + h @ weights["recurrent_kernel"] + weights["bias"])  # forget gate
        h_new = (1 - f) * h + f * n  # h_t
        return h_new, (h_new,)
