"""IRNN: a simple recurrent network with ReLU that starts from the identity."""

import numpy as np
from keras import ops

from zoo.cells import cells
from zoo.recurrent_cell import RecurrentCell, State, StepResult, Tensor, Weights


@cells.register(
    "irnn",
    paper="Le et al. 2015, arXiv 1504.00941",
    year=2015,
    tags=("simple",),
    good_for="long dependencies without gates; sums of inputs, as in the adding problem",
)
class IRNNCell(RecurrentCell):
    """IRNN: before training, a state with a positive value persists until an input changes it.

    h' = relu(x W + h U + b)      U starts from the identity

    Output: h' (batch, units). State: h (batch, units).
    Source: Le, Jaitly & Hinton 2015, arXiv 1504.00941, section 2.
    Deviations: W starts from "glorot_uniform", theirs from a normal distribution with standard
    deviation 0.001. The state is unbounded: train with a bound on the norm of the gradient.

    Args:
        units: width of the output and of the state.
        **kwargs: further arguments, see `RecurrentCell`. The paper's other initializer of U, for
            short dependencies, is recurrent_initializer="scaled_identity:0.01".

    Example:
        >>> import numpy as np, zoo
        >>> layer = zoo.Recurrent("irnn", units=4, return_sequences=True)
        >>> print(layer(np.ones((2, 5, 3))).shape)
        (2, 5, 4)
    """

    default_recurrent_initializer = "identity"
    search_space = {"recurrent_initializer": ("identity", "scaled_identity:0.01")}

    def step(self, x: Tensor, state: State) -> StepResult:
        (h,) = state
        h = self.candidate_dropout(ops.relu(x + self.recur(h)))
        return h, (h,)

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        (h,) = state
        W, U = weights["kernel"], weights["recurrent_kernel"]
        h_new = np.maximum(x @ W + h @ U + weights["bias"], 0)
        return h_new, (h_new,)
