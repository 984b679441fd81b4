"""Strongly typed LSTM: gates read the present and the previous input, never the state."""

import numpy as np
from keras import ops

from zoo.cells import cells
from zoo.recurrent_cell import RecurrentCell, State, StepResult, Tensor, Weights, by_gate, sigmoid


@cells.register(
    "t_lstm",
    paper="Balduzzi & Ghifary 2016, arXiv 1602.02218",
    year=2016,
    tags=("gated", "lstm", "linear", "diagonal"),
    good_for="long sequences: all timesteps can be computed in parallel",
    exceptions={"learning": "the gates read only inputs, so one layer cannot select by position"},
)
class TLSTMCell(RecurrentCell):
    """T-LSTM: an LSTM that reads the previous input where an LSTM reads the state.

    z = x W_z + p V_z + b_z               candidate; p is the previous input, at first 0
    f = sigmoid(x W_f + p V_f + b_f)      f = 1 keeps the cell state, f = 0 replaces it
    o = tanh(x W_o + p V_o + b_o)         o = 0 hides the cell state
    c' = f * c + (1 - f) * z
    output = c' * o

    Output: c' * o (batch, units). State: c (batch, units); previous (batch, 3 * units), the
    products p V.
    Source: Balduzzi & Ghifary 2016, arXiv 1602.02218, section 3.2.
    Deviations: none. W and V are the columns of one kernel.

    Args:
        units: width of the output and of the cell state.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> layer = zoo.Recurrent("t_lstm", units=4, return_sequences=True)
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
        return ops.sigmoid(f), ops.sigmoid(-f) * (x["z"] + x["previous_z"])

    def readout(self, x: Tensor, h: Tensor) -> Tensor:
        x = self.split(x)
        return h * ops.tanh(x["o"] + x["previous_o"])

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        c, previous = state
        W_z, W_f, W_o, V_z, V_f, V_o = by_gate(weights["kernel"], 6)
        b_z, b_f, b_o = by_gate(weights["bias"], 3)
        p_z, p_f, p_o = by_gate(previous, 3)  # the products of the previous input and V
        z = x @ W_z + p_z + b_z
        f = sigmoid(x @ W_f + p_f + b_f)
        o = np.tanh(x @ W_o + p_o + b_o)
        c_new = f * c + (1 - f) * z
        return c_new * o, (c_new, np.concatenate([x @ V_z, x @ V_f, x @ V_o], -1))
