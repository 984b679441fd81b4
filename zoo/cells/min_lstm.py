"""Minimal LSTM: linear in its state, so that all timesteps can be computed in parallel."""

import numpy as np
from keras import ops

from zoo.cells import cells
from zoo.cells.min_gru import positive
from zoo.recurrent_cell import RecurrentCell, State, StepResult, Tensor, Weights, by_gate, sigmoid


@cells.register(
    "min_lstm",
    paper="Feng et al. 2024, arXiv 2410.01201",
    year=2024,
    tags=("gated", "lstm", "linear", "diagonal"),
    good_for="long sequences: all timesteps can be computed in parallel",
    exceptions={"learning": "the gates read only inputs, so one layer cannot select by position"},
)
class MinLSTMCell(RecurrentCell):
    """minLSTM: an LSTM whose gates and candidate depend only on the input.

    f = sigmoid(x W_f + b_f)
    i = sigmoid(x W_i + b_i)
    n = g(x W_n + b_n)          g(a) = a + 1/2 for a >= 0, sigmoid(a) for a < 0: always positive
    h' = f / (f + i) * h + i / (f + i) * n      i = 0 keeps the state

    Output: h' (batch, units). State: h (batch, units).
    Source: Feng et al. 2024, arXiv 2410.01201, section 3.2; g: appendix B.
    Deviations: f / (f + i) is computed as the sigmoid of log f - log i. The paper scans in log
    space, which requires positive states; `parallel=True` scans products directly, so that states
    may have any sign. The paper applies g to the initial state; this cell uses it unchanged.

    Args:
        units: width of the output and of the state.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> layer = zoo.Recurrent("min_lstm", units=4, parallel=True)
        >>> print(layer(np.ones((2, 5, 3))).shape)
        (2, 4)
    """

    gates = ("f", "i", "n")
    recurrent_shape = "none"
    retention_gates = {"i": -1}

    def linear(self, x: Tensor) -> tuple[Tensor, Tensor]:
        f, i, n = ops.split(x, 3, -1)
        log_ratio = ops.softplus(-i) - ops.softplus(-f)  # log f - log i
        return ops.sigmoid(log_ratio), ops.sigmoid(-log_ratio) * positive(n)

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        (h,) = state
        W_f, W_i, W_n = by_gate(weights["kernel"], 3)
        b_f, b_i, b_n = by_gate(weights["bias"], 3)
        f = sigmoid(x @ W_f + b_f)
        i = sigmoid(x @ W_i + b_i)
        a = x @ W_n + b_n
        n = np.where(a >= 0, a + 0.5, sigmoid(a))  # g, appendix B
        h_new = f / (f + i) * h + i / (f + i) * n
        return h_new, (h_new,)
