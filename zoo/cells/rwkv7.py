"""RWKV-7: a matrix-valued memory with decay, removal and insertion for each key channel."""

import numpy as np
from keras import ops

from zoo.cell_base.linear_cells import join_last, unit_norm
from zoo.cell_base.rwkv import RWKVCell, rwkv7_ranks, rwkv7_weights
from zoo.cells import cells
from zoo.recurrent_cell import MemoryTerms, State, StepResult, Tensor, Weights, sigmoid


@cells.register(
    "rwkv7",
    paper="Peng et al. 2025, arXiv 2503.14456",
    year=2025,
    tags=("gated", "linear", "matrix_state"),
    good_for="tracking states and recalling values by keys over long sequences",
)
class RWKV7Cell(RWKVCell):
    """RWKV-7: each head keeps a matrix S, from which it removes and to which it adds by key.

    x_j = x + (p - x) * mu_j for j = r, k, v, w, a, g       p is the previous input, at first 0
    r = x_r W_r;  k = x_k W_k;  v = x_v W_v;  g = sigmoid(x_g W_g) G                per head
    w = exp(-exp(-1/2) sigmoid(tanh(x_w W_w) D + b_w))      decay, from 0.545 to 1
    a = sigmoid(x_a W_a A + b_a)                            a = 0 removes nothing
    kk = l2(k * k_k);   k~ = k * (1 + (a - 1) * k_a)
    S' = diag(w) S - (kk * a) (kk^T S) + k~ v^T
    y = (GroupNorm(r^T S') + sum(r * k~ * r_k) v) * g       the norm is over each head

    Output: y (batch, units). State: S (batch, units * units / heads); previous, all p * mu_j W_j.
    Source: Peng et al. 2025, arXiv 2503.14456, section 4 and the authors' code.
    Deviations: time mixing only, without the product after it. Kernels start as "glorot_uniform".

    Args:
        units: width of the output.
        heads: number of heads, a divisor of `units`; None: up to 4, of an even width above 3.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> print(zoo.Recurrent("rwkv7", units=8, heads=2)(np.ones((2, 5, 3))).shape)
        (2, 8)
    """

    gates = previous_gates = ("r", "k", "v", "w", "a", "g")

    def gate_sizes(self) -> dict[str, int]:
        return rwkv7_ranks(self.units)

    def extra_weights(self) -> dict:
        assert self.features is not None  # the cell is being built
        return rwkv7_weights(self.features, self.heads, self.keys, self.gate_sizes())

    def project(self, x: Tensor) -> Tensor:
        mix = ops.transpose(ops.repeat(self.mix, self.widths(self.gates), 0))
        return ops.matmul(x, ops.concatenate([self.kernel * (1 - mix), self.kernel * mix], -1))

    def vectors(self, x: Tensor) -> dict[str, Tensor]:
        """Return r, k, k~, v, a of the projected input, and w and g before their last product."""
        z = self.split(sum(self.parts(x)))
        z["a"] = ops.sigmoid(ops.matmul(z["a"], self.removal_kernel) + self.removal_bias)
        return {**z, "k~": z["k"] * (1 + (z["a"] - 1) * self.key_addition)}

    def memory(self, x: Tensor) -> MemoryTerms:
        z = self.vectors(x)
        w = ops.sigmoid(ops.matmul(ops.tanh(z["w"]), self.decay_kernel) + self.decay_bias)
        r, k, v, a, log_w = map(self.by_head, (z["r"], z["k~"], z["v"], z["a"], w * -(np.e**-0.5)))
        kk = unit_norm(self.by_head(z["k"] * self.key_removal), 1e-24)
        return MemoryTerms(r, k, v, log_w, -kk, kk * a)

    def readout(self, x: Tensor, h: Tensor) -> Tensor:
        z = self.vectors(x)
        bonus = ops.sum(self.by_head(z["r"] * z["k~"] * self.bonus), -1, keepdims=True)
        y = self.group_norm(h) + join_last(bonus * self.by_head(z["v"]))
        return y * ops.matmul(ops.sigmoid(z["g"]), self.gate_kernel)

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        W, mu = weights["kernel"], np.repeat(weights["mix"], self.widths(self.gates), 0).T
        sizes = np.cumsum(self.widths(self.gates))[:-1]
        r, k, v, w, a, g = np.split(x @ ((1 - mu) * W) + state[1], sizes, -1)
        w = sigmoid(np.tanh(w) @ weights["decay_kernel"] + weights["decay_bias"])
        a = sigmoid(a @ weights["removal_kernel"] + weights["removal_bias"])
        kk, k = k * weights["key_removal"], k * (1 + (a - 1) * weights["key_addition"])
        r, k, v, w, a, kk = (z.reshape(len(x), self.heads, -1, 1) for z in (r, k, v, w, a, kk))
        kk = kk / np.maximum(np.linalg.norm(kk, axis=2, keepdims=True), 1e-12)
        S, v = self.numpy_state(state[0]), v.swapaxes(2, 3)
        S = np.exp(-w / np.sqrt(np.e)) * S - (kk * a) @ (kk.swapaxes(2, 3) @ S) + k @ v
        bonus = (r * k * weights["bonus"].reshape(self.heads, -1, 1)).sum(2, keepdims=True) * v
        y = self.numpy_norm(weights, (r.swapaxes(2, 3) @ S)[:, :, 0]) + bonus.reshape(len(x), -1)
        return y * (sigmoid(g) @ weights["gate_kernel"]), (S.reshape(len(x), -1), x @ (mu * W))
