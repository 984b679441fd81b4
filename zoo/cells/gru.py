"""Gated recurrent unit, reset after the recurrent product."""

from keras import ops

from zoo.cells import cells
from zoo.recurrent_cell import RecurrentCell


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
    keeps = {"z": 1}

    def step(self, x, state):
        (h,) = state
        x, y = self.split(x), self.split(self.recur(h) + self.bias[1])
        z, r = ops.sigmoid(x["z"] + y["z"]), ops.sigmoid(x["r"] + y["r"])
        n = self.entering(ops.tanh(x["n"] + r * y["n"]))
        h = z * h + (1 - z) * n
        return h, (h,)
