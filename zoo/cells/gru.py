"""Gated recurrent unit, reset after the recurrent product."""

import numpy as np
from keras import ops

from zoo.cells import cells
from zoo.recurrent_cell import RecurrentCell, by_gate, sigmoid


@cells.register("gru", paper="Cho et al. 2014, arXiv 1406.1078", year=2014, tags=("gated", "gru"))
class GRUCell(RecurrentCell):
    """GRU with the reset gate after the product, as Keras and cuDNN have it.

    z = sigmoid(x W_z + h U_z + b_z)              z = 1 keeps the old state
    r = sigmoid(x W_r + h U_r + b_r)              r = 0 hides the old state from the candidate
    n = tanh(x W_n + b_n + r * (h U_n + d_n))     d: the second row of the bias
    h' = z * h + (1 - z) * n

    Output: h' (batch, units). State: h (batch, units).
    Source: Cho et al. 2014, arXiv 1406.1078, equations 5-8 (z = 1 keeps the old state there too).
    Deviations: r multiplies the product, not h, and the product has a bias of its own (Keras' reset_after, cuDNN).
    """

    gates = ("z", "r", "n")
    bias_rows = 2
    retention_gates = {"z": 1}
    keras_layer = "GRU"

    def step(self, x, state):
        (h,) = state
        x, y = self.split(x), self.split(self.recur(h) + self.bias[1])
        z, r = ops.sigmoid(x["z"] + y["z"]), ops.sigmoid(x["r"] + y["r"])
        n = self.candidate_dropout(ops.tanh(x["n"] + r * y["n"]))
        h = z * h + (1 - z) * n
        return h, (h,)

    def reference(self, weights, x, state):
        (h,) = state
        W_z, W_r, W_n = by_gate(weights["kernel"], 3)
        U_z, U_r, U_n = by_gate(weights["recurrent_kernel"], 3)
        b_z, b_r, b_n = by_gate(weights["bias"][0], 3)
        d_z, d_r, d_n = by_gate(weights["bias"][1], 3)
        r = sigmoid(x @ W_r + b_r + h @ U_r + d_r)  # (5), biases cuDNN's
        z = sigmoid(x @ W_z + b_z + h @ U_z + d_z)  # (6), biases cuDNN's
        n = np.tanh(x @ W_n + b_n + r * (h @ U_n + d_n))  # cuDNN, in place of (8)
        h_new = z * h + (1 - z) * n  # (7)
        return h_new, (h_new,)
