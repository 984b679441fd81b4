"""Gated linear attention: a matrix-valued memory with a decay for each key channel."""

from typing import Any

import numpy as np
from keras import ops

from zoo.cell_base.linear_cells import MemoryCell
from zoo.cells import cells
from zoo.recurrent_cell import MemoryTerms, State, StepResult, Tensor, Weights, sigmoid


@cells.register(
    "gla",
    paper="Yang et al. 2024, arXiv 2312.06635",
    year=2024,
    tags=("gated", "linear", "matrix_state"),
    good_for="long sequences of which the input decides what to forget",
    exceptions={"learning": "k v^T is quadratic in x: the sign of a single feature is lost"},
)
class GLACell(MemoryCell):
    """GLA: each head adds values under keys to a matrix S, whose rows decay at learned rates.

    q = x W_q / sqrt(K);  k = x W_k;  v = x W_v            per head
    alpha = sigmoid(x W_1 W_2 + b) ** (1 / temperature)    alpha = 1 keeps a row of S
    S' = diag(alpha) S + k v^T
    y = RMSNorm(q^T S') * silu(x W_g)                      the norm is over each head

    Output: y (batch, units). State: S (batch, heads * K * units / heads), one matrix per head.
    Source: Yang et al. 2024, arXiv 2312.06635, section 4 and the authors' code.
    Deviations: RMSNorm in place of LayerNorm, as in the authors' code.
    Keys are half as wide as values.

    Args:
        units: width of the output.
        heads: number of heads, a divisor of `units`; None: up to 4, of an even width above 3.
        temperature: a large value lets the memory decay slowly.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> print(zoo.Recurrent("gla", units=8, heads=2)(np.ones((2, 5, 3))).shape)
        (2, 8)
    """

    gates = ("q", "k", "v", "g", "a")
    search_space = {"temperature": (1.0, 16.0)}

    def __init__(
        self, units: int, heads: int | None = None, temperature: float = 16.0, **kwargs: Any
    ) -> None:
        super().__init__(units, heads, **kwargs)
        self.temperature = temperature

    @property
    def keys(self) -> int:
        return max(1, self.units // self.heads // 2)

    def gate_sizes(self) -> dict[str, int]:
        return {"q": self.heads * self.keys, "k": self.heads * self.keys, "a": 16}

    def extra_weights(self) -> dict:
        width = self.heads * self.keys
        return {
            "decay_kernel": ((16, width), "glorot_uniform"),
            "decay_bias": ((width,), "zeros"),
            "scale": ((self.units // self.heads,), "ones"),
        }

    def memory(self, x: Tensor) -> MemoryTerms:
        x = self.split(x)
        q, k, v = (self.by_head(x[gate]) for gate in "qkv")
        a = self.by_head(ops.matmul(x["a"], self.decay_kernel) + self.decay_bias)
        return MemoryTerms(q * self.keys**-0.5, k, v, -ops.softplus(-a) / self.temperature)

    def readout(self, x: Tensor, h: Tensor) -> Tensor:
        return self.rms_norm(h) * ops.tile(self.scale, self.heads) * ops.silu(self.split(x)["g"])

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        width = self.heads * self.keys
        sizes = np.cumsum([width, width, self.units, self.units])
        q, k, v, g, a = np.split(x @ weights["kernel"], sizes, -1)
        alpha = sigmoid(a @ weights["decay_kernel"] + weights["decay_bias"])
        alpha = alpha ** (1 / self.temperature)
        q, k, v, alpha = (z.reshape(len(x), self.heads, -1) for z in (q, k, v, alpha))
        S = alpha[..., None] * self.numpy_state(state[0]) + np.einsum("bhk,bhv->bhkv", k, v)
        o = np.einsum("bhk,bhkv->bhv", q / np.sqrt(self.keys), S)
        o = o / np.sqrt((o**2).mean(-1, keepdims=True) + 1e-5) * weights["scale"]
        return o.reshape(len(x), -1) * g * sigmoid(g), (S.reshape(len(x), -1),)
