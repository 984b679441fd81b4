"""A cell in a plugin: the simple network with a leak."""

import numpy as np
from keras import ops

from zoo.cells import cells
from zoo.recurrent_cell import RecurrentCell


@cells.register(
    "leaky_rnn", paper="Jaeger et al. 2007, leaky integrator units", year=2007, tags=("simple",)
)
class LeakyRNNCell(RecurrentCell):
    """Leaky integrator: the state moves a part of the way to where the simple network would jump.

    n = tanh(x W + h U + b)
    h' = (1 - a) * h + a * n      a = 1 is the simple network, a = 0 never moves

    Output: h' (batch, units). State: h (batch, units).
    Source: Jaeger et al. 2007, Optimization and applications of echo state networks with leaky-integrator neurons.
    Deviations: the weights are trained.
    """

    search_space = {"leak": {"min": 0.1, "max": 0.9}}

    def __init__(self, units, leak=0.5, **kwargs):
        super().__init__(units, **kwargs)
        self.leak = leak

    def step(self, x, state):
        (h,) = state
        n = self.candidate_dropout(ops.tanh(x + self.recur(h)))
        h = (1 - self.leak) * h + self.leak * n
        return h, (h,)

    def reference(self, weights, x, state):
        (h,) = state
        n = np.tanh(x @ weights["kernel"] + h @ weights["recurrent_kernel"] + weights["bias"])
        h_new = (1 - self.leak) * h + self.leak * n
        return h_new, (h_new,)
