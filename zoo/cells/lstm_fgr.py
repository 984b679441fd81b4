"""LSTM with peepholes and recurrent connections between the gates."""

from typing import Any

import numpy as np
from keras import ops

from zoo.cells import cells
from zoo.recurrent_cell import RecurrentCell, State, StepResult, Tensor, Weights, by_gate, sigmoid


@cells.register(
    "lstm_fgr",
    paper="Greff et al. 2015, arXiv 1503.04069",
    year=2015,
    tags=("gated", "lstm"),
    good_for="studies of the LSTM: gates that read gates, at three times its recurrent weights",
)
class FGRLSTMCell(RecurrentCell):
    """FGR: the LSTM with peepholes whose gates also read all gates of the previous timestep.

    r_i, r_f, r_o = [i_p | f_p | o_p] R              i_p, f_p, o_p: gates of the previous timestep
    i = sigmoid(x W_i + h U_i + p_i * c + r_i + b_i)       i = 0 writes nothing
    f = sigmoid(x W_f + h U_f + p_f * c + r_f + b_f)       f = 1 keeps the cell state
    g = tanh(x W_g + h U_g + b_g)                          candidate
    c' = f * c + i * g
    o = sigmoid(x W_o + h U_o + p_o * c' + r_o + b_o)      o = 0 hides the cell state; reads c'
    h' = o * tanh(c')

    Output: h' (batch, units). State: h, c (batch, units) each; gates (batch, 3 * units): i, f, o.
    Source: Greff et al. 2015, arXiv 1503.04069, the variant FGR in section 3. R: `gate_kernel`.
    Deviations: none.

    Args:
        units: width of the output and of the states h and c.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> layer = zoo.Recurrent("lstm_fgr", units=4, return_sequences=True)
        >>> print(layer(np.ones((2, 5, 3))).shape)
        (2, 5, 4)
    """

    gates = ("i", "f", "g", "o")
    state_names = ("h", "c", "gates")
    retention_gates = {"f": 1, "i": -1}
    default_bias_initializer = "unit_forget"

    def state_sizes(self) -> dict[str, int]:
        return {"gates": 3 * self.units}

    def extra_weights(self) -> dict[str, Any]:
        gate_kernel = ((3 * self.units, 3 * self.units), "orthogonal")
        return {"peephole": ((3, self.units), "glorot_uniform"), "gate_kernel": gate_kernel}

    def step(self, x: Tensor, state: State) -> StepResult:
        h, c, gates = state
        z = self.split(x + self.recur(h))
        r = self.split(self.multiply(gates, "gate_kernel"), "i", "f", "o")
        i = ops.sigmoid(z["i"] + self.peephole[0] * c + r["i"])
        f = ops.sigmoid(z["f"] + self.peephole[1] * c + r["f"])
        c = f * c + i * self.candidate_dropout(ops.tanh(z["g"]))
        o = ops.sigmoid(z["o"] + self.peephole[2] * c + r["o"])
        h = o * ops.tanh(c)
        return h, (h, c, ops.concatenate([i, f, o], -1))

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        h, c, gates = state
        i_p, f_p, o_p = by_gate(gates, 3)
        W_i, W_f, W_g, W_o = by_gate(weights["kernel"], 4)
        U_i, U_f, U_g, U_o = by_gate(weights["recurrent_kernel"], 4)
        b_i, b_f, b_g, b_o = by_gate(weights["bias"], 4)
        p_i, p_f, p_o = weights["peephole"]
        from_i, from_f, from_o = np.split(weights["gate_kernel"], 3)
        R_ii, R_if, R_io = by_gate(from_i, 3)
        R_fi, R_ff, R_fo = by_gate(from_f, 3)
        R_oi, R_of, R_oo = by_gate(from_o, 3)
        r_i, r_f, r_o = (
            i_p @ R_i + f_p @ R_f + o_p @ R_o
            for R_i, R_f, R_o in ((R_ii, R_fi, R_oi), (R_if, R_ff, R_of), (R_io, R_fo, R_oo))
        )
        i = sigmoid(x @ W_i + h @ U_i + p_i * c + b_i + r_i)
        f = sigmoid(x @ W_f + h @ U_f + p_f * c + b_f + r_f)
        c_new = np.tanh(x @ W_g + h @ U_g + b_g) * i + c * f
        o = sigmoid(x @ W_o + h @ U_o + p_o * c_new + b_o + r_o)
        h_new = np.tanh(c_new) * o
        return h_new, (h_new, c_new, np.concatenate([i, f, o], -1))
