"""FastGRNN: a gated cell whose gate and candidate share their kernels."""

from typing import Any

import keras
import numpy as np
from keras import ops

from zoo.cells import cells
from zoo.recurrent_cell import RecurrentCell, State, StepResult, Tensor, Weights, sigmoid


@cells.register(
    "fast_grnn",
    paper="Kusupati et al. 2018, arXiv 1901.02358",
    year=2018,
    tags=("gated",),
    good_for="small models on small devices; gated at the cost of a simple recurrent network",
)
class FastGRNNCell(RecurrentCell):
    """FastGRNN: one product each with input and state, for gate and candidate alike.

    p = x W + h U
    z = sigmoid(p + b)                                      z = 1 keeps the state, up to nu
    n = tanh(p + b_n)                                       candidate; b_n: `candidate_bias`
    h' = (sigmoid(zeta) * (1 - z) + sigmoid(nu)) * n + z * h      zeta, nu: one number each

    Output: h' (batch, units). State: h (batch, units).
    Source: Kusupati et al. 2018, arXiv 1901.02358, and the authors' code, in which zeta
    starts from 1 and nu from -4.
    Deviations: kernels of full rank; the paper also factorizes them. W starts from
    "glorot_uniform", theirs from a normal distribution with standard deviation 0.1, as U here.

    Args:
        units: width of the output and of the state.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> layer = zoo.Recurrent("fast_grnn", units=4, return_sequences=True)
        >>> print(layer(np.ones((2, 5, 3))).shape)
        (2, 5, 4)
    """

    gates = ("p",)
    default_recurrent_initializer = "random_normal:0.1"
    default_bias_initializer = "ones"

    def extra_weights(self) -> dict[str, Any]:
        return {
            "candidate_bias": ((self.units,), "ones"),
            "zeta": ((1,), keras.initializers.Constant(1.0)),
            "nu": ((1,), keras.initializers.Constant(-4.0)),
        }

    def input_bias(self) -> None:
        return None  # gate and candidate have different biases

    def step(self, x: Tensor, state: State) -> StepResult:
        (h,) = state
        p = x + self.recur(h)
        z = ops.sigmoid(p + self.bias)
        n = self.candidate_dropout(ops.tanh(p + self.candidate_bias))
        h = (ops.sigmoid(self.zeta) * (1 - z) + ops.sigmoid(self.nu)) * n + z * h
        return h, (h,)

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        (h,) = state
        W, U = weights["kernel"], weights["recurrent_kernel"]
        zeta, nu = sigmoid(weights["zeta"]), sigmoid(weights["nu"])
        z = sigmoid(x @ W + h @ U + weights["bias"])  # gate
        n = np.tanh(x @ W + h @ U + weights["candidate_bias"])  # candidate
        h_new = (zeta * (1 - z) + nu) * n + z * h
        return h_new, (h_new,)
