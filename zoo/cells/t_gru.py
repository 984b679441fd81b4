"""Strongly typed GRU: gates read the present and the previous input, never the state."""

import numpy as np
from keras import ops

from zoo.cells import cells
from zoo.recurrent_cell import RecurrentCell, State, StepResult, Tensor, Weights, by_gate, sigmoid


@cells.register(
    "t_gru",
    paper="Balduzzi & Ghifary 2016, arXiv 1602.02218",
    year=2016,
    tags=("gated", "gru", "linear", "diagonal"),
    good_for="long sequences: all timesteps can be computed in parallel",
)
class TGRUCell(RecurrentCell):
    """T-GRU: a GRU that reads the previous input where a GRU reads the state.

    z = x W_z + p V_z + b_z               candidate; p is the previous input, at first 0
    f = sigmoid(x W_f + p V_f + b_f)      f = 1 keeps the state, f = 0 forgets it
    o = tanh(x W_o + p V_o + b_o)         o = 0 writes nothing
    h' = f * h + z * o

    Output: h' (batch, units). State: h (batch, units); previous (batch, 3 * units), the products
    p V.
    Source: Balduzzi & Ghifary 2016, arXiv 1602.02218, section 3.2.
    Deviations: none. W and V are the columns of one kernel.

    Args:
        units: width of the output and of the state h.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> layer = zoo.Recurrent("t_gru", units=4, return_sequences=True)
        >>> print(layer(np.ones((2, 5, 3))).shape)
        (2, 5, 4)
    """

    gates = ("z", "f", "o", "previous_z", "previous_f", "previous_o")
    previous_gates = ("previous_z", "previous_f", "previous_o")
    bias_gates = ("z", "f", "o")
    state_names = ("h", "previous")
    recurrent_shape = "none"

    def linear(self, x: Tensor) -> tuple[Tensor, Tensor]:
        now, previous = ops.split(x, 2, -1)
        z, f, o = ops.split(now + previous, 3, -1)
        return ops.sigmoid(f), z * ops.tanh(o)

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        h, previous = state
        W_z, W_f, W_o, V_z, V_f, V_o = by_gate(weights["kernel"], 6)
        b_z, b_f, b_o = by_gate(weights["bias"], 3)
        p_z, p_f, p_o = by_gate(previous, 3)  # the products of the previous input and V
        z = x @ W_z + p_z + b_z
        f = sigmoid(x @ W_f + p_f + b_f)
        o = np.tanh(x @ W_o + p_o + b_o)
        h_new = f * h + z * o
        return h_new, (h_new, np.concatenate([x @ V_z, x @ V_f, x @ V_o], -1))
