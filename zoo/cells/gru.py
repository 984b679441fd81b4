"""Gated recurrent unit with the reset gate after the recurrent product."""

import numpy as np

from zoo.cell_base.gated_cell import GatedCell
from zoo.cells import cells
from zoo.recurrent_cell import State, StepResult, Tensor, Weights, by_gate


@cells.register(
    "gru",
    paper="Cho et al. 2014, arXiv 1406.1078",
    year=2014,
    tags=("gated", "gru"),
    good_for="long dependencies with a quarter fewer weights than an LSTM and one state",
)
class GRUCell(GatedCell):
    """GRU with the reset gate after the recurrent product, as in Keras and cuDNN.

    z = sigmoid(x W_z + h U_z + b_z)              z = 1 keeps the old state
    r = sigmoid(x W_r + h U_r + b_r)              r = 0 hides the old state from the candidate
    n = tanh(x W_n + b_n + r * (h U_n + d_n))     d: the second row of the bias
    h' = z * h + (1 - z) * n

    Output: h' (batch, units). State: h (batch, units).
    Source: Cho et al. 2014, arXiv 1406.1078, equations 5-8 (z = 1 keeps the old state there too).
    Deviations: r multiplies the recurrent product, not h, and that product has its own bias
    (`reset_after=True` in Keras; cuDNN). Weights are those of keras.layers.GRU.

    Args:
        units: width of the output and of each state.
        activation: activation of the candidate, "tanh" as in the equations by default.
        recurrent_activation: activation of the gates, "sigmoid" by default.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> layer = zoo.Recurrent("gru", units=4, return_sequences=True)
        >>> print(layer(np.ones((2, 5, 3))).shape)
        (2, 5, 4)
    """

    gates = ("z", "r", "n")
    bias_rows = 2
    retention_gates = {"z": 1}
    keras_layer = "GRU"

    def step(self, x: Tensor, state: State) -> StepResult:
        (h,) = state
        x, y = self.split(x), self.split(self.recur(h) + self.bias[1])
        z, r = (self.recurrent_activation(x[gate] + y[gate]) for gate in "zr")
        n = self.candidate_dropout(self.activation(x["n"] + r * y["n"]))
        h = z * h + (1 - z) * n
        return h, (h,)

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        (h,) = state
        W_z, W_r, W_n = by_gate(weights["kernel"], 3)
        U_z, U_r, U_n = by_gate(weights["recurrent_kernel"], 3)
        b_z, b_r, b_n = by_gate(weights["bias"][0], 3)
        d_z, d_r, d_n = by_gate(weights["bias"][1], 3)
        tanh, sigmoid = self.numpy_activations()
        r = sigmoid(x @ W_r + b_r + h @ U_r + d_r)  # (5), with the biases of cuDNN
        z = sigmoid(x @ W_z + b_z + h @ U_z + d_z)  # (6), with the biases of cuDNN
        n = tanh(x @ W_n + b_n + r * (h @ U_n + d_n))  # cuDNN, instead of (8)
        h_new = z * h + (1 - z) * n  # (7)
        return h_new, (h_new,)
