"""Unitary recurrent network: the recurrent kernel is a product of simple unitary matrices."""

from typing import Any

import keras
import numpy as np
from keras import ops

from zoo.cell_base import unitary
from zoo.cell_base.unitary import fourier, phase, reflect, times
from zoo.cells import cells
from zoo.recurrent_cell import State, StepResult, Tensor, Weight, Weights


def permutation(shape: tuple[int, ...], dtype: Any = None) -> Tensor:
    """Return a permutation of 0, 1, ..., the same for the same shape, as numbers of `dtype`."""
    order = np.random.default_rng(0).permutation(shape[0])
    return ops.cast(order, dtype or keras.config.floatx())


@cells.register(
    "urnn",
    paper="Arjovsky et al. 2016, arXiv 1511.06464",
    year=2016,
    tags=("simple", "orthogonal"),
    good_for="very long dependencies, with few recurrent weights: 3.5 per unit",
)
class URNNCell(unitary.UnitaryCell):
    """uRNN: a recurrent network of units / 2 complex numbers with a unitary recurrent kernel.

    U = D_1 F R_1 P D_2 F^-1 R_2 D_3     D: phases exp(i theta); F: Fourier transform; P: a fixed
                                         permutation; R: reflections h - 2 v (h v*) / |v|^2
    a = x W + h U
    h' = a * relu(|a| + b) / (|a| + 1e-5)                   modReLU

    Output: h' (batch, units), real parts, then imaginary parts. State: h (batch, units).
    Source: Arjovsky, Shah & Bengio 2016, arXiv 1511.06464, equations 6-8, and the authors' code.
    Deviations: `units` counts real numbers and is even. The initial state is 0 unless the layer
    learns it; theirs is trained. Their code reflects along the conjugate of v.

    Args:
        units: width of the output and of the state, an even number.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> layer = zoo.Recurrent("urnn", units=4, return_sequences=True)
        >>> print(layer(np.ones((2, 5, 3))).shape)
        (2, 5, 4)
    """

    default_bias_initializer = "random_uniform:0.01"

    def extra_weights(self) -> dict[str, Any]:
        size, uniform = self.units // 2, keras.initializers.RandomUniform
        bound = (6 / (2 + self.units)) ** 0.5
        return {
            "theta": ((3, size), uniform(-np.pi, np.pi)),
            "reflections": ((2, 2, size), uniform(-bound, bound)),  # real and imaginary parts
            "permutation": Weight((size,), permutation, trainable=False),
        }

    def recurrent_matrix(self) -> Tensor:
        order = ops.cast(self.permutation, "int32")
        rows = times(unitary.identity_rows(self.units, self.compute_dtype), phase(self.theta[0]))
        rows = reflect(fourier(rows), (self.reflections[0, 0], self.reflections[0, 1]))
        rows = ops.take(rows[0], order, -1), ops.take(rows[1], order, -1)
        rows = fourier(times(rows, phase(self.theta[1])), inverse=True)
        rows = reflect(rows, (self.reflections[1, 0], self.reflections[1, 1]))
        return ops.concatenate(times(rows, phase(self.theta[2])), -1)

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        h, W = unitary.numpy_complex(state[0]), unitary.numpy_complex(weights["kernel"])
        identity = np.eye(self.units // 2)
        D_1, D_2, D_3 = (np.diag(np.exp(1j * angles)) for angles in weights["theta"])
        R_1, R_2 = (
            identity - 2 * np.outer(v.conj(), v) / np.vdot(v, v).real
            for v in weights["reflections"][:, 0] + 1j * weights["reflections"][:, 1]
        )
        F = np.fft.fft(identity, norm="ortho")
        P = identity[:, weights["permutation"].astype(int)]
        a = x @ W + h @ D_1 @ F @ R_1 @ P @ D_2 @ F.conj() @ R_2 @ D_3
        h_new = a * np.maximum(np.abs(a) + weights["bias"], 0) / (np.abs(a) + 1e-5)
        h_new = unitary.numpy_real(h_new)
        return h_new, (h_new,)
