"""RWKV-6: a matrix-valued memory whose decay and inputs depend on the previous input."""

from typing import Any

import keras
import numpy as np
from keras import ops

from zoo.cell_base.linear_cells import MemoryCell
from zoo.cell_base.rwkv import channel_line, initial, power_line
from zoo.cells import cells
from zoo.recurrent_cell import MemoryTerms, State, StepResult, Tensor, Weights, sigmoid

_MEMORY, _GATE = slice(0, 4), slice(4, 5)  # of the five interpolations: w, k, v, r; g


@cells.register(
    "rwkv6",
    paper="Peng et al. 2024, arXiv 2404.05892",
    year=2024,
    tags=("gated", "linear", "matrix_state"),
    good_for="long sequences in which a pair of neighboring inputs decides what to store",
)
class RWKV6Cell(MemoryCell):
    """RWKV-6: each head adds values under keys to a matrix S; the input decides what fades.

    u = x W;  e = p - u                                 p is the previous u, at first 0
    low = tanh((u + e * mu) M)                          one low rank vector for each u_j
    u_j = u + e * (mu_j + low_j N_j)                    j = w, k, v, r, g
    k = u_k W_k;  v = u_v W_v;  r = u_r W_r             per head
    w = exp(-exp(tanh(u_w D_1) D_2 + b_w))              w = 1 keeps a row of S, w = 0 clears it
    o = r^T (S + diag(b_u) k v^T);   S' = diag(w) S + k v^T
    y = GroupNorm(o) * silu(u_g W_g)                    the norm is over each head

    Output: y (batch, units). State: S (batch, units * units / heads), one matrix per head;
    previous (batch, units), the last u.
    Source: Peng et al. 2024, arXiv 2404.05892, section 4 and the authors' code.
    Deviations: time mixing only, without the product after it. W is added, as the input need not be
    as wide as the units. M is initialized by "glorot_uniform" instead of zeros.

    Args:
        units: width of the output.
        heads: number of heads, a divisor of `units`; None: 4, 2 or 1, so that a head has an
            even width of at least 4.
        rank: width of a low-rank vector; that of the decay is twice as wide.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> layer = zoo.Recurrent("rwkv6", units=8, heads=2)
        >>> print(layer(np.ones((2, 5, 3))).shape)
        (2, 8)
    """

    gates = ("u",)
    previous_gates = gates
    state_names = ("S", "previous")

    def __init__(self, units: int, heads: int | None = None, rank: int = 32, **kwargs: Any) -> None:
        super().__init__(units, heads, **kwargs)
        self.rank = rank

    def extra_weights(self) -> dict:
        n, rank, line = self.units, self.rank, channel_line(self.units)
        mix = np.stack([1 - power_line(n, power) for power in (1, 1, 1, 0.5, 0.5)])
        small = keras.initializers.RandomUniform(-0.01, 0.01)
        return {
            "mix_all": ((n,), initial(mix[0])),
            "mix": ((5, n), initial(mix)),
            "mix_in": ((5, n, rank), "glorot_uniform"),
            "mix_out": ((5, rank, n), small),
            "kernels": ((4, n, n), "glorot_uniform"),
            "decay_in": ((n, 2 * rank), "glorot_uniform"),
            "decay_out": ((2 * rank, n), small),
            "decay_bias": ((n,), initial(-6 + 5 * line**0.7)),
            "bonus": ((n,), initial(0.1 * ((np.arange(n) + 1) % 3 - 1))),
            "norm_scale": ((n,), "ones"),
            "norm_bias": ((n,), "zeros"),
        }

    def previous_columns(self) -> slice:
        return slice(self.units, 2 * self.units)

    def project(self, x: Tensor) -> Tensor:
        return ops.tile(super().project(x), (*[1] * (len(x.shape) - 1), 2))

    def interpolate(self, x: Tensor, which: slice) -> list[Tensor]:
        """Return the interpolations `which` of the present and the previous u."""
        u, e = x[..., : self.units], x[..., self.units :] - x[..., : self.units]
        low = ops.einsum("...i,gir->...gr", u + e * self.mix_all, self.mix_in[which])
        mix = self.mix[which] + ops.einsum("...gr,gri->...gi", ops.tanh(low), self.mix_out[which])
        mixed = u[..., None, :] + e[..., None, :] * mix
        return [mixed[..., j, :] for j in range(mixed.shape[-2])]

    def memory(self, x: Tensor) -> MemoryTerms:
        w, *others = self.interpolate(x, _MEMORY)
        w = ops.matmul(ops.tanh(ops.matmul(w, self.decay_in)), self.decay_out) + self.decay_bias
        k, v, r = (self.by_head(ops.matmul(u, self.kernels[j])) for j, u in enumerate(others))
        return MemoryTerms(r, k, v, -ops.exp(self.by_head(w)), bonus=self.by_head(self.bonus))

    def readout(self, x: Tensor, h: Tensor) -> Tensor:
        (g,) = self.interpolate(x, _GATE)
        y = self.layer_norm(h, 64e-5) * self.norm_scale + self.norm_bias
        return y * ops.silu(ops.matmul(g, self.kernels[3]))

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        S, u = self.numpy_state(state[0]), x @ weights["kernel"]
        e = state[1] - u
        low = np.tanh(np.einsum("bi,gir->gbr", u + e * weights["mix_all"], weights["mix_in"]))
        w, k, v, r, g = u + e * (weights["mix"][:, None] + low @ weights["mix_out"])
        w = np.tanh(w @ weights["decay_in"]) @ weights["decay_out"] + weights["decay_bias"]
        k, v, r, g = (a @ W for a, W in zip((k, v, r, g), weights["kernels"], strict=True))
        k, v, r, w = (a.reshape(len(x), self.heads, -1) for a in (k, v, r, w))
        added = np.einsum("bhk,bhv->bhkv", k, v)
        bonus = weights["bonus"].reshape(self.heads, -1, 1)
        o = np.einsum("bhk,bhkv->bhv", r, S + bonus * added)
        S = np.exp(-np.exp(w))[..., None] * S + added
        o = o - o.mean(-1, keepdims=True)
        o = (o / np.sqrt((o**2).mean(-1, keepdims=True) + 64e-5)).reshape(len(x), -1)
        y = (o * weights["norm_scale"] + weights["norm_bias"]) * g * sigmoid(g)
        return y, (S.reshape(len(x), -1), u)
