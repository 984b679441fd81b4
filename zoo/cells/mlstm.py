"""LSTM with exponential gates and a matrix as its cell state."""

import numpy as np
from keras import ops

from zoo.cell_base.linear_cells import NormalizedMemoryCell, join_last
from zoo.cells import cells
from zoo.recurrent_cell import MemoryTerms, State, StepResult, Tensor, Weights, sigmoid


@cells.register(
    "mlstm",
    paper="Beck et al. 2024, arXiv 2405.04517",
    year=2024,
    tags=("gated", "linear", "matrix_state", "lstm"),
    good_for="storing many values, where a new input can outweigh everything before",
    exceptions={"learning": "k v^T is quadratic in x: the sign of one feature is learned slowly"},
)
class MLSTMCell(NormalizedMemoryCell):
    """mLSTM: each head stores values under keys in a matrix C, weighted by exponential gates.

    q = x W_q + b_q;  k = (x W_k + b_k) / sqrt(K);  v = x W_v + b_v            per head
    i~ = x W_i + b_i;  f~ = x W_f + b_f                 one number per head
    m' = max(log sigmoid(f~) + m, i~)                   keeps exp in range
    i = exp(i~ - m')                                    i = 0 writes nothing
    f = exp(log sigmoid(f~) + m - m')                   f = 1 keeps the memory
    C' = f C + i k v^T;   n' = f n + i k
    h = q^T C' / max(|q^T n'|, exp(-m'))
    y = sigmoid(x W_o + b_o) * LayerNorm(h)             the norm is over each head

    Output: y (batch, units). State: S (batch, units * (units / heads + 1) + heads): the matrices
    C with n as their last column, then m.
    Source: Beck et al. 2024, arXiv 2405.04517, equations 19 to 27.
    Deviations: the norm, which the paper has in the block around the cell; b_f starts at 1 instead
    of values from 3 to 6. In the authors' code, i and f read q, k and v.

    Args:
        units: width of the output.
        heads: number of heads, a divisor of `units`; None: up to 4, of an even width above 3.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> print(zoo.Recurrent("mlstm", units=8, heads=2)(np.ones((2, 5, 3))).shape)
        (2, 8)
    """

    gates = ("q", "k", "v", "o", "i", "f")
    bias_gates = gates
    retention_gates = {"f": 1, "i": -1}
    default_bias_initializer = "unit_forget"

    def gate_sizes(self) -> dict[str, int]:
        return {"i": self.heads, "f": self.heads}

    def state_sizes(self) -> dict[str, int]:
        return {"S": super().state_sizes()["S"] + self.heads}

    def extra_weights(self) -> dict:
        return {"scale": ((self.units,), "ones")}

    def memory(self, x: Tensor) -> MemoryTerms:
        x = self.split(x)
        q, k, v = (self.by_head(x[gate]) for gate in "qkv")
        log_f, log_i = -ops.softplus(-x["f"])[..., None], x["i"][..., None]
        return MemoryTerms(q, k * self.keys**-0.5, self.with_one(v), log_f, log_gain=log_i)

    def readout(self, x: Tensor, h: Tensor) -> Tensor:
        total, divisor = self.separate(h[..., : -self.heads])
        bound = ops.exp(ops.minimum(-h[..., -self.heads :, None], 80))
        h = self.layer_norm(join_last(total / ops.maximum(ops.abs(divisor), bound)))
        return h * self.scale * ops.sigmoid(self.split(x)["o"])

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        sizes = np.cumsum([self.units] * 4 + [self.heads])
        q, k, v, o, i_raw, f_raw = np.split(x @ weights["kernel"] + weights["bias"], sizes, -1)
        q, k, v = (z.reshape(len(x), self.heads, -1) for z in (q, k, v))  # (22), (23), (24)
        k = k / np.sqrt(self.keys)
        old, m = self.numpy_state(state[0]), state[0][:, -self.heads :]
        C, n, log_f = old[..., :-1], old[..., -1], -np.logaddexp(0, -f_raw)
        m_new = np.maximum(log_f + m, i_raw)
        i, f = np.exp(i_raw - m_new), np.exp(log_f + m - m_new)
        C = f[:, :, None, None] * C + np.einsum("bh,bhk,bhv->bhkv", i, k, v)  # (19)
        n = f[:, :, None] * n + i[:, :, None] * k  # (20)
        divisor = np.maximum(np.abs(np.einsum("bhk,bhk->bh", q, n)), np.exp(-m_new))
        h = np.einsum("bhk,bhkv->bhv", q, C) / divisor[..., None]  # (21)
        h = (h - h.mean(-1, keepdims=True)) / np.sqrt(h.var(-1, keepdims=True) + 1e-5)
        y = sigmoid(o) * h.reshape(len(x), -1) * weights["scale"]
        new = np.concatenate([C, n[..., None]], -1).reshape(len(x), -1)
        return y, (np.concatenate([new, m_new], -1),)
