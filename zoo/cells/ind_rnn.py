"""Independently recurrent network: each unit reads only its own state."""

from typing import Any

import numpy as np

from zoo.cell_base.keras_objects import KerasObject, as_activation, numpy_activation
from zoo.cells import cells
from zoo.recurrent_cell import RecurrentCell, State, StepResult, Tensor, Weights


@cells.register(
    "ind_rnn",
    paper="Li et al. 2018, arXiv 1803.04831",
    year=2018,
    tags=("simple", "diagonal"),
    good_for="deep stacks and very long sequences, with ReLU",
)
class IndRNNCell(RecurrentCell):
    """Independently recurrent network: the recurrent kernel is one value per unit.

    h' = act(x W + u * h + b)      u = 1 keeps a unit's state, u = 0 forgets it; act: `activation`

    Output: h' (batch, units). State: h (batch, units).
    Source: Li et al. 2018, arXiv 1803.04831, equation 2.
    Deviations: none.

    Args:
        units: width of the output and of each state.
        activation: "relu" (default) or "tanh".
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> layer = zoo.Recurrent("ind_rnn", units=4, activation="tanh")
        >>> print(layer(np.ones((2, 5, 3))).shape)
        (2, 4)
    """

    recurrent_shape = "diagonal"
    default_recurrent_initializer = "unit_interval"
    search_space = {"activation": ("relu", "tanh")}

    def __init__(self, units: int, activation: KerasObject = "relu", **kwargs: Any) -> None:
        super().__init__(units, **kwargs)
        self.activation = as_activation("activation", activation)

    def step(self, x: Tensor, state: State) -> StepResult:
        (h,) = state
        h = self.candidate_dropout(self.activation(x + self.recur(h)))
        return h, (h,)

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        (h,) = state
        activation = numpy_activation(self.activation)
        # h_t = sigma(W x_t + u * h_{t-1} + b)
        h_new = activation(
            x @ weights["kernel"] + weights["recurrent_kernel"] * h + weights["bias"]
        )
        return h_new, (h_new,)
