"""Gated delta rule: a matrix-valued memory that overwrites what a key holds."""

import numpy as np
from keras import ops

from zoo.cell_base.linear_cells import MemoryCell, time_step_bias, uniform_rates, unit_norm
from zoo.cells import cells
from zoo.recurrent_cell import MemoryTerms, State, StepResult, Tensor, Weights, sigmoid


@cells.register(
    "gated_delta_net",
    paper="Yang et al. 2025, arXiv 2412.06464",
    year=2025,
    tags=("gated", "linear", "matrix_state"),
    good_for="recalling values by keys over long sequences",
)
class GatedDeltaNetCell(MemoryCell):
    """Gated DeltaNet: each head stores values under keys in a matrix S, and corrects them.

    q = l2(silu(x W_q)) / sqrt(K);  k = l2(silu(x W_k));  v = silu(x W_v)      per head
    beta = sigmoid(x W_b)                               beta = 0 writes nothing
    alpha = exp(-exp(A) softplus(x W_a + b_a))          alpha = 1 keeps S, alpha = 0 clears it
    S' = alpha S + beta k (v - k^T (alpha S))
    y = RMSNorm(q^T S') * silu(x W_g)                   the norm is over each head

    Output: y (batch, units). State: S (batch, units * units / heads), one matrix per head.
    Source: Yang, Kautz & Hatamizadeh 2025, arXiv 2412.06464, equation 10, and the authors' code.
    Deviations: no short convolutions of q, k and v; keys are as wide as values.

    Args:
        units: width of the output.
        heads: number of heads, a divisor of `units`; None: up to 4, of an even width above 3.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> layer = zoo.Recurrent("gated_delta_net", units=8, heads=2)
        >>> print(layer(np.ones((2, 5, 3))).shape)
        (2, 8)
    """

    gates = ("q", "k", "v", "g", "b", "a")
    retention_gates = {"a": -1, "b": -1}

    def gate_sizes(self) -> dict[str, int]:
        return {"b": self.heads, "a": self.heads}

    def extra_weights(self) -> dict:
        rates = {"rate": uniform_rates(1e-4, 16.0), "rate_bias": time_step_bias}
        weights = {name: ((self.heads,), initializer) for name, initializer in rates.items()}
        return {**weights, "scale": ((self.units // self.heads,), "ones")}

    def memory(self, x: Tensor) -> MemoryTerms:
        x = self.split(x)
        q, k, v = (self.by_head(x[gate] * ops.sigmoid(x[gate])) for gate in "qkv")
        q, k = unit_norm(q) * q.shape[-1] ** -0.5, unit_norm(k)
        beta = ops.sigmoid(x["b"])[..., None]
        log_alpha = -(ops.exp(self.rate) * ops.softplus(x["a"] + self.rate_bias))[..., None]
        return MemoryTerms(q, k, beta * v, log_alpha, -ops.exp(log_alpha) * k, beta * k)

    def readout(self, x: Tensor, h: Tensor) -> Tensor:
        g = self.split(x)["g"]
        return self.rms_norm(h) * ops.tile(self.scale, self.heads) * g * ops.sigmoid(g)

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        sizes = np.cumsum([self.units] * 4 + [self.heads])
        q, k, v, g, b, a = np.split(x @ weights["kernel"], sizes, -1)
        q, k, v = ((z * sigmoid(z)).reshape(len(x), self.heads, -1) for z in (q, k, v))
        q, k = (z / np.sqrt((z**2).sum(-1, keepdims=True) + 1e-6) for z in (q, k))
        alpha = np.exp(-np.exp(weights["rate"]) * np.log1p(np.exp(a + weights["rate_bias"])))
        S = alpha[:, :, None, None] * self.numpy_state(state[0])
        correction = sigmoid(b)[:, :, None] * (v - np.einsum("bhk,bhkv->bhv", k, S))
        S = S + np.einsum("bhk,bhv->bhkv", k, correction)  # (10)
        o = np.einsum("bhk,bhkv->bhv", q / np.sqrt(q.shape[-1]), S)
        o = o / np.sqrt((o**2).mean(-1, keepdims=True) + 1e-5) * weights["scale"]
        return o.reshape(len(x), -1) * g * sigmoid(g), (S.reshape(len(x), -1),)
