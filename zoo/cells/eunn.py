"""Efficient unitary network: the recurrent kernel consists of layers of rotations of pairs."""

from typing import Any

import keras
import numpy as np
from keras import ops

from zoo.cell_base import unitary
from zoo.cell_base.unitary import numpy_complex, numpy_real
from zoo.cells import cells
from zoo.errors import RequestError
from zoo.recurrent_cell import State, StepResult, Tensor, Weights


@cells.register(
    "eunn",
    paper="Jing et al. 2017, arXiv 1612.05231",
    year=2017,
    tags=("simple", "orthogonal"),
    good_for="very long dependencies, with a choice of the number of recurrent weights",
)
class EUNNCell(unitary.UnitaryCell):
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

    offset = epsilon = 0.01
    search_space = {"capacity": (2, 8)}

    def __init__(self, units: int, capacity: int = 2, **kwargs: Any) -> None:
        super().__init__(units, **kwargs)
        if units < 4 or capacity < 2 or capacity % 2:
            raise RequestError(
                f"units={units}, capacity={capacity!r}: give 4 units or more, and an even capacity."
            )
        self.capacity = capacity

    def extra_weights(self) -> dict[str, Any]:
        size, uniform = self.units // 2, keras.initializers.RandomUniform
        layers = (self.capacity // 2, size - 1)
        shapes = {"theta": layers, "phi": layers, "omega": (size,)}
        return {name: (shape, uniform(-np.pi, np.pi)) for name, shape in shapes.items()}

    def recurrent_matrix(self) -> Tensor:
        rows = unitary.identity_rows(self.units, self.compute_dtype)
        rows = unitary.pair_rotations(rows, self.theta, self.phi)
        return ops.concatenate(unitary.times(rows, unitary.phase(self.omega)), -1)

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        h, W = numpy_complex(state[0]), numpy_complex(weights["kernel"])
        h = unitary.numpy_pair_rotations(h, weights["theta"], np.exp(1j * weights["phi"]))
        a = x @ W + h * np.exp(1j * weights["omega"])
        size = np.abs(a) + 0.01
        h_new = numpy_real(a / size * np.maximum(size + weights["bias"], 0))
        return h_new, (h_new,)
