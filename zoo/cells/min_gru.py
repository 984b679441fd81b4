"""Minimal GRU without a look at the state: linear in it, so that all timesteps can be done at once."""

import numpy as np
from keras import ops

from zoo.cells import cells
from zoo.recurrent_cell import RecurrentCell, by_gate, sigmoid


def _positive(x):
    """The paper's g: x + 1/2 above zero, sigmoid(x) below."""
    return ops.where(x >= 0, x + 0.5, ops.sigmoid(x))


@cells.register(
    "min_gru",
    paper="Feng et al. 2024, arXiv 2410.01201",
    year=2024,
    tags=("gated", "gru", "linear"),
    exceptions={
        "learning": "what one layer keeps cannot depend on the place: its gate sees no state"
    },
)
class MinGRUCell(RecurrentCell):
    """minGRU: a GRU whose gate and candidate see the input alone.

    z = sigmoid(x W_z + b_z)      z = 1 keeps the old state
    n = g(x W_n + b_n)            g(a) = a + 1/2 for a >= 0, sigmoid(a) for a < 0: always positive
    h' = z * h + (1 - z) * n

    Output: h' (batch, units). State: h (batch, units).
    Source: Feng et al. 2024, arXiv 2410.01201, section 3.1; g: appendix B.
    Deviations: the paper's z is our 1 - z, so its W_z and b_z are ours with the other sign. The paper scans logarithms,
    and so takes positive states only; `parallel=True` scans the numbers themselves, by products of z alone, and takes
    any state. The paper passes the initial state through g; here it is taken as it is.
    """

    gates = ("z", "n")
    recurrent_shape = "none"
    retention_gates = {"z": 1}

    def step(self, x, state):
        (h,) = state
        x = self.split(x)
        z = ops.sigmoid(x["z"])
        h = z * h + (1 - z) * self.candidate_dropout(_positive(x["n"]))
        return h, (h,)

    def linear(self, x):
        z, n = ops.split(x, 2, -1)
        return ops.sigmoid(z), ops.sigmoid(-z) * _positive(n)

    def reference(self, weights, x, state):
        (h,) = state
        W_z, W_n = by_gate(weights["kernel"], 2)
        b_z, b_n = by_gate(weights["bias"], 2)
        z = sigmoid(-(x @ W_z + b_z))  # the paper's z_t, which writes where it is open
        a = x @ W_n + b_n
        n = np.where(a >= 0, a + 0.5, sigmoid(a))  # g, appendix B
        h_new = (1 - z) * h + z * n  # h_t
        return h_new, (h_new,)
