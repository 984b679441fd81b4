"""STAR: a stackable recurrent cell with one gate."""

import numpy as np
from keras import ops

from zoo.cells import cells
from zoo.recurrent_cell import RecurrentCell, State, StepResult, Tensor, Weights, by_gate, sigmoid


@cells.register(
    "star",
    paper="Turkoglu et al. 2019, arXiv 1911.11033",
    year=2019,
    tags=("gated",),
    good_for="deep stacks of layers",
    exceptions={"gates:retention": "tanh also shrinks a state that the gate keeps"},
)
class STARCell(RecurrentCell):
    """STAR: the only recurrent product is that of the gate; tanh bounds the state.

    z = tanh(x W_z + b_z)                 candidate: without a recurrent product
    k = sigmoid(x W_k + h U_k + b_k)      k = 0 keeps the old state, k = 1 replaces it
    h' = tanh((1 - k) * h + k * z)

    Output: h' (batch, units). State: h (batch, units).
    Source: Turkoglu, D'Aronco, Wegner & Schindler 2019, arXiv 1911.11033; checked with
    torchrecurrent.
    Deviations: b_k starts at -1. The authors' code, whose gate has the opposite sign and the beta
    of `janet`, starts it at log U(1, 784), here `bias_initializer="chrono:785"`.

    Args:
        units: width of the output and of the state.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> layer = zoo.Recurrent("star", units=4, return_sequences=True)
        >>> print(layer(np.ones((2, 5, 3))).shape)
        (2, 5, 4)
    """

    gates = ("k", "z")
    recurrent_gates = ("k",)
    retention_gates = {"k": -1}
    default_bias_initializer = "unit_forget"

    def step(self, x: Tensor, state: State) -> StepResult:
        (h,) = state
        x = self.split(x)
        k = ops.sigmoid(x["k"] + self.recur(h))
        h = ops.tanh((1 - k) * h + k * self.candidate_dropout(ops.tanh(x["z"])))
        return h, (h,)

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        (h,) = state
        W_k, W_z = by_gate(weights["kernel"], 2)
        b_k, b_z = by_gate(weights["bias"], 2)
        k = sigmoid(x @ W_k + h @ weights["recurrent_kernel"] + b_k)  # K_t
        z = np.tanh(x @ W_z + b_z)  # z_t
        h_new = np.tanh((1 - k) * h + k * z)  # h_t
        return h_new, (h_new,)
