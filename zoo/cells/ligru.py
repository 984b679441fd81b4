"""Light GRU: no reset gate, and a candidate with ReLU."""

from typing import Any

import numpy as np
from keras import ops

from zoo.cell_base.keras_objects import KerasObject, as_activation, numpy_activation
from zoo.cells import cells
from zoo.recurrent_cell import RecurrentCell, State, StepResult, Tensor, Weights, by_gate, sigmoid


@cells.register(
    "ligru",
    paper="Ravanelli et al. 2018, arXiv 1803.10225",
    year=2018,
    tags=("gated", "gru"),
    good_for="speech recognition, with a third fewer weights than a GRU",
)
class LiGRUCell(RecurrentCell):
    """Light GRU: a GRU without the reset gate whose candidate is not bounded.

    z = sigmoid(x W_z + h U_z + b_z)      z = 1 keeps the old state
    n = act(x W_n + h U_n + b_n)          act: `activation`
    h' = z * h + (1 - z) * n

    Output: h' (batch, units). State: h (batch, units).
    Source: Ravanelli, Brakel, Omologo & Bengio 2018, arXiv 1803.10225, and the authors' code.
    Deviations: a bias instead of the batch normalization of the input products, as in the authors'
    code without it. Without the normalization, the states of "relu" can grow: clip gradients.

    Args:
        units: width of the output and of the state.
        activation: activation of the candidate, "relu" (default) or "tanh".
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> layer = zoo.Recurrent("ligru", units=4, return_sequences=True)
        >>> print(layer(np.ones((2, 5, 3))).shape)
        (2, 5, 4)
    """

    gates = ("z", "n")
    retention_gates = {"z": 1}
    search_space = {"activation": ("relu", "tanh")}

    def __init__(self, units: int, activation: KerasObject = "relu", **kwargs: Any) -> None:
        super().__init__(units, **kwargs)
        self.activation = as_activation("activation", activation)

    def step(self, x: Tensor, state: State) -> StepResult:
        (h,) = state
        sums = self.split(x + self.recur(h))
        z = ops.sigmoid(sums["z"])
        n = self.candidate_dropout(self.activation(sums["n"]))
        h = z * h + (1 - z) * n
        return h, (h,)

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        (h,) = state
        W_z, W_n = by_gate(weights["kernel"], 2)
        U_z, U_n = by_gate(weights["recurrent_kernel"], 2)
        b_z, b_n = by_gate(weights["bias"], 2)
        z = sigmoid(x @ W_z + b_z + h @ U_z)  # z_t, the bias in place of BN
        n = numpy_activation(self.activation)(x @ W_n + b_n + h @ U_n)  # candidate, ReLU
        h_new = z * h + (1 - z) * n  # h_t
        return h_new, (h_new,)
