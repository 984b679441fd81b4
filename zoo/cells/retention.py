"""Retention: a matrix-valued memory that decays at a fixed rate and rotates."""

import numpy as np
from keras import ops

from zoo.cell_base.linear_cells import MemoryCell
from zoo.cells import cells
from zoo.recurrent_cell import MemoryTerms, State, StepResult, Tensor, Weights, sigmoid


@cells.register(
    "retention",
    paper="Sun et al. 2023, arXiv 2307.08621",
    year=2023,
    tags=("gated", "linear", "matrix_state"),
    good_for="long sequences in which recent inputs matter most, at low cost",
    exceptions={"learning": "k v^T is quadratic in x: the sign of a single feature is lost"},
)
class RetentionCell(MemoryCell):
    """Retention: each head adds values under keys to a matrix S, which fades and rotates.

    q = x W_q;  k = x W_k / sqrt(K);  v = x W_v            per head
    S' = gamma R S + k v^T          gamma = 1 - 2^(-5 - h) of head h = 0, 1, ...
    y = RMSNorm(q^T S') * silu(x W_g)                      the norm is over each head

    R rotates the rows j and j + K / 2 of S by the angle 10000^(-j / (K / 2 - 1)): what a query
    finds depends on the distance in time between it and the key.

    Output: y (batch, units). State: S (batch, units * units / heads), one matrix per head.
    Source: Sun et al. 2023, arXiv 2307.08621, equations 5, 6 and 8.
    Deviations: R rotates S, where the paper rotates q and k by the angle times the timestep, which
    gives the same products of q and k. RMSNorm without weights, as in the authors' code.

    Args:
        units: width of the output.
        heads: number of heads, a divisor of `units`; None: up to 4, of an even width above 3.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> layer = zoo.Recurrent("retention", units=8, heads=2)
        >>> print(layer(np.ones((2, 5, 3))).shape)
        (2, 8)
    """

    gates = ("q", "k", "v", "g")

    def constants(self) -> tuple[np.ndarray, np.ndarray]:
        """Return log gamma (heads, 1) and the angles (K // 2,)."""
        log_gamma = np.log1p(-(2.0 ** (-5.0 - np.arange(self.heads)[:, None])))
        return log_gamma, 10000.0 ** -np.linspace(0, 1, self.keys // 2)

    def memory(self, x: Tensor) -> MemoryTerms:
        x = self.split(x)
        q, k, v = (self.by_head(x[gate]) for gate in "qkv")
        one = ops.ones_like(q[..., :1])
        log_gamma, angle = (ops.cast(each, q.dtype) for each in self.constants())
        return MemoryTerms(q, k * self.keys**-0.5, v, one * log_gamma, angle=one * angle)

    def readout(self, x: Tensor, h: Tensor) -> Tensor:
        return self.rms_norm(h) * ops.silu(self.split(x)["g"])

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        q, k, v, g = np.split(x @ weights["kernel"], 4, -1)
        q, k, v = (z.reshape(len(x), self.heads, -1) for z in (q, k, v))
        log_gamma, angle = self.constants()
        half, R = self.keys // 2, np.eye(self.keys)
        for j in range(half):
            R[[j, j + half], [j, j + half]] = np.cos(angle[j])
            R[j, j + half], R[j + half, j] = -np.sin(angle[j]), np.sin(angle[j])
        S = np.exp(log_gamma)[..., None] * (R @ self.numpy_state(state[0]))
        S = S + np.einsum("bhk,bhv->bhkv", k / np.sqrt(self.keys), v)  # (6)
        o = np.einsum("bhk,bhkv->bhv", q, S)
        o = o / np.sqrt((o**2).mean(-1, keepdims=True) + 1e-5)
        return o.reshape(len(x), -1) * g * sigmoid(g), (S.reshape(len(x), -1),)  # (8)
