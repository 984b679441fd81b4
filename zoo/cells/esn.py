"""Echo state network: a random reservoir that is not trained."""

from typing import Any

import keras
import numpy as np
from keras import ops

from zoo.cells import cells
from zoo.errors import RequestError
from zoo.recurrent_cell import RecurrentCell, State, StepResult, Tensor, Weight, Weights


@cells.register(
    "esn",
    paper="Jaeger 2001, The echo state approach",
    year=2001,
    tags=("simple", "reservoir"),
    good_for="few training data: only the layers after the cell are trained",
)
class ESNCell(RecurrentCell):
    """Echo state network: a leaky simple recurrent network with random weights that stay fixed.

    h' = (1 - leak) * h + leak * tanh(x W + h R + b)      R: `reservoir`; leak = 0 keeps the state

    Output: h' (batch, units). State: h (batch, units).
    Source: Jaeger 2001, The "echo state" approach to analysing and training recurrent neural
    networks; the leak: Jaeger et al. 2007, Optimization and applications of echo state networks
    with leaky-integrator neurons.
    Deviations: R is dense, with normally distributed elements; no feedback from the output.

    Args:
        units: width of the output and of the state.
        spectral_radius: largest absolute value of the eigenvalues of R; smaller: shorter memory.
        leak: share of the state that each timestep replaces, in (0, 1].
        **kwargs: further arguments, see `RecurrentCell`. `kernel_initializer` scales the input:
            "random_uniform:0.5".

    Example:
        >>> import numpy as np, zoo
        >>> layer = zoo.Recurrent("esn", units=4, spectral_radius=0.8)
        >>> print(layer(np.ones((2, 5, 3))).shape, len(layer.trainable_weights))
        (2, 4) 0
    """

    recurrent_shape = "derived"
    fixed_weights = ("kernel", "bias")
    search_space = {"spectral_radius": (0.5, 0.9, 0.99), "leak": (0.3, 1.0)}

    def __init__(
        self, units: int, spectral_radius: float = 0.9, leak: float = 1.0, **kwargs: Any
    ) -> None:
        super().__init__(units, **kwargs)
        if not spectral_radius > 0 or not 0 < leak <= 1:
            raise RequestError(
                f"spectral_radius={spectral_radius!r} and leak={leak!r} must be positive, and leak "
                "at most 1. Try spectral_radius=0.9, leak=1.0."
            )
        self.spectral_radius, self.leak = spectral_radius, leak

    def extra_weights(self) -> dict[str, Any]:
        return {"reservoir": Weight((self.units, self.units), self._reservoir, trainable=False)}

    def _reservoir(self, shape: tuple[int, ...], dtype: Any = None) -> Tensor:
        """Return a random matrix with the spectral radius of the cell."""
        matrix = keras.random.normal(shape, dtype="float32")
        radius = ops.max(ops.abs(ops.eig(matrix)[0]))
        return ops.cast(matrix * (self.spectral_radius / radius), dtype or "float32")

    def recurrent_matrix(self) -> Tensor:
        return self.reservoir

    def step(self, x: Tensor, state: State) -> StepResult:
        (h,) = state
        n = self.candidate_dropout(ops.tanh(x + self.recur(h)))
        h = (1 - self.leak) * h + self.leak * n
        return h, (h,)

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        (h,) = state
        n = np.tanh(x @ weights["kernel"] + h @ weights["reservoir"] + weights["bias"])
        h_new = (1 - self.leak) * h + self.leak * n
        return h_new, (h_new,)
