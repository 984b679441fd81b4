"""Independently recurrent network: each unit sees only its own past."""

import keras
import numpy as np

from zoo.cells import cells
from zoo.recurrent_cell import RecurrentCell


@cells.register(
    "ind_rnn", paper="Li et al. 2018, arXiv 1803.04831", year=2018, tags=("simple", "diagonal")
)
class IndRNNCell(RecurrentCell):
    """Independently recurrent network: the recurrent kernel is one number per unit.

    h' = act(x W + u * h + b)      u = 1 keeps a unit's past, u = 0 forgets it; act: relu, or by `activation`

    Output: h' (batch, units). State: h (batch, units).
    Source: Li et al. 2018, arXiv 1803.04831, equation 2.
    Deviations: none.
    """

    recurrent_shape = "diagonal"
    default_recurrent_initializer = "unit_interval"
    search_space = {"activation": ("relu", "tanh")}

    def __init__(self, units, activation="relu", **kwargs):
        super().__init__(units, **kwargs)
        self.activation = activation

    def step(self, x, state):
        (h,) = state
        h = self.candidate_dropout(keras.activations.get(self.activation)(x + self.recur(h)))
        return h, (h,)

    def reference(self, weights, x, state):
        (h,) = state
        activation = {"tanh": np.tanh, "relu": lambda a: np.maximum(a, 0.0)}[self.activation]
        # h_t = sigma(W x_t + u * h_{t-1} + b)
        h_new = activation(
            x @ weights["kernel"] + weights["recurrent_kernel"] * h + weights["bias"]
        )
        return h_new, (h_new,)
