"""UnICORNN: independent oscillators, undamped, with one learned time scale per unit."""

from typing import Any

import keras
import numpy as np
from keras import ops

from zoo.cells import cells
from zoo.recurrent_cell import RecurrentCell, State, StepResult, Tensor, Weights, sigmoid


@cells.register(
    "unicornn",
    paper="Rusch & Mishra 2021, arXiv 2103.05487",
    year=2021,
    tags=("simple", "continuous", "diagonal"),
    good_for="very long sequences, in a stack of layers",
)
class UnICORNNCell(RecurrentCell):
    """UnICORNN: undamped oscillators, each of which reads the input and its own state only.

    s = dt * sigmoid(c)                      c: `time_scale`, one number per unit
    z' = z - s * (tanh(u * y + x W + b) + alpha * y)
    y' = y + s * z'                          reads the new z

    Output: y' (batch, units). State: y, z (batch, units) each.
    Source: Rusch & Mishra 2021, arXiv 2103.05487, equation 3, and the authors' code.
    Deviations: W starts from "glorot_uniform"; theirs is uniform with a variance of 2 / 65 divided
    by the features.

    Args:
        units: width of the output and of each state.
        dt: largest time step; the default is for short sequences, the paper uses 0.00003 to 0.2.
        alpha: squared frequency of the oscillators, 0 to 31 in the paper; stable if dt^2 alpha < 4.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> layer = zoo.Recurrent("unicornn", units=4, dt=0.19, alpha=30.65)
        >>> print(layer(np.ones((2, 5, 3))).shape)
        (2, 4)
    """

    state_names = ("y", "z")
    recurrent_shape = "diagonal"
    default_recurrent_initializer = "unit_interval"
    search_space = {
        "dt": {"min": 0.01, "max": 1.0, "sampling": "log"},
        "alpha": {"min": 0.0, "max": 5.0},
    }

    def __init__(self, units: int, dt: float = 1.0, alpha: float = 3.0, **kwargs: Any) -> None:
        super().__init__(units, **kwargs)
        self.dt, self.alpha = dt, alpha

    def extra_weights(self) -> dict[str, Any]:
        return {"time_scale": ((self.units,), keras.initializers.RandomUniform(-0.1, 0.1))}

    def step(self, x: Tensor, state: State) -> StepResult:
        y, z = state
        force = self.candidate_dropout(ops.tanh(x + self.recur(y))) + self.alpha * y
        s = self.dt * ops.sigmoid(self.time_scale)
        z = z - s * force
        y = y + s * z
        return y, (y, z)

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        y, z = state
        s = self.dt * sigmoid(weights["time_scale"])
        a = weights["recurrent_kernel"] * y + x @ weights["kernel"] + weights["bias"]
        z_new = z - s * (np.tanh(a) + self.alpha * y)
        y_new = y + s * z_new
        return y_new, (y_new, z_new)
