"""A cell of one's own, held to the promises of all cells. To share it, see tests/plugin_distribution."""

import numpy as np
from keras import ops

import zoo
from zoo.cells import cells
from zoo.conformance.suite import Subject, judge


@cells.register("slow_rnn", paper="this example", year=2026, tags=("simple",))
class SlowRNNCell(zoo.RecurrentCell):
    """Slow network: the state moves half of the way to where the simple network would jump.

    h' = (h + tanh(x W + h U + b)) / 2      a saturated tanh moves the state half of the way to 1 or -1

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
        h_new = (
            h + np.tanh(x @ weights["kernel"] + h @ weights["recurrent_kernel"] + weights["bias"])
        ) / 2
        return h_new, (h_new,)


for name in (
    "reference",
    "gradients",
    "causality",
    "padding",
):  # `zoo check slow_rnn` tries all, for a real plugin
    result = judge(Subject("slow_rnn"), name)
    print(f"{name}: {'kept' if result.passed else result.reason}")
print("as a layer:", zoo.Recurrent("slow_rnn", 8)(np.ones((2, 5, 3), "float32")).shape)
