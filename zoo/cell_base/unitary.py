"""Unitary matrices as products of sparse ones, for unitary and orthogonal recurrent kernels.

A complex row vector of m elements is a real one of 2 m: real parts, then imaginary parts. The
functions apply a factor to the rows of a pair (real, imaginary), (rows, m) each.
"""

from typing import Any

import numpy as np
from keras import ops

from zoo.cell_base.step_context import Tensor
from zoo.errors import RequestError
from zoo.recurrent_cell import RecurrentCell, State, StepResult

Complex = tuple[Tensor, Tensor]  # real and imaginary parts

TINY = 1e-30  # below the square of any modulus that matters; avoids the square root of 0


def times(a: Complex, b: Complex) -> Complex:
    """Return the elementwise product."""
    return a[0] * b[0] - a[1] * b[1], a[0] * b[1] + a[1] * b[0]


def phase(angle: Tensor) -> Complex:
    """Return exp(i angle)."""
    return ops.cos(angle), ops.sin(angle)


def identity_rows(size: int, dtype: str) -> Complex:
    """Return the rows e_1, ..., e_m, i e_1, ..., i e_m: the real basis of m = `size` / 2."""
    rows = ops.eye(size, dtype=dtype)
    return rows[:, : size // 2], rows[:, size // 2 :]


def fourier(rows: Complex, inverse: bool = False) -> Complex:
    """Return the unitary discrete Fourier transform of each row, or its inverse."""
    size = rows[0].shape[-1]
    angles = 2 * np.pi * (np.outer(np.arange(size), np.arange(size)) % size) / size
    real, imaginary = (
        ops.convert_to_tensor(function(angles) / np.sqrt(size), rows[0].dtype)
        for function in (np.cos, np.sin)
    )
    imaginary = imaginary if inverse else -imaginary
    return (
        ops.matmul(rows[0], real) - ops.matmul(rows[1], imaginary),
        ops.matmul(rows[0], imaginary) + ops.matmul(rows[1], real),
    )


def reflect(rows: Complex, v: Complex) -> Complex:
    """Return each row h, reflected: h - 2 v (h v*) / |v|^2, where v* is the conjugate of v."""
    real, imaginary = times(rows, (v[0], -v[1]))
    factor = 2 / ops.sum(v[0] * v[0] + v[1] * v[1])
    shares = ops.sum(real, -1, keepdims=True), ops.sum(imaginary, -1, keepdims=True)
    projected = times(shares, v)
    return rows[0] - factor * projected[0], rows[1] - factor * projected[1]


def pair_rotations(rows: Complex, theta: Tensor, phi: Tensor | None = None) -> Complex:
    """Return the rows after layers of rotations of neighbouring elements (arXiv 1612.05231).

    Layers alternate between the pairs (0, 1), (2, 3), ... and (1, 2), (3, 4), ... Elements p and q
    of a pair become cos(theta) p - exp(i phi) sin(theta) q and sin(theta) p + exp(i phi) cos(theta)
    q.

    Args:
        rows: the row vectors of m elements.
        theta: (two layers, m - 1): the angles of m // 2 pairs, then those of the other layer.
        phi: as `theta`; None: zeros, so that real rows remain real.
    """
    size = rows[0].shape[-1]
    for number in range(theta.shape[0]):
        for first, last in ((0, size // 2), (size // 2, size - 1)):
            if first == last:  # two elements: the second layer has no pair
                continue
            start = int(first > 0)  # the first element of the first pair
            angles = theta[number, first:last]
            phases = None if phi is None else phase(phi[number, first:last])
            rows = _rotate_pairs(rows, start, angles, phases)
    return rows


def _rotate_pairs(rows: Complex, start: int, angles: Tensor, phases: Complex | None) -> Complex:
    """Rotate the pairs (start, start + 1), (start + 2, start + 3), ... of each row."""
    stop = start + 2 * angles.shape[0]
    cos, sin = ops.cos(angles), ops.sin(angles)
    p = rows[0][:, start:stop:2], rows[1][:, start:stop:2]
    q = rows[0][:, start + 1 : stop : 2], rows[1][:, start + 1 : stop : 2]
    q = q if phases is None else times(phases, q)
    parts = []
    for part in (0, 1):
        pairs = ops.stack([cos * p[part] - sin * q[part], sin * p[part] + cos * q[part]], -1)
        joined = ops.reshape(pairs, (pairs.shape[0], stop - start))
        parts.append(ops.concatenate([rows[part][:, :start], joined, rows[part][:, stop:]], -1))
    return parts[0], parts[1]


def modulus(a: Complex) -> Tensor:
    """Return |a|, with a gradient of 0 where a is 0."""
    return ops.sqrt(ops.maximum(a[0] * a[0] + a[1] * a[1], TINY))


def numpy_complex(array: np.ndarray) -> np.ndarray:
    """Return real rows (batch, 2 m) as complex ones (batch, m), for `reference`."""
    real, imaginary = np.split(array, 2, -1)
    return real + 1j * imaginary


def numpy_real(array: np.ndarray) -> np.ndarray:
    """Return complex rows (batch, m) as real ones (batch, 2 m), for `reference`."""
    return np.concatenate([array.real, array.imag], -1)


def numpy_pair_rotations(h: np.ndarray, theta: np.ndarray, phi: np.ndarray) -> np.ndarray:
    """Return `pair_rotations` of the rows of h, pair by pair, for `reference`."""
    h = h.copy()
    pairs = [*range(0, h.shape[-1] - 1, 2), *range(1, h.shape[-1] - 1, 2)]
    for angles, phases in zip(theta, phi, strict=True):
        for p, angle, each_phase in zip(pairs, angles, phases, strict=True):
            h_p, h_q = h[:, p].copy(), each_phase * h[:, p + 1]
            h[:, p] = np.cos(angle) * h_p - np.sin(angle) * h_q
            h[:, p + 1] = np.sin(angle) * h_p + np.cos(angle) * h_q
    return h


class UnitaryCell(RecurrentCell):
    """Base class of cells h' = modReLU(x W + h U) with a complex h and a unitary U.

    The state is real parts, then imaginary parts. A subclass defines `recurrent_matrix`. The bias b
    belongs to modReLU(a) = a * relu(|a| + offset + b) / (|a| + epsilon).

    Args:
        units: width of the output and of the state, twice the number of complex units.
        **kwargs: further arguments, see `RecurrentCell`.

    Raises:
        RequestError: `units` is odd.
    """

    gates = ("real", "imaginary", "modulus")
    input_gates = recurrent_gates = ("real", "imaginary")
    bias_gates = ("modulus",)
    recurrent_shape = "derived"
    float32 = True  # in half precision, the recurrent kernel would not be unitary
    offset, epsilon = 0.0, 1e-5

    def __init__(self, units: int, **kwargs: Any) -> None:
        super().__init__(units, **kwargs)
        if units % 2:
            raise RequestError(f"units={units} is odd. Give an even number: a complex unit is two.")

    def gate_sizes(self) -> dict[str, int]:
        """Return half of `units` for each gate."""
        return dict.fromkeys(self.gates, self.units // 2)

    def input_bias(self) -> None:
        """Return None: modReLU adds the bias."""

    def step(self, x: Tensor, state: State) -> StepResult:
        """Apply the cell at one timestep, see `RecurrentCell.step`."""
        (h,) = state
        a = x + self.recur(h)
        size = modulus(ops.split(a, 2, -1))
        factor = ops.relu(size + self.offset + self.bias) / (size + self.epsilon)
        h = self.candidate_dropout(a * ops.concatenate([factor, factor], -1))
        return h, (h,)
