"""Antisymmetric recurrent network: Euler steps of a stable differential equation."""

from typing import Any

import keras
import numpy as np
from keras import ops

from zoo.cell_base.matrix_exponential import skew_symmetric
from zoo.cells import cells
from zoo.recurrent_cell import RecurrentCell, State, StepResult, Tensor, Weights


@cells.register(
    "antisymmetric_rnn",
    paper="Chang et al. 2019, arXiv 1902.09689",
    year=2019,
    tags=("simple", "continuous"),
    good_for="long dependencies: the eigenvalues of the recurrent kernel are almost imaginary",
)
class AntisymmetricRNNCell(RecurrentCell):
    """Antisymmetric RNN: Euler steps of h'(t) = tanh(x W + h U + b), with an antisymmetric U.

    U = A - A^T - diffusion * I                    A: upper triangle, the trained numbers `skew`
    h' = h + step_size * tanh(x W + h U + b)

    Output: h' (batch, units). State: h (batch, units).
    Source: Chang, Chen, Haber & Chi 2019, arXiv 1902.09689, equation 12.
    Deviations: only the upper triangle of A is a weight, as U has no more degrees of freedom. The
    paper tunes the standard deviation of the initial A; here that of U is sqrt(2 / units).

    Args:
        units: width of the output and of the state.
        step_size: step size of the Euler method; the paper tries 0.01, 0.1 and 1.
        diffusion: positive number that is subtracted from the diagonal of U, for stability.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> layer = zoo.Recurrent("antisymmetric_rnn", units=4, step_size=0.01)
        >>> print(layer(np.ones((2, 5, 3))).shape)
        (2, 4)
    """

    recurrent_shape = "derived"
    search_space = {
        "step_size": {"min": 0.01, "max": 1.0, "sampling": "log"},
        "diffusion": {"min": 0.001, "max": 0.1, "sampling": "log"},
    }

    def __init__(
        self, units: int, step_size: float = 0.1, diffusion: float = 0.01, **kwargs: Any
    ) -> None:
        super().__init__(units, **kwargs)
        self.step_size, self.diffusion = step_size, diffusion

    def extra_weights(self) -> dict[str, Any]:
        count = self.units * (self.units - 1) // 2
        return {"skew": ((count,), keras.initializers.RandomNormal(0.0, (2 / self.units) ** 0.5))}

    def recurrent_matrix(self) -> Tensor:
        skew = skew_symmetric(self.skew, self.units)
        return skew - self.diffusion * ops.eye(self.units, dtype=skew.dtype)

    def step(self, x: Tensor, state: State) -> StepResult:
        (h,) = state
        h = h + self.step_size * self.candidate_dropout(ops.tanh(x + self.recur(h)))
        return h, (h,)

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        (h,) = state
        A = np.zeros((self.units, self.units))
        A[np.triu_indices(self.units, 1)] = weights["skew"]
        U = A - A.T - self.diffusion * np.eye(self.units)
        h_new = h + self.step_size * np.tanh(x @ weights["kernel"] + h @ U + weights["bias"])
        return h_new, (h_new,)
