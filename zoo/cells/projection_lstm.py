"""LSTM with a recurrent projection layer and peephole connections."""

from typing import Any

import numpy as np
from keras import ops

from zoo.cells import cells
from zoo.errors import RequestError
from zoo.recurrent_cell import RecurrentCell, State, StepResult, Tensor, Weights, by_gate, sigmoid


@cells.register(
    "projection_lstm",
    paper="Sak et al. 2014, arXiv 1402.1128",
    year=2014,
    tags=("gated", "lstm"),
    good_for="large cell states at a moderate number of weights, as in speech recognition",
)
class ProjectionLSTMCell(RecurrentCell):
    """LSTM whose output is projected to a smaller width before it is output and fed back.

    i = sigmoid(x W_i + r U_i + p_i * c + b_i)       i = 0 writes nothing
    f = sigmoid(x W_f + r U_f + p_f * c + b_f)       f = 1 keeps the cell state
    c' = f * c + i * tanh(x W_g + r U_g + b_g)
    o = sigmoid(x W_o + r U_o + p_o * c' + b_o)      o = 0 hides the cell state; reads c'
    r' = (o * tanh(c')) W_r                          W_r: `projection_kernel`

    Output: r' (batch, projection_units). State: r (batch, projection_units), c (batch, units).
    Source: Sak, Senior & Beaufays 2014, arXiv 1402.1128, equations 7-12.
    Deviations: none. The paper's second, non-recurrent projection is left out.

    Args:
        units: width of the cell state.
        projection_units: width of the output and of the state r; None: half of `units`.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import zoo
        >>> zoo.Recurrent("projection_lstm", 8, projection_units=3).compute_output_shape((2, 5, 3))
        (2, 3)
    """

    gates = ("i", "f", "g", "o")
    state_names = ("r", "c")
    retention_gates = {"f": 1, "i": -1}
    default_bias_initializer = "unit_forget"

    def __init__(self, units: int, projection_units: int | None = None, **kwargs: Any) -> None:
        super().__init__(units, **kwargs)
        width = max(1, units // 2) if projection_units is None else projection_units
        if not isinstance(width, int) or width < 1:
            raise RequestError(f"projection_units={width!r} is not a positive integer. Try 64.")
        self.projection_units = width

    @property
    def output_size(self) -> int:
        return self.projection_units

    def state_sizes(self) -> dict[str, int]:
        return {"r": self.projection_units}

    def extra_weights(self) -> dict[str, Any]:
        projection_kernel = ((self.units, self.projection_units), "glorot_uniform")
        peephole = ((3, self.units), "glorot_uniform")
        return {"projection_kernel": projection_kernel, "peephole": peephole}

    def step(self, x: Tensor, state: State) -> StepResult:
        r, c = state
        z = self.split(x + self.recur(r))
        i = ops.sigmoid(z["i"] + self.peephole[0] * c)
        f = ops.sigmoid(z["f"] + self.peephole[1] * c)
        c = f * c + i * self.candidate_dropout(ops.tanh(z["g"]))
        m = ops.sigmoid(z["o"] + self.peephole[2] * c) * ops.tanh(c)
        r = self.multiply(m, "projection_kernel")
        return r, (r, c)

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        r, c = state
        W_i, W_f, W_g, W_o = by_gate(weights["kernel"], 4)
        U_i, U_f, U_g, U_o = by_gate(weights["recurrent_kernel"], 4)
        b_i, b_f, b_g, b_o = by_gate(weights["bias"], 4)
        p_i, p_f, p_o = weights["peephole"]
        i = sigmoid(x @ W_i + r @ U_i + p_i * c + b_i)  # (7)
        f = sigmoid(x @ W_f + r @ U_f + p_f * c + b_f)  # (8)
        c_new = f * c + i * np.tanh(x @ W_g + r @ U_g + b_g)  # (9)
        o = sigmoid(x @ W_o + r @ U_o + p_o * c_new + b_o)  # (10)
        r_new = (o * np.tanh(c_new)) @ weights["projection_kernel"]  # (11), (12)
        return r_new, (r_new, c_new)
