"""LSTM with exponential gates and a stabilizer state."""

from typing import Any

import numpy as np
from keras import ops

from zoo.cell_base.weights import check_heads
from zoo.cells import cells
from zoo.recurrent_cell import RecurrentCell, State, StepResult, Tensor, Weights, by_gate, sigmoid


@cells.register(
    "slstm",
    paper="Beck et al. 2024, arXiv 2405.04517",
    year=2024,
    tags=("gated", "lstm"),
    good_for="revising what is stored: the input gate can outweigh everything before",
)
class SLSTMCell(RecurrentCell):
    """sLSTM: an LSTM with an exponential input gate, normalized by the sum of the gates.

    i~, f~, z~, o~ = x W + h U + b      U: one block of rows and columns per head
    m' = max(log sigmoid(f~) + m, i~)   keeps exp in range; m' = i~ where n = 0
    i = exp(i~ - m')                    i = 0 writes nothing
    f = exp(log sigmoid(f~) + m - m')   f = 1 keeps the cell state
    c' = f * c + i * tanh(z~)
    n' = f * n + i;   h' = sigmoid(o~) * c' / n'

    Output: h' (batch, units). State: h, c, n, m (batch, units) each; n must not be negative.
    Source: Beck et al. 2024, arXiv 2405.04517, section 2.2 and the authors' "vanilla" code.
    Deviations: W is dense; b_f starts at 1 instead of values from 5 down to -7.

    Args:
        units: width of the output and of each state.
        heads: number of blocks of the recurrent kernel; it divides `units`.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> layer = zoo.Recurrent("slstm", units=4, heads=2)
        >>> print(layer(np.ones((2, 5, 3))).shape)
        (2, 4)
    """

    gates = ("i", "f", "z", "o")
    state_names = ("h", "c", "n", "m")
    recurrent_shape = "derived"
    positive_states = ("n",)
    retention_gates = {"f": 1, "i": -1}
    default_bias_initializer = "unit_forget"

    def __init__(self, units: int, heads: int = 1, **kwargs: Any) -> None:
        super().__init__(units, **kwargs)
        check_heads(heads, units)
        self.heads = heads

    def extra_weights(self) -> dict:
        shape = (self.heads, self.units // self.heads, 4, self.units // self.heads)
        return {"recurrent_blocks": (shape, "zeros")}

    @property
    def recurrent_heads(self) -> int:
        return self.heads

    def recurrent_matrix(self) -> Tensor:
        on_diagonal = ops.eye(self.heads, dtype=self.compute_dtype)[:, None, None, :, None]
        blocks = self.recurrent_blocks[:, :, :, None, :] * on_diagonal
        return ops.reshape(blocks, (self.units, 4 * self.units))

    def step(self, x: Tensor, state: State) -> StepResult:
        h, c, n, m = state
        z = self.split(x + self.recur(h))
        kept = m - ops.softplus(-z["f"])
        m = ops.where(ops.equal(n, 0), z["i"], ops.maximum(kept, z["i"]))
        i, f = ops.exp(z["i"] - m), ops.exp(ops.minimum(kept - m, 60))  # above 0 only if n = 0
        c, n = f * c + i * self.candidate_dropout(ops.tanh(z["z"])), f * n + i
        h = ops.sigmoid(z["o"]) * c / n
        return h, (h, c, n, m)

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        h, c, n, m = state
        h = h.reshape(len(h), self.heads, -1)
        recurrent = np.einsum("bkd,kdge->gbke", h, weights["recurrent_blocks"])
        projected = by_gate(x @ weights["kernel"] + weights["bias"], 4)
        i_raw, f_raw, z_raw, o_raw = projected + recurrent.reshape(4, *c.shape)
        log_f = np.log(sigmoid(f_raw))
        m_new = np.where(n == 0, i_raw, np.maximum(log_f + m, i_raw))  # (15)
        i, f = np.exp(i_raw - m_new), np.exp(log_f + m - m_new)  # (16), (17)
        c_new, n_new = f * c + i * np.tanh(z_raw), f * n + i  # (8), (9)
        h = sigmoid(o_raw) * c_new / n_new  # (10)
        return h, (h, c_new, n_new, m_new)
