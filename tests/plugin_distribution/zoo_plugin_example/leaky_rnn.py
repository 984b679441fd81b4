"""Plugin cell: a simple recurrent network of leaky integrators."""

from typing import Any

import numpy as np
from keras import ops

from zoo.cells import cells
from zoo.recurrent_cell import RecurrentCell, State, StepResult, Tensor, Weights


@cells.register(
    "leaky_rnn",
    paper="Jaeger et al. 2007, leaky integrator units",
    year=2007,
    tags=("simple",),
    good_for="slowly varying sequences",
)
class LeakyRNNCell(RecurrentCell):
    """Leaky integrator: a moving average of the states of a simple recurrent network.

    n = tanh(x W + h U + b)
    h' = (1 - a) * h + a * n      a = `leak`; a = 1 is the simple network, a = 0 keeps h

    Output: h' (batch, units). State: h (batch, units).
    Source: Jaeger et al. 2007, Optimization and applications of echo state networks with
    leaky-integrator neurons.
    Deviations: the weights are trained.

    Args:
        units: width of the output and of the state.
        leak: the constant a, in [0, 1].
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> print(zoo.Recurrent("leaky_rnn", units=4, leak=0.9)(np.ones((2, 5, 3))).shape)
        (2, 4)
    """

    search_space = {"leak": {"min": 0.1, "max": 0.9}}

    def __init__(self, units: int, leak: float = 0.5, **kwargs: Any) -> None:
        super().__init__(units, **kwargs)
        self.leak = leak

    def step(self, x: Tensor, state: State) -> StepResult:
        (h,) = state
        n = self.candidate_dropout(ops.tanh(x + self.recur(h)))
        h = (1 - self.leak) * h + self.leak * n
        return h, (h,)

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        (h,) = state
        n = np.tanh(x @ weights["kernel"] + h @ weights["recurrent_kernel"] + weights["bias"])
        h_new = (1 - self.leak) * h + self.leak * n
        return h_new, (h_new,)
