"""MUT2: the second of three cells that a search among architectures found."""

import numpy as np
from keras import ops

from zoo.cells import cells
from zoo.recurrent_cell import RecurrentCell, State, StepResult, Tensor, Weights, by_gate, sigmoid


@cells.register(
    "mut2",
    paper="Jozefowicz et al. 2015, PMLR 37",
    year=2015,
    tags=("gated", "gru"),
    good_for="the tasks of a GRU, such as language models",
)
class MUT2Cell(RecurrentCell):
    """MUT2: a GRU that resets before the recurrent product and whose open update gate writes.

    z = sigmoid(x W_z + h U_z + b_z)      z = 0 keeps the old state, z = 1 replaces it
    r = sigmoid(x W_r + h U_r + b_r)      r = 0 hides the old state from the candidate
    n = tanh((r * h) U_n + x W_n + b_n)
    h' = z * n + (1 - z) * h

    Output: h' (batch, units). State: h (batch, units).
    Source: Jozefowicz, Zaremba & Sutskever 2015, An empirical exploration of recurrent network
    architectures, ICML; checked with the layer JZS2 of Keras 0.1.
    Deviations: x W_r instead of x in r, as in torchrecurrent. The paper's x must be as wide as the
    state, so that W_r is the identity there. With a trained W_r, the cell differs from
    `gru_reset_before` only in the sign of z and in its initial weights.

    Args:
        units: width of the output and of the state.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> layer = zoo.Recurrent("mut2", units=4, return_sequences=True)
        >>> print(layer(np.ones((2, 5, 3))).shape)
        (2, 5, 4)
    """

    gates = ("z", "r", "n")
    retention_gates = {"z": -1}

    def step(self, x: Tensor, state: State) -> StepResult:
        (h,) = state
        x, y = self.split(x), self.split(self.recur(h, "z", "r"), "z", "r")
        z, r = (ops.sigmoid(x[gate] + y[gate]) for gate in "zr")
        n = self.candidate_dropout(ops.tanh(x["n"] + self.recur(r * h, "n")))
        h = z * n + (1 - z) * h
        return h, (h,)

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        (h,) = state
        W_z, W_r, W_n = by_gate(weights["kernel"], 3)
        U_z, U_r, U_n = by_gate(weights["recurrent_kernel"], 3)
        b_z, b_r, b_n = by_gate(weights["bias"], 3)
        z = sigmoid(x @ W_z + h @ U_z + b_z)  # z
        r = sigmoid(x @ W_r + h @ U_r + b_r)  # r, with W_r for the paper's x
        n = np.tanh((r * h) @ U_n + x @ W_n + b_n)  # the factor of z in h_{t+1}
        h_new = n * z + h * (1 - z)  # h_{t+1}
        return h_new, (h_new,)
