"""The simple recurrent network of Elman."""

import keras
import numpy as np

from zoo.cells import cells
from zoo.recurrent_cell import RecurrentCell


@cells.register(
    "simple_rnn", paper="Elman 1990, Finding structure in time", year=1990, tags=("simple",)
)
class SimpleRNNCell(RecurrentCell):
    """Elman network: the new state is a squashed sum of input and old state.

    h' = act(x W + h U + b)      act: tanh, or relu by the argument `activation`

    Output: h' (batch, units). State: h (batch, units).
    Source: Elman 1990, Finding structure in time; ReLU with an identity U: Le et al. 2015, arXiv 1504.00941.
    Deviations: none. Weights are those of keras.layers.SimpleRNN.
    """

    search_space = {"activation": ("tanh", "relu")}

    def __init__(self, units, activation="tanh", **kwargs):
        super().__init__(units, **kwargs)
        self.activation = activation

    def step(self, x, state):
        (h,) = state
        h = self.candidate_dropout(keras.activations.get(self.activation)(x + self.recur(h)))
        return h, (h,)

    def reference(self, weights, x, state):
        (h,) = state
        activation = {"tanh": np.tanh, "relu": lambda a: np.maximum(a, 0.0)}[self.activation]
        h_new = activation(
            x @ weights["kernel"] + h @ weights["recurrent_kernel"] + weights["bias"]
        )
        return h_new, (h_new,)
