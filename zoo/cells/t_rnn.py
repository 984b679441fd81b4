"""Strongly typed simple recurrent network: a running average with a learned rate."""

import numpy as np
from keras import ops

from zoo.cells import cells
from zoo.recurrent_cell import RecurrentCell, State, StepResult, Tensor, Weights, by_gate, sigmoid


@cells.register(
    "t_rnn",
    paper="Balduzzi & Ghifary 2016, arXiv 1602.02218",
    year=2016,
    tags=("gated", "linear", "diagonal"),
    good_for="long sequences: all timesteps can be computed in parallel, with two kernels only",
    exceptions={"learning": "the gate reads only inputs, so one layer cannot select by position"},
)
class TRNNCell(RecurrentCell):
    """T-RNN: the state is a running average of projected inputs, at a rate that the input sets.

    z = x W_z + b_z                  candidate, without a nonlinearity
    f = sigmoid(x W_f + b_f)         f = 1 keeps the state, f = 0 replaces it
    h' = f * h + (1 - f) * z

    Output: h' (batch, units). State: h (batch, units).
    Source: Balduzzi & Ghifary 2016, arXiv 1602.02218, section 3.2.
    Deviations: the paper's z has no bias; `bias` holds b_z, b_f.

    Args:
        units: width of the output and of the state.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> layer = zoo.Recurrent("t_rnn", units=4, parallel=True)
        >>> print(layer(np.ones((2, 5, 3))).shape)
        (2, 4)
    """

    gates = ("z", "f")
    recurrent_shape = "none"
    retention_gates = {"f": 1}

    def linear(self, x: Tensor) -> tuple[Tensor, Tensor]:
        z, f = ops.split(x, 2, -1)
        return ops.sigmoid(f), ops.sigmoid(-f) * z

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        (h,) = state
        W_z, W_f = by_gate(weights["kernel"], 2)
        b_z, b_f = by_gate(weights["bias"], 2)
        z = x @ W_z + b_z
        f = sigmoid(x @ W_f + b_f)
        h_new = f * h + (1 - f) * z
        return h_new, (h_new,)
