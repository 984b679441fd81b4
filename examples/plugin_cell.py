"""A cell of your own, checked as all cells are. To share it, see docs/extending/plugin.md."""

import numpy as np
from keras import ops

import zoo
from zoo.cells import cells


@cells.register("slow_rnn", paper="this example", year=2026, tags=("simple",))
class SlowRNNCell(zoo.RecurrentCell):
    """Slow network: the mean of the old state and the new state of a simple network.

    h' = (h + tanh(x W + h U + b)) / 2      saturated at 1, h' is halfway between h and 1

    Output: h' (batch, units). State: h (batch, units).
    Source: this example, equation 1.
    Deviations: none.
    """

    def step(self, x, state):
        (h,) = state
        h = (h + self.candidate_dropout(ops.tanh(x + self.recur(h)))) / 2
        return h, (h,)

    def reference(self, weights, x, state):
        (h,) = state
        u = weights["recurrent_kernel"]
        h_new = (h + np.tanh(x @ weights["kernel"] + h @ u + weights["bias"])) / 2
        return h_new, (h_new,)


# `zoo check slow_rnn` checks all properties of a plugin's cell.
properties = ("reference", "gradients", "causality", "padding")
for result in zoo.check("slow_rnn", properties=properties):
    print(f"{result.property}: {'passed' if result.passed else result.reason}")
print("as a layer:", zoo.Recurrent("slow_rnn", 8)(np.ones((2, 5, 3), "float32")).shape)
