"""Quasi-recurrent network: convolutions of width two and a gated average."""

import numpy as np
from keras import ops

from zoo.cells import cells
from zoo.recurrent_cell import RecurrentCell, State, StepResult, Tensor, Weights, by_gate, sigmoid


@cells.register(
    "qrnn",
    paper="Bradbury et al. 2017, arXiv 1611.01576",
    year=2017,
    tags=("gated", "linear", "diagonal"),
    good_for="text: gates read two adjacent inputs, and timesteps can be computed in parallel",
)
class QRNNCell(RecurrentCell):
    """QRNN with fo-pooling: gates are a convolution over the present and the previous input.

    z = tanh(x W_z + p V_z + b_z)         candidate; p is the previous input, at first 0
    f = sigmoid(x W_f + p V_f + b_f)      f = 1 keeps the cell state, f = 0 replaces it
    o = sigmoid(x W_o + p V_o + b_o)      o = 0 hides the cell state
    c' = f * c + (1 - f) * z
    output = o * c'

    Output: o * c' (batch, units). State: c (batch, units); previous (batch, 3 * units), the
    products p V.
    Source: Bradbury, Merity, Xiong & Socher 2017, arXiv 1611.01576, equations 2 and 4.
    Deviations: the width of the convolution is 2, as in most of the paper's experiments. W and V
    are the columns of one kernel. In the authors' code, f overwrites the state.

    Args:
        units: width of the output and of the cell state.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> layer = zoo.Recurrent("qrnn", units=4, return_sequences=True)
        >>> print(layer(np.ones((2, 5, 3))).shape)
        (2, 5, 4)
    """

    gates = ("z", "f", "o", "previous_z", "previous_f", "previous_o")
    previous_gates = ("previous_z", "previous_f", "previous_o")
    bias_gates = ("z", "f", "o")
    state_names = ("c", "previous")
    recurrent_shape = "none"
    retention_gates = {"f": 1}

    def linear(self, x: Tensor) -> tuple[Tensor, Tensor]:
        x = self.split(x)
        f = x["f"] + x["previous_f"]
        return ops.sigmoid(f), ops.sigmoid(-f) * ops.tanh(x["z"] + x["previous_z"])

    def readout(self, x: Tensor, h: Tensor) -> Tensor:
        x = self.split(x)
        return h * ops.sigmoid(x["o"] + x["previous_o"])

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        c, previous = state
        W_z, W_f, W_o, V_z, V_f, V_o = by_gate(weights["kernel"], 6)
        b_z, b_f, b_o = by_gate(weights["bias"], 3)
        p_z, p_f, p_o = by_gate(previous, 3)  # the products of the previous input and V
        z = np.tanh(p_z + x @ W_z + b_z)
        f = sigmoid(p_f + x @ W_f + b_f)
        o = sigmoid(p_o + x @ W_o + b_o)
        c_new = f * c + (1 - f) * z
        return o * c_new, (c_new, np.concatenate([x @ V_z, x @ V_f, x @ V_o], -1))
