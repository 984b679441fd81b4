"""Simple recurrent network (Elman network)."""

from typing import Any

import numpy as np

from zoo.cell_base.keras_objects import KerasObject, as_activation, numpy_activation
from zoo.cells import cells
from zoo.recurrent_cell import RecurrentCell, State, StepResult, Tensor, Weights


@cells.register(
    "simple_rnn",
    paper="Elman 1990, Finding structure in time",
    year=1990,
    tags=("simple",),
    good_for="short dependencies; the baseline of every comparison",
)
class SimpleRNNCell(RecurrentCell):
    """Elman network: an activation of the projected input plus the projected state.

    h' = act(x W + h U + b)      act: `activation`

    Output: h' (batch, units). State: h (batch, units).
    Source: Elman 1990, Finding structure in time; ReLU with an identity U: Le et al. 2015,
    arXiv 1504.00941.
    Deviations: none. Weights are those of keras.layers.SimpleRNN.

    Args:
        units: width of the output and of each state.
        activation: "tanh" (default), "relu" or another activation of Keras.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> layer = zoo.Recurrent("simple_rnn", units=4, recurrent_initializer="identity")
        >>> print(layer(np.ones((2, 5, 3))).shape)
        (2, 4)
    """

    search_space = {"activation": ("tanh", "relu")}

    def __init__(self, units: int, activation: KerasObject = "tanh", **kwargs: Any) -> None:
        super().__init__(units, **kwargs)
        self.activation = as_activation("activation", activation)

    def step(self, x: Tensor, state: State) -> StepResult:
        (h,) = state
        h = self.candidate_dropout(self.activation(x + self.recur(h)))
        return h, (h,)

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        (h,) = state
        activation = numpy_activation(self.activation)
        h_new = activation(
            x @ weights["kernel"] + h @ weights["recurrent_kernel"] + weights["bias"]
        )
        return h_new, (h_new,)
