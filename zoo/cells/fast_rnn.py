"""FastRNN: a simple recurrent network with a weighted residual connection over time."""

from typing import Any

import keras
import numpy as np
from keras import ops

from zoo.cells import cells
from zoo.recurrent_cell import RecurrentCell, State, StepResult, Tensor, Weights, sigmoid


@cells.register(
    "fast_rnn",
    paper="Kusupati et al. 2018, arXiv 1901.02358",
    year=2018,
    tags=("simple",),
    good_for="small models on small devices; as cheap as a simple recurrent network",
)
class FastRNNCell(RecurrentCell):
    """FastRNN: two trained numbers weigh the old state and the candidate.

    n = tanh(x W + h U + b)                             candidate
    h' = sigmoid(alpha) * n + sigmoid(beta) * h         alpha, beta: one number each, for all units

    Output: h' (batch, units). State: h (batch, units).
    Source: Kusupati et al. 2018, arXiv 1901.02358, and the authors' code, in which
    alpha starts from -3 and beta from 3.
    Deviations: W starts from "glorot_uniform", theirs from a normal distribution with standard
    deviation 0.1, as U here.

    Args:
        units: width of the output and of the state.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> layer = zoo.Recurrent("fast_rnn", units=4, return_sequences=True)
        >>> print(layer(np.ones((2, 5, 3))).shape)
        (2, 5, 4)
    """

    default_recurrent_initializer = "random_normal:0.1"
    default_bias_initializer = "ones"

    def extra_weights(self) -> dict[str, Any]:
        return {
            "alpha": ((1,), keras.initializers.Constant(-3.0)),
            "beta": ((1,), keras.initializers.Constant(3.0)),
        }

    def step(self, x: Tensor, state: State) -> StepResult:
        (h,) = state
        n = self.candidate_dropout(ops.tanh(x + self.recur(h)))
        h = ops.sigmoid(self.alpha) * n + ops.sigmoid(self.beta) * h
        return h, (h,)

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        (h,) = state
        n = np.tanh(x @ weights["kernel"] + h @ weights["recurrent_kernel"] + weights["bias"])
        alpha, beta = sigmoid(weights["alpha"]), sigmoid(weights["beta"])
        h_new = alpha * n + beta * h
        return h_new, (h_new,)
