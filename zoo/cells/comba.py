"""Comba: the gated delta rule with weaker corrections, and corrected queries."""

import numpy as np
from keras import ops

from zoo.cell_base.linear_cells import MemoryCell, time_step_bias, uniform_rates, unit_norm
from zoo.cells import cells
from zoo.recurrent_cell import MemoryTerms, State, StepResult, Tensor, Weights, sigmoid


@cells.register(
    "comba",
    paper="Hu et al. 2025, arXiv 2506.02475",
    year=2025,
    tags=("gated", "linear", "matrix_state"),
    good_for="recalling values by keys, where a part of the old value should remain",
)
class CombaCell(MemoryCell):
    """Comba: Gated DeltaNet that removes a part of an old value, and corrects the query.

    q = l2(silu(x W_q));  k = l2(silu(x W_k));  v = silu(x W_v)      per head
    p = sigmoid(c) k                                    the part of the old value that is removed
    beta = sigmoid(x W_b)                               beta = 0 writes nothing
    alpha = exp(-exp(A) softplus(x W_a + b_a))          alpha = 1 keeps S, alpha = 0 clears it
    S' = alpha S + beta k (v - p^T (alpha S))
    o = (q - D p)^T S' / sqrt(K)
    y = RMSNorm(o) * sigmoid(x W_g)                     the norm is over each head

    Output: y (batch, units). State: S (batch, units * units / heads), one matrix per head.
    Source: Hu et al. 2025, arXiv 2506.02475, and the authors' code in flash-linear-attention.
    Deviations: no short convolutions of q, k and v. q and k are normalized before p is computed;
    the authors' kernels normalize p and q - D p, which cancels the factor sigmoid(c) in p.

    Args:
        units: width of the output.
        heads: number of heads, a divisor of `units`; None: up to 4, of an even width above 3.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> layer = zoo.Recurrent("comba", units=8, heads=2)
        >>> print(layer(np.ones((2, 5, 3))).shape)
        (2, 8)
    """

    gates = ("q", "k", "v", "g", "b", "a")
    retention_gates = {"a": -1, "b": -1}

    def gate_sizes(self) -> dict[str, int]:
        return {"b": self.heads, "a": self.heads}

    def extra_weights(self) -> dict:
        initializers = {
            "rate": uniform_rates(1e-4, 16.0),
            "rate_bias": time_step_bias,
            "feedback": "ones",
            "correction": "ones",
        }
        weights = {name: ((self.heads,), each) for name, each in initializers.items()}
        return {**weights, "scale": ((self.values,), "ones")}

    def memory(self, x: Tensor) -> MemoryTerms:
        x = self.split(x)
        q, k, v = (self.by_head(ops.silu(x[gate])) for gate in "qkv")
        k = unit_norm(k)
        p = ops.sigmoid(self.feedback)[:, None] * k
        q = (unit_norm(q) - self.correction[:, None] * p) * self.keys**-0.5
        beta = ops.sigmoid(x["b"])[..., None]
        log_alpha = -(ops.exp(self.rate) * ops.softplus(x["a"] + self.rate_bias))[..., None]
        return MemoryTerms(q, k, beta * v, log_alpha, -ops.exp(log_alpha) * p, beta * k)

    def readout(self, x: Tensor, h: Tensor) -> Tensor:
        return self.rms_norm(h) * ops.tile(self.scale, self.heads) * ops.sigmoid(self.split(x)["g"])

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        sizes = np.cumsum([self.units] * 4 + [self.heads])
        q, k, v, g, b, a = np.split(x @ weights["kernel"], sizes, -1)
        q, k, v = ((z * sigmoid(z)).reshape(len(x), self.heads, -1) for z in (q, k, v))
        q, k = (z / np.sqrt((z**2).sum(-1, keepdims=True) + 1e-6) for z in (q, k))
        p = sigmoid(weights["feedback"])[:, None] * k
        alpha = np.exp(-np.exp(weights["rate"]) * np.logaddexp(0, a + weights["rate_bias"]))
        S = alpha[:, :, None, None] * self.numpy_state(state[0])
        written = sigmoid(b)[:, :, None] * (v - np.einsum("bhk,bhkv->bhv", p, S))
        S = S + np.einsum("bhk,bhv->bhkv", k, written)
        q = q - weights["correction"][:, None] * p
        o = np.einsum("bhk,bhkv->bhv", q, S) / np.sqrt(q.shape[-1])
        o = o / np.sqrt((o**2).mean(-1, keepdims=True) + 1e-5) * weights["scale"]
        return o.reshape(len(x), -1) * sigmoid(g), (S.reshape(len(x), -1),)
