"""Base class of the RWKV cells, and the initial values of their weights."""

from collections.abc import Mapping

import keras
import numpy as np

from zoo.cell_base.initialization import fixed_values
from zoo.cell_base.linear_cells import MemoryCell
from zoo.cell_base.step_context import Tensor


class RWKVCell(MemoryCell):
    """Base class of RWKV cells, whose projected input is [present part | previous part].

    The state "previous" holds the second part. A subclass overrides `project`.
    """

    state_names = ("S", "previous")

    def previous_columns(self) -> slice:
        """Return the slice of the second part."""
        width = sum(self.widths(self.previous_gates))
        return slice(width, 2 * width)

    def parts(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return the present and the previous part of the projected input."""
        width = self.previous_columns().start
        return x[..., :width], x[..., width:]

    def group_norm(self, o: Tensor) -> Tensor:
        """Normalize each head of o (..., units), then scale and shift each unit."""
        return self.layer_norm(o, 64e-5) * self.norm_scale + self.norm_bias

    def numpy_norm(self, weights: Mapping[str, np.ndarray], o: np.ndarray) -> np.ndarray:
        """Return `group_norm` of o (batch, heads, V) as (batch, units), for `reference`."""
        o = o - o.mean(-1, keepdims=True)
        o = o / np.sqrt((o**2).mean(-1, keepdims=True) + 64e-5)
        return o.reshape(len(o), -1) * weights["norm_scale"] + weights["norm_bias"]


def _channel_line(width: int) -> np.ndarray:
    """Return numbers from 0 for the first of `width` channels to 1 for the last."""
    return np.arange(width) / max(width - 1, 1)


def _mixes(width: int, *powers: float) -> np.ndarray:
    """Return 1 - (i / width) ** power for the channels i = 0, 1, ..., one row for each power."""
    return np.stack([1 - (np.arange(width) / width) ** power for power in powers])


def rwkv6_weights(units: int, rank: int) -> dict[str, tuple]:
    """Return the further weights of RWKV-6, with the initial values of a first layer.

    Args:
        units: width of the cell.
        rank: width of a low rank vector.
    """
    mix, line = _mixes(units, 1, 1, 1, 0.5, 0.5), _channel_line(units)
    # One initializer object would give both weights the same values.
    small = [keras.initializers.RandomUniform(-0.01, 0.01) for _ in range(2)]
    return {
        "mix_all": fixed_values(mix[0]),
        "mix": fixed_values(mix),
        "mix_in": ((5, units, rank), "glorot_uniform"),
        "mix_out": ((5, rank, units), small[0]),
        "kernels": ((4, units, units), "glorot_uniform"),
        "decay_in": ((units, 2 * rank), "glorot_uniform"),
        "decay_out": ((2 * rank, units), small[1]),
        "decay_bias": fixed_values(-6 + 5 * line**0.7),
        "bonus": fixed_values(0.1 * ((np.arange(units) + 1) % 3 - 1)),
        "norm_scale": ((units,), "ones"),
        "norm_bias": ((units,), "zeros"),
    }


def rwkv7_ranks(units: int) -> dict[str, int]:
    """Return the widths of the low rank vectors of RWKV-7 that its authors recommend."""
    factors = {"w": 2.5, "a": 2.5, "g": 5.0}
    return {gate: max(32, 32 * round(f * units**0.5 / 32)) for gate, f in factors.items()}


def rwkv7_weights(
    features: int, heads: int, keys: int, ranks: Mapping[str, int]
) -> dict[str, tuple]:
    """Return the further weights of RWKV-7, with the initial values of a first layer.

    Args:
        features: width of the input.
        heads: number of heads.
        keys: width of a head.
        ranks: widths of the low rank vectors of "w", "a" and "g".
    """
    units = heads * keys
    line, z = _channel_line(units), 2 * _channel_line(keys) - 1
    zigzag = np.tile(z * np.abs(z), heads)
    return {
        "mix": fixed_values(_mixes(features, 0.2, 0.7, 0.7, 0.9, 0.9, 0.2)),
        "decay_kernel": ((ranks["w"], units), "glorot_uniform"),
        "decay_bias": fixed_values(-5.5 + 6 * line + 2.5 * zigzag),
        "removal_kernel": ((ranks["a"], units), "glorot_uniform"),
        "removal_bias": fixed_values(-0.19 + 0.3 * zigzag + 0.4 * (line - 0.5)),
        "gate_kernel": ((ranks["g"], units), "glorot_uniform"),
        "key_removal": fixed_values(0.71 - 0.1 * (line - 0.5)),
        "key_addition": fixed_values(np.full(units, 1.02)),
        "bonus": fixed_values(np.full(units, -0.04)),
        "norm_scale": ((units,), "ones"),
        "norm_bias": ((units,), "zeros"),
    }
