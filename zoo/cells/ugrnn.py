"""Update gate RNN: a simple recurrent network with one gate."""

import numpy as np
from keras import ops

from zoo.cells import cells
from zoo.recurrent_cell import RecurrentCell, State, StepResult, Tensor, Weights, by_gate, sigmoid


@cells.register(
    "ugrnn",
    paper="Collins et al. 2017, arXiv 1611.09913",
    year=2017,
    tags=("gated",),
    good_for="networks that are easy to train and to analyze, of one or two layers",
)
class UGRNNCell(RecurrentCell):
    """Update gate RNN: a gate selects between the state and that of a simple recurrent network.

    g = sigmoid(x W_g + h U_g + b_g)      g = 1 keeps the old state, g = 0 replaces it
    n = tanh(x W_n + h U_n + b_n)
    h' = g * h + (1 - g) * n

    Output: h' (batch, units). State: h (batch, units).
    Source: Collins, Sohl-Dickstein & Sussillo 2017, arXiv 1611.09913; checked with
    UGRNNCell of tf.contrib.
    Deviations: b_g, which starts at 1, includes the constant 1 that tf.contrib adds in the gate.

    Args:
        units: width of the output and of the state.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> layer = zoo.Recurrent("ugrnn", units=4, return_sequences=True)
        >>> print(layer(np.ones((2, 5, 3))).shape)
        (2, 5, 4)
    """

    gates = ("g", "n")
    retention_gates = {"g": 1}
    default_bias_initializer = "unit_forget"

    def step(self, x: Tensor, state: State) -> StepResult:
        (h,) = state
        z = self.split(x + self.recur(h))
        g, n = ops.sigmoid(z["g"]), self.candidate_dropout(ops.tanh(z["n"]))
        h = g * h + (1 - g) * n
        return h, (h,)

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        (h,) = state
        W_g, W_n = by_gate(weights["kernel"], 2)
        U_g, U_n = by_gate(weights["recurrent_kernel"], 2)
        b_g, b_n = by_gate(weights["bias"], 2)
        n = np.tanh(h @ U_n + x @ W_n + b_n)  # c_t
        g = sigmoid(h @ U_g + x @ W_g + b_g)  # g_t
        h_new = g * h + (1 - g) * n  # h_t
        return h_new, (h_new,)
