"""Efficient unitary network: the recurrent kernel consists of layers of rotations of pairs."""

from typing import Any

import keras
import numpy as np
from keras import ops

from zoo.cell_base.unitary import identity_rows, modulus, pair_rotations, phase, times
from zoo.cells import cells
from zoo.errors import RequestError
from zoo.recurrent_cell import RecurrentCell, State, StepResult, Tensor, Weights

EPSILON = 0.01


@cells.register(
    "eunn",
    paper="Jing et al. 2017, arXiv 1612.05231",
    year=2017,
    tags=("simple", "orthogonal"),
    good_for="very long dependencies; a number sets how many unitary matrices can be learned",
)
class EUNNCell(RecurrentCell):
    """EUNN: a recurrent network of units / 2 complex numbers with a unitary recurrent kernel.

    (p, q) = (cos(theta) p - e^(i phi) sin(theta) q, sin(theta) p + e^(i phi) cos(theta) q)
    U: `capacity` layers of such rotations of pairs of neighbours, then phases e^(i omega)
    a = x W + h U
    h' = a / (|a| + 0.01) * relu(|a| + 0.01 + b)             modReLU

    Output: h' (batch, units), real parts, then imaginary parts. State: h (batch, units).
    Source: Jing et al. 2017, arXiv 1612.05231, section 4, and the authors' code: its tunable style.
    Deviations: `units` counts real numbers and is even; the number of complex ones may be odd. W
    starts from "glorot_uniform", theirs from a uniform distribution in +-0.01.

    Args:
        units: width of the output and of the state, an even number of at least 4.
        capacity: number of layers, even; units / 2 of them reach every unitary matrix.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> layer = zoo.Recurrent("eunn", units=8, capacity=4, return_sequences=True)
        >>> print(layer(np.ones((2, 5, 3))).shape)
        (2, 5, 8)
    """

    gates = ("real", "imaginary", "modulus")
    input_gates = recurrent_gates = ("real", "imaginary")
    bias_gates = ("modulus",)
    recurrent_shape = "derived"
    float32 = True  # in half precision, the recurrent kernel would not be unitary
    search_space = {"capacity": (2, 8)}

    def __init__(self, units: int, capacity: int = 2, **kwargs: Any) -> None:
        super().__init__(units, **kwargs)
        if units % 2 or units < 4:
            raise RequestError(f"units={units} is odd or below 4. Give an even number: 2 per unit.")
        if capacity < 2 or capacity % 2:
            raise RequestError(f"capacity={capacity!r} is not a positive even number. Try 2.")
        self.capacity = capacity

    def gate_sizes(self) -> dict[str, int]:
        return dict.fromkeys(self.gates, self.units // 2)

    def extra_weights(self) -> dict[str, Any]:
        size, uniform = self.units // 2, keras.initializers.RandomUniform
        layers = (self.capacity // 2, size - 1)
        shapes = {"theta": layers, "phi": layers, "omega": (size,)}
        return {name: (shape, uniform(-np.pi, np.pi)) for name, shape in shapes.items()}

    def recurrent_matrix(self) -> Tensor:
        rows = identity_rows(self.units, self.compute_dtype)
        rows = pair_rotations(rows, self.theta, self.phi)
        return ops.concatenate(times(rows, phase(self.omega)), -1)

    def input_bias(self) -> None:
        return None  # the bias belongs to modReLU

    def step(self, x: Tensor, state: State) -> StepResult:
        (h,) = state
        a = x + self.recur(h)
        size = modulus(ops.split(a, 2, -1)) + EPSILON
        factor = ops.relu(size + self.bias) / size
        h = self.candidate_dropout(a * ops.concatenate([factor, factor], -1))
        return h, (h,)

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        half = self.units // 2
        h = state[0][:, :half] + 1j * state[0][:, half:]
        for thetas, phis in zip(weights["theta"], weights["phi"], strict=True):
            pairs = [*range(0, half - 1, 2), *range(1, half - 1, 2)]
            for p, theta, phi in zip(pairs, thetas, phis, strict=True):
                h_p, h_q = h[:, p].copy(), np.exp(1j * phi) * h[:, p + 1]
                h[:, p] = np.cos(theta) * h_p - np.sin(theta) * h_q
                h[:, p + 1] = np.sin(theta) * h_p + np.cos(theta) * h_q
        W = weights["kernel"][:, :half] + 1j * weights["kernel"][:, half:]
        a = x @ W + h * np.exp(1j * weights["omega"])
        size = np.abs(a) + EPSILON
        h_new = a / size * np.maximum(size + weights["bias"], 0)
        h_new = np.concatenate([h_new.real, h_new.imag], -1)
        return h_new, (h_new,)
