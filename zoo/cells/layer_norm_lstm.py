"""LSTM with layer normalization of its products and of its cell state."""

from collections.abc import Mapping

import numpy as np
from keras import ops

from zoo.cell_base.normalization import normalize, numpy_normalize
from zoo.cells import cells
from zoo.recurrent_cell import RecurrentCell, State, StepResult, Tensor, Weights, by_gate, sigmoid


@cells.register(
    "layer_norm_lstm",
    paper="Ba et al. 2016, arXiv 1607.06450",
    year=2016,
    tags=("gated", "lstm"),
    good_for="training that is stable at long sequences and with small batches",
)
class LayerNormLSTMCell(RecurrentCell):
    """LSTM whose gates read normalized products and whose output reads a normalized cell state.

    a = s_x * norm(x W) + s_h * norm(h U) + b         norm: mean 0, variance 1, all gates together
    i, f, o = sigmoid(a_i), sigmoid(a_f), sigmoid(a_o)
    g = tanh(a_g)                                     candidate
    c' = f * c + i * g                                f = 1 keeps the cell state, i = 0: no change
    h' = o * tanh(s_c * norm(c') + b_c)               o = 0 hides the cell state

    Output: h' (batch, units). State: h, c (batch, units) each; c is not normalized.
    Source: Ba, Kiros & Hinton 2016, arXiv 1607.06450, equations 20-22, and the authors' code.
    Deviations: b is the sum of the paper's b and of the shifts of both norms.

    Args:
        units: width of the output and of each state.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> layer = zoo.Recurrent("layer_norm_lstm", units=4, return_sequences=True)
        >>> print(layer(np.ones((2, 5, 3))).shape)
        (2, 5, 4)
    """

    gates = ("i", "f", "g", "o")
    state_names = ("h", "c")
    retention_gates = {"f": 1, "i": -1}

    def extra_weights(self) -> Mapping[str, tuple[tuple[int, ...], str]]:
        return {
            "input_scale": ((4 * self.units,), "ones"),
            "recurrent_scale": ((4 * self.units,), "ones"),
            "state_scale": ((self.units,), "ones"),
            "state_bias": ((self.units,), "zeros"),
        }

    def input_bias(self) -> None:
        return None  # the bias is added after the normalization

    def project(self, x: Tensor) -> Tensor:
        return self.input_scale * normalize(super().project(x)) + self.bias

    def step(self, x: Tensor, state: State) -> StepResult:
        h, c = state
        a = self.split(x + self.recurrent_scale * normalize(self.recur(h)))
        i, f, o = (ops.sigmoid(a[gate]) for gate in "ifo")
        c = f * c + i * self.candidate_dropout(ops.tanh(a["g"]))
        h = o * ops.tanh(self.state_scale * normalize(c) + self.state_bias)
        return h, (h, c)

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        h, c = state
        product_x = weights["input_scale"] * numpy_normalize(x @ weights["kernel"])
        product_h = weights["recurrent_scale"] * numpy_normalize(h @ weights["recurrent_kernel"])
        a_i, a_f, a_g, a_o = by_gate(product_x + product_h + weights["bias"], 4)  # (20)
        c_new = sigmoid(a_f) * c + sigmoid(a_i) * np.tanh(a_g)  # (21)
        normalized = weights["state_scale"] * numpy_normalize(c_new) + weights["state_bias"]
        h_new = sigmoid(a_o) * np.tanh(normalized)  # (22)
        return h_new, (h_new, c_new)
