"""Delta rule: a matrix-valued memory that replaces the value of a key."""

import numpy as np
from keras import ops

from zoo.cell_base.linear_cells import MemoryCell, unit_norm
from zoo.cells import cells
from zoo.recurrent_cell import MemoryTerms, State, StepResult, Tensor, Weights, sigmoid


@cells.register(
    "delta_net",
    paper="Yang et al. 2024, arXiv 2406.06484",
    year=2024,
    tags=("gated", "linear", "matrix_state"),
    good_for="recalling the latest value of each key; stored values do not fade with time",
)
class DeltaNetCell(MemoryCell):
    """DeltaNet: each head stores values under keys in a matrix S, and replaces them.

    q = l2(silu(x W_q)) / sqrt(K);  k = l2(silu(x W_k));  v = silu(x W_v)      per head
    beta = sigmoid(x W_b)          beta = 0 keeps S, beta = 1 replaces what S holds for k by v
    S' = S + beta k (v - k^T S)
    y = RMSNorm(q^T S')            the norm is over each head

    Output: y (batch, units). State: S (batch, units * units / heads), one matrix per head.
    Source: Yang et al. 2024, arXiv 2406.06484, section 2.2 and the authors' code; the rule is that
    of Schlag, Irie & Schmidhuber 2021, arXiv 2102.11174, equation 24.
    Deviations: no short convolutions of q, k and v; keys are as wide as values.

    Args:
        units: width of the output.
        heads: number of heads, a divisor of `units`; None: up to 4, of an even width above 3.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> layer = zoo.Recurrent("delta_net", units=8, heads=2)
        >>> print(layer(np.ones((2, 5, 3))).shape)
        (2, 8)
    """

    gates = ("q", "k", "v", "b")
    retention_gates = {"b": -1, "k": -1}

    def gate_sizes(self) -> dict[str, int]:
        return {"b": self.heads}

    def extra_weights(self) -> dict:
        return {"scale": ((self.units // self.heads,), "ones")}

    def memory(self, x: Tensor) -> MemoryTerms:
        x = self.split(x)
        q, k, v = (self.by_head(ops.silu(x[gate])) for gate in "qkv")
        q, k = unit_norm(q) * q.shape[-1] ** -0.5, unit_norm(k)
        beta = ops.sigmoid(x["b"])[..., None]
        return MemoryTerms(q, k, beta * v, ops.zeros_like(beta), -k, beta * k)

    def readout(self, x: Tensor, h: Tensor) -> Tensor:
        return self.rms_norm(h) * ops.tile(self.scale, self.heads)

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        q, k, v, b = np.split(x @ weights["kernel"], np.cumsum([self.units] * 3), -1)
        q, k, v = ((z * sigmoid(z)).reshape(len(x), self.heads, -1) for z in (q, k, v))
        q, k = (z / np.sqrt((z**2).sum(-1, keepdims=True) + 1e-6) for z in (q, k))
        S, beta = self.numpy_state(state[0]), sigmoid(b)[:, :, None]
        held = np.einsum("bhk,bhkv->bhv", k, S)
        S = S + np.einsum("bhk,bhv->bhkv", k, beta * (v - held))
        o = np.einsum("bhk,bhkv->bhv", q / np.sqrt(q.shape[-1]), S)
        o = o / np.sqrt((o**2).mean(-1, keepdims=True) + 1e-5) * weights["scale"]
        return o.reshape(len(x), -1), (S.reshape(len(x), -1),)
