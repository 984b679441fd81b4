"""RWKV-7: a matrix-valued memory with decay, removal and insertion for each key channel."""

import numpy as np
from keras import ops

from zoo.cell_base.linear_cells import MemoryCell, join_last
from zoo.cell_base.rwkv import channel_line, initial, power_line, zigzag
from zoo.cells import cells
from zoo.recurrent_cell import MemoryTerms, State, StepResult, Tensor, Weights, sigmoid


@cells.register(
    "rwkv7",
    paper="Peng et al. 2025, arXiv 2503.14456",
    year=2025,
    tags=("gated", "linear", "matrix_state"),
    good_for="tracking states and recalling values by keys over long sequences",
)
class RWKV7Cell(MemoryCell):
    """RWKV-7: each head keeps a matrix S, from which it removes and to which it adds by key.

    x_j = x + (p - x) * mu_j for j = r, k, v, w, a, g       p is the previous input, at first 0
    r = x_r W_r;  k = x_k W_k;  v = x_v W_v;  g = sigmoid(x_g W_g) G                per head
    w = exp(-exp(-1/2) sigmoid(tanh(x_w W_w) D + b_w))      decay, from 0.545 to 1
    a = sigmoid(x_a W_a A + b_a)                            a = 0 removes nothing
    kk = l2(k * k_k);   k~ = k * (1 + (a - 1) * k_a)
    S' = diag(w) S - (kk * a) (kk^T S) + k~ v^T
    y = (GroupNorm(r^T S') + sum(r * k~ * r_k) v) * g       the norm is over each head

    Output: y (batch, units). State: S (batch, units * units / heads), one matrix per head;
    previous (batch, width), the products of p * mu_j and the kernels.
    Source: Peng et al. 2025, arXiv 2503.14456, section 4 and the authors' code.
    Deviations: time mixing only, without the product after it. The kernels of the input are
    initialized by `kernel_initializer`.

    Args:
        units: width of the output.
        heads: number of heads, a divisor of `units`; None: 4, 2 or 1, so that a head has an
            even width of at least 4.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> layer = zoo.Recurrent("rwkv7", units=8, heads=2)
        >>> print(layer(np.ones((2, 5, 3))).shape)
        (2, 8)
    """

    gates = ("r", "k", "v", "w", "a", "g")
    previous_gates = gates
    state_names = ("S", "previous")

    def gate_sizes(self) -> dict[str, int]:
        factors = {"w": 2.5, "a": 2.5, "g": 5.0}  # ranks of the products of two matrices
        return {z: max(32, 32 * round(f * self.units**0.5 / 32)) for z, f in factors.items()}

    def extra_weights(self) -> dict:
        n, ranks = self.units, self.gate_sizes()
        line, zig = channel_line(n) - 0.5, zigzag(self.keys, self.heads)
        powers = (0.2, 0.7, 0.7, 0.9, 0.9, 0.2)
        mix = np.stack([1 - power_line(self.features, power) for power in powers])
        vectors = {
            "decay_bias": -5.5 + 6 * (line + 0.5) + 2.5 * zig,
            "removal_bias": -0.19 + 0.3 * zig + 0.4 * line,
            "key_removal": 0.71 - 0.1 * line,
            "key_addition": 1.02 + 0 * line,
            "bonus": -0.04 + 0 * line,
            "norm_scale": 1 + 0 * line,
            "norm_bias": 0 * line,
        }
        matrices = {"decay_kernel": "w", "removal_kernel": "a", "gate_kernel": "g"}
        return {
            "mix": (mix.shape, initial(mix)),
            **{name: ((ranks[gate], n), "glorot_uniform") for name, gate in matrices.items()},
            **{name: ((n,), initial(value)) for name, value in vectors.items()},
        }

    def previous_columns(self) -> slice:
        width = sum(self.widths(self.gates))
        return slice(width, 2 * width)

    def project(self, x: Tensor) -> Tensor:
        mix = ops.transpose(ops.repeat(self.mix, self.widths(self.gates), 0))
        return ops.matmul(x, ops.concatenate([self.kernel * (1 - mix), self.kernel * mix], -1))

    def vectors(self, x: Tensor) -> dict[str, Tensor]:
        """Return r, k, v, w, a and g of the projected input, w and g before their last product."""
        width = self.previous_columns().start
        z = self.split(x[..., :width] + x[..., width:])
        z["a"] = ops.sigmoid(ops.matmul(z["a"], self.removal_kernel) + self.removal_bias)
        z["kk"] = self.by_head(z["k"] * self.key_removal)
        z["k"] = z["k"] * (1 + (z["a"] - 1) * self.key_addition)
        return z

    def memory(self, x: Tensor) -> MemoryTerms:
        z = self.vectors(x)
        w = ops.matmul(ops.tanh(z["w"]), self.decay_kernel) + self.decay_bias
        log_w = self.by_head(-np.exp(-0.5).item() * ops.sigmoid(w))
        r, k, v, a = (self.by_head(z[gate]) for gate in "rkva")
        square = ops.sum(z["kk"] * z["kk"], -1, keepdims=True)
        kk = z["kk"] * ops.rsqrt(ops.maximum(square, 1e-24))
        return MemoryTerms(r, k, v, log_w, -kk, kk * a)

    def readout(self, x: Tensor, h: Tensor) -> Tensor:
        z = self.vectors(x)
        current = ops.sum(self.by_head(z["r"] * z["k"] * self.bonus), -1, keepdims=True)
        y = self.layer_norm(h, 64e-5) * self.norm_scale + self.norm_bias
        y = y + join_last(current * self.by_head(z["v"]))
        return y * ops.matmul(ops.sigmoid(z["g"]), self.gate_kernel)

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        sizes = np.cumsum(self.widths(self.gates))[:-1]
        W, P = np.split(weights["kernel"], sizes, -1), np.split(state[1], sizes, -1)
        mixes = list(zip(W, P, weights["mix"], strict=True))
        r, k, v, w, a, g = ((x * (1 - mu)) @ W_j + p_j for W_j, p_j, mu in mixes)
        w = np.tanh(w) @ weights["decay_kernel"] + weights["decay_bias"]
        w = np.exp(-sigmoid(w) / np.sqrt(np.e))
        a = sigmoid(a @ weights["removal_kernel"] + weights["removal_bias"])
        g = sigmoid(g) @ weights["gate_kernel"]
        kk, k = k * weights["key_removal"], k * (1 + (a - 1) * weights["key_addition"])
        r, k, v, w, a, kk = (z.reshape(len(x), self.heads, -1) for z in (r, k, v, w, a, kk))
        kk = kk / np.maximum(np.linalg.norm(kk, axis=-1, keepdims=True), 1e-12)
        S = self.numpy_state(state[0])
        removed = np.einsum("bhk,bhkv->bhv", kk, S)
        S = w[..., None] * S - (kk * a)[..., None] * removed[:, :, None]
        S = S + k[..., None] * v[:, :, None]
        o = np.einsum("bhk,bhkv->bhv", r, S)
        o = o - o.mean(-1, keepdims=True)
        o = (o / np.sqrt((o**2).mean(-1, keepdims=True) + 64e-5)).reshape(len(x), -1)
        bonus = (r * k * weights["bonus"].reshape(self.heads, -1)).sum(-1, keepdims=True) * v
        y = (o * weights["norm_scale"] + weights["norm_bias"] + bonus.reshape(len(x), -1)) * g
        previous = [(x * mu) @ W_j for W_j, _, mu in mixes]
        return y, (S.reshape(len(x), -1), np.concatenate(previous, -1))
