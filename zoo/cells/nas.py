"""NAS cell: an LSTM-like cell that a search by reinforcement learning found."""

import numpy as np
from keras import ops

from zoo.cells import cells
from zoo.recurrent_cell import RecurrentCell, State, StepResult, Tensor, Weights, by_gate, sigmoid


@cells.register(
    "nas",
    paper="Zoph & Le 2017, arXiv 1611.01578",
    year=2017,
    tags=("gated",),
    good_for="language models with many weights",
)
class NASCell(RecurrentCell):
    """NAS cell: a tree of eight inner nodes combines eight sums of input and state.

    With m_k = h U_k + b_k:
    a_k = sigmoid(x W_k + m_k)                    k = 0, 2, 5, 7
    a_k = tanh(x W_k + m_k)                       k = 4, 6
    a_1 = relu(x W_1 + m_1)
    a_3 = relu((x W_3) * m_3)                     a product, not a sum
    c' = tanh(tanh(a_0 * a_1) + c) * tanh(a_2 + a_3)
    h' = tanh(c' * tanh(tanh(a_4 * a_5) + sigmoid(a_6 + a_7)))

    No gate alone keeps or overwrites the cell state.

    Output: h' (batch, units). State: h, c (batch, units) each.
    Source: Zoph & Le 2017, arXiv 1611.01578; checked with NASCell of tf.contrib and of
    TensorFlow Addons.
    Deviations: a bias by default; those cells have one on request, likewise on the side of the
    state. torchrecurrent and RecurrentLayers.jl add in a_3, where these cells multiply.

    Args:
        units: width of the output and of each state.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> layer = zoo.Recurrent("nas", units=4, return_sequences=True)
        >>> print(layer(np.ones((2, 5, 3))).shape)
        (2, 5, 4)
    """

    gates = ("a0", "a2", "a5", "a7", "a4", "a6", "a1", "a3")  # by activation
    state_names = ("h", "c")

    def input_bias(self) -> None:
        return None  # the bias is a part of m, because of the product in a_3

    def step(self, x: Tensor, state: State) -> StepResult:
        h, c = state
        units, m = self.units, self.recur(h) + self.bias
        sums = x[:, : 7 * units] + m[:, : 7 * units]
        a0, a2, a5, a7 = ops.split(ops.sigmoid(sums[:, : 4 * units]), 4, -1)
        a4, a6 = ops.split(ops.tanh(sums[:, 4 * units : 6 * units]), 2, -1)
        a1 = ops.relu(sums[:, 6 * units :])
        a3 = ops.relu(x[:, 7 * units :] * m[:, 7 * units :])
        candidate = self.candidate_dropout(ops.tanh(a0 * a1))
        c = ops.tanh(candidate + c) * ops.tanh(a2 + a3)
        h = ops.tanh(c * ops.tanh(ops.tanh(a4 * a5) + ops.sigmoid(a6 + a7)))
        return h, (h, c)

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        h, c = state
        W, U, b = (
            dict(zip(self.gates, by_gate(weights[name], 8), strict=True))
            for name in ("kernel", "recurrent_kernel", "bias")
        )
        i = {gate: x @ W[gate] for gate in self.gates}
        m = {gate: h @ U[gate] + b[gate] for gate in self.gates}
        first = sigmoid(i["a0"] + m["a0"]) * np.maximum(i["a1"] + m["a1"], 0)
        second = sigmoid(i["a2"] + m["a2"]) + np.maximum(i["a3"] * m["a3"], 0)
        third = np.tanh(i["a4"] + m["a4"]) * sigmoid(i["a5"] + m["a5"])
        fourth = np.tanh(i["a6"] + m["a6"]) + sigmoid(i["a7"] + m["a7"])
        left = np.tanh(np.tanh(first) + c)  # the cell state is injected here
        c_new = left * np.tanh(second)
        right = np.tanh(np.tanh(third) + sigmoid(fourth))
        h_new = np.tanh(c_new * right)
        return h_new, (h_new, c_new)
