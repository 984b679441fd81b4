"""RWKV-6: a matrix-valued memory whose decay and inputs depend on the previous input."""

from typing import Any

import numpy as np
from keras import ops

from zoo.cell_base.rwkv import RWKVCell, rwkv6_weights
from zoo.cells import cells
from zoo.recurrent_cell import MemoryTerms, State, StepResult, Tensor, Weights, sigmoid


@cells.register(
    "rwkv6",
    paper="Peng et al. 2024, arXiv 2404.05892",
    year=2024,
    tags=("gated", "linear", "matrix_state"),
    good_for="long sequences in which two neighboring inputs decide what to store",
)
class RWKV6Cell(RWKVCell):
    """RWKV-6: each head adds values under keys to a matrix S; the input decides what fades.

    u = x W;  e = p - u                         p is the previous u, at first 0
    u_j = u + e * (mu_j + tanh((u + e * mu) M_j) N_j) for j = w, k, v, r, g
    k = u_k W_k;  v = u_v W_v;  r = u_r W_r     per head
    w = exp(-exp(tanh(u_w D_1) D_2 + b_w))      w = 1 keeps a row of S, w = 0 clears it
    S' = diag(w) S + k v^T
    y = GroupNorm(r^T (S + diag(b_u) k v^T)) * silu(u_g W_g)      the norm is over each head

    Output: y (batch, units). State: S (batch, units * units / heads), one matrix per head;
    previous (batch, units), the last u.
    Source: Peng et al. 2024, arXiv 2404.05892, section 4 and the authors' code.
    Deviations: time mixing only, without the product after it. W is added, as the input need not be
    as wide as the units. M_j, D_1 and W_j start as "glorot_uniform".

    Args:
        units: width of the output.
        heads: number of heads, a divisor of `units`; None: up to 4, of an even width above 3.
        rank: width of (u + e * mu) M_j, and half the width of u_w D_1.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> print(zoo.Recurrent("rwkv6", units=8, heads=2)(np.ones((2, 5, 3))).shape)
        (2, 8)
    """

    gates = previous_gates = ("u",)

    def __init__(self, units: int, heads: int | None = None, rank: int = 32, **kwargs: Any) -> None:
        super().__init__(units, heads, **kwargs)
        self.rank = rank

    def extra_weights(self) -> dict:
        return rwkv6_weights(self.units, self.rank)

    def project(self, x: Tensor) -> Tensor:
        u = super().project(x)
        return ops.concatenate([u, u], -1)

    def mixed(self, x: Tensor, first: int, last: int) -> list[Tensor]:
        """Return u_j for a slice of j = w, k, v, r, g."""
        u, previous = self.parts(x)
        e = previous - u
        shifted, mixed = u + e * self.mix_all, []
        for j in range(first, last):
            low = ops.tanh(ops.matmul(shifted, self.mix_in[j]))
            mixed.append(u + e * (self.mix[j] + ops.matmul(low, self.mix_out[j])))
        return mixed

    def memory(self, x: Tensor) -> MemoryTerms:
        w, *others = self.mixed(x, 0, 4)
        w = ops.matmul(ops.tanh(ops.matmul(w, self.decay_in)), self.decay_out) + self.decay_bias
        k, v, r = (self.by_head(ops.matmul(u, self.kernels[j])) for j, u in enumerate(others))
        return MemoryTerms(r, k, v, -ops.exp(self.by_head(w)), bonus=self.by_head(self.bonus))

    def readout(self, x: Tensor, h: Tensor) -> Tensor:
        return self.group_norm(h) * ops.silu(ops.matmul(self.mixed(x, 4, 5)[0], self.kernels[3]))

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        S, u = self.numpy_state(state[0]), x @ weights["kernel"]
        e = state[1] - u
        low = np.tanh((u + e * weights["mix_all"]) @ weights["mix_in"])
        w, k, v, r, g = u + e * (weights["mix"][:, None] + low @ weights["mix_out"])
        w = np.tanh(w @ weights["decay_in"]) @ weights["decay_out"] + weights["decay_bias"]
        k, v, r, g = (a @ W for a, W in zip((k, v, r, g), weights["kernels"], strict=True))
        k, v, r, w = (a.reshape(len(x), self.heads, -1) for a in (k, v, r, w))
        added = np.einsum("bhk,bhv->bhkv", k, v)
        o = np.einsum("bhk,bhkv->bhv", r, S + weights["bonus"].reshape(self.heads, -1, 1) * added)
        S = np.exp(-np.exp(w))[..., None] * S + added
        return self.numpy_norm(weights, o) * g * sigmoid(g), (S.reshape(len(x), -1), u)
