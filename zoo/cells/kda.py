"""Kimi delta attention: the gated delta rule with a decay for each key channel."""

import numpy as np
from keras import ops

from zoo.cell_base.linear_cells import MemoryCell, time_step_bias, uniform_rates, unit_norm
from zoo.cells import cells
from zoo.recurrent_cell import MemoryTerms, State, StepResult, Tensor, Weights, sigmoid


@cells.register(
    "kda",
    paper="Kimi Team 2025, arXiv 2510.26692",
    year=2025,
    tags=("gated", "linear", "matrix_state"),
    good_for="recalling values by keys, where each key channel is forgotten at its own rate",
)
class KDACell(MemoryCell):
    """KDA: each head stores values under keys in a matrix S, corrects them, and forgets by row.

    q = l2(silu(x W_q)) / sqrt(K);  k = l2(silu(x W_k));  v = silu(x W_v)      per head
    beta = sigmoid(x W_b)                               beta = 0 writes nothing
    alpha = exp(-exp(A) softplus(x W_f1 W_f2 + b_f))    alpha = 1 keeps a row of S, 0 clears it
    S' = diag(alpha) S + beta k (v - k^T diag(alpha) S)
    y = RMSNorm(q^T S') * sigmoid(x W_g1 W_g2 + b_g)    the norm is over each head

    Output: y (batch, units). State: S (batch, units * units / heads), one matrix per head.
    Source: Kimi Team 2025, arXiv 2510.26692, section 3, and the code of flash-linear-attention.
    Deviations: no short convolutions of q, k and v.

    Args:
        units: width of the output.
        heads: number of heads, a divisor of `units`; None: up to 4, of an even width above 3.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> layer = zoo.Recurrent("kda", units=8, heads=2)
        >>> print(layer(np.ones((2, 5, 3))).shape)
        (2, 8)
    """

    gates = ("q", "k", "v", "b", "f", "g")

    def gate_sizes(self) -> dict[str, int]:
        return {"b": self.heads, "f": self.values, "g": self.values}

    def extra_weights(self) -> dict:
        return {
            "decay_kernel": ((self.values, self.units), "glorot_uniform"),
            "rate": ((self.heads,), uniform_rates(1.0, 16.0)),
            "rate_bias": ((self.units,), time_step_bias),
            "gate_kernel": ((self.values, self.units), "glorot_uniform"),
            "gate_bias": ((self.units,), "zeros"),
            "scale": ((self.values,), "ones"),
        }

    def memory(self, x: Tensor) -> MemoryTerms:
        x = self.split(x)
        q, k, v = (self.by_head(ops.silu(x[gate])) for gate in "qkv")
        q, k = unit_norm(q) * self.keys**-0.5, unit_norm(k)
        beta = ops.sigmoid(x["b"])[..., None]
        time = ops.softplus(ops.matmul(x["f"], self.decay_kernel) + self.rate_bias)
        log_alpha = -ops.exp(self.rate)[:, None] * self.by_head(time)
        return MemoryTerms(q, k, beta * v, log_alpha, -ops.exp(log_alpha) * k, beta * k)

    def readout(self, x: Tensor, h: Tensor) -> Tensor:
        g = ops.sigmoid(ops.matmul(self.split(x)["g"], self.gate_kernel) + self.gate_bias)
        return self.rms_norm(h) * ops.tile(self.scale, self.heads) * g

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        sizes = np.cumsum([self.units] * 3 + [self.heads, self.values])
        q, k, v, b, f, g = np.split(x @ weights["kernel"], sizes, -1)
        q, k, v = ((z * sigmoid(z)).reshape(len(x), self.heads, -1) for z in (q, k, v))
        q, k = (z / np.sqrt((z**2).sum(-1, keepdims=True) + 1e-6) for z in (q, k))
        f = np.logaddexp(0, f @ weights["decay_kernel"] + weights["rate_bias"])
        alpha = np.exp(-np.exp(weights["rate"])[:, None] * f.reshape(len(x), self.heads, -1))
        S = alpha[..., None] * self.numpy_state(state[0])
        correction = sigmoid(b)[:, :, None] * (v - np.einsum("bhk,bhkv->bhv", k, S))
        S = S + np.einsum("bhk,bhv->bhkv", k, correction)
        o = np.einsum("bhk,bhkv->bhv", q / np.sqrt(q.shape[-1]), S)
        o = o / np.sqrt((o**2).mean(-1, keepdims=True) + 1e-5) * weights["scale"]
        g = sigmoid(g @ weights["gate_kernel"] + weights["gate_bias"])
        return o.reshape(len(x), -1) * g, (S.reshape(len(x), -1),)
