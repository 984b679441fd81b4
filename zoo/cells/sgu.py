"""Simple gated unit: a candidate that multiplies the state with the input."""

import numpy as np
from keras import ops

from zoo.cells import cells
from zoo.recurrent_cell import RecurrentCell, State, StepResult, Tensor, Weights, by_gate


@cells.register(
    "sgu",
    paper="Gao & Glowacka 2016, arXiv 1604.02910",
    year=2016,
    tags=("gated",),
    good_for="sequence classification with two thirds of a GRU's weights",
)
class SGUCell(RecurrentCell):
    """Simple gated unit: the input acts on the state only by multiplication.

    z_g = tanh(((x W_g + b_g) * h) U_g)
    n = softplus(z_g * h)                                candidate, always positive
    z = hard_sigmoid(x W_z + h U_z + b_z)                z = 0 keeps the old state
    h' = (1 - z) * h + z * n                             z = 1 replaces it

    with hard_sigmoid(a) = max(0, min(1, 0.2 a + 0.5)).

    Output: h' (batch, units). State: h (batch, units). From a state of zeros, the candidate is
    log 2.
    Source: Gao & Glowacka 2016, arXiv 1604.02910; checked with the link SGU in the
    history of Chainer, links/connection/sgu.py.
    Deviations: none. `hard_sigmoid` is that of 2016, in Theano, Keras 1 and Chainer; those of
    Keras 3 and PyTorch have the slope 1/6.

    Args:
        units: width of the output and of the state.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> layer = zoo.Recurrent("sgu", units=4, return_sequences=True)
        >>> print(layer(np.ones((2, 5, 3))).shape)
        (2, 5, 4)
    """

    gates = ("g", "z")
    retention_gates = {"z": -1}

    def step(self, x: Tensor, state: State) -> StepResult:
        (h,) = state
        x = self.split(x)
        z_g = ops.tanh(self.recur(x["g"] * h, "g"))
        z = ops.clip(0.2 * (x["z"] + self.recur(h, "z")) + 0.5, 0.0, 1.0)
        h = (1 - z) * h + z * self.candidate_dropout(ops.softplus(z_g * h))
        return h, (h,)

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        (h,) = state
        W_g, W_z = by_gate(weights["kernel"], 2)
        U_g, U_z = by_gate(weights["recurrent_kernel"], 2)
        b_g, b_z = by_gate(weights["bias"], 2)
        x_g = x @ W_g + b_g  # x_g
        z_g = np.tanh((x_g * h) @ U_g)  # z_g
        z_out = np.logaddexp(0, z_g * h)  # z_out, softplus
        z = np.clip(0.2 * (x @ W_z + b_z + h @ U_z) + 0.5, 0, 1)  # z_t, hard sigmoid
        h_new = (1 - z) * h + z * z_out  # h_t
        return h_new, (h_new,)
