"""Long short-term memory with a forget gate."""

import numpy as np

from zoo.cell_base.gated_cell import GatedCell
from zoo.cells import cells
from zoo.recurrent_cell import State, StepResult, Tensor, Weights, by_gate


@cells.register(
    "lstm",
    paper="Hochreiter & Schmidhuber 1997; Gers et al. 2000",
    year=1997,
    tags=("gated", "lstm"),
    good_for="long dependencies; the default choice",
)
class LSTMCell(GatedCell):
    """LSTM: a cell state with gates that write, keep and read it.

    i = sigmoid(x W_i + h U_i + b_i)      i = 0 writes nothing
    f = sigmoid(x W_f + h U_f + b_f)      f = 1 keeps the cell state
    g = tanh(x W_g + h U_g + b_g)         candidate
    o = sigmoid(x W_o + h U_o + b_o)      o = 0 hides the cell state
    c' = f * c + i * g
    h' = o * tanh(c')

    Output: h' (batch, units). State: h, c (batch, units) each.
    Source: Hochreiter & Schmidhuber 1997; the forget gate: Gers, Schmidhuber & Cummins 2000.
    Deviations: tanh for candidate and output, where both papers use a scaled logistic. Weights are
    those of keras.layers.LSTM.

    Args:
        units: width of the output and of each state.
        activation: activation of candidate and output, "tanh" as in the equations by default.
        recurrent_activation: activation of the gates, "sigmoid" by default.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> layer = zoo.Recurrent("lstm", units=4, return_sequences=True)
        >>> print(layer(np.ones((2, 5, 3))).shape)
        (2, 5, 4)
    """

    gates = ("i", "f", "g", "o")
    state_names = ("h", "c")
    retention_gates = {"f": 1, "i": -1}
    default_bias_initializer = "unit_forget"
    keras_layer = "LSTM"

    def step(self, x: Tensor, state: State) -> StepResult:
        h, c = state
        z = self.split(x + self.recur(h))
        i, f, o = (self.recurrent_activation(z[gate]) for gate in "ifo")
        c = f * c + i * self.candidate_dropout(self.activation(z["g"]))
        h = o * self.activation(c)
        return h, (h, c)

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        h, c = state
        W_i, W_f, W_g, W_o = by_gate(weights["kernel"], 4)
        U_i, U_f, U_g, U_o = by_gate(weights["recurrent_kernel"], 4)
        b_i, b_f, b_g, b_o = by_gate(weights["bias"], 4)
        tanh, sigmoid = self.numpy_activations()
        i = sigmoid(x @ W_i + h @ U_i + b_i)  # input gate, 1997
        f = sigmoid(x @ W_f + h @ U_f + b_f)  # forget gate, 2000
        g = tanh(x @ W_g + h @ U_g + b_g)  # candidate, 1997
        o = sigmoid(x @ W_o + h @ U_o + b_o)  # output gate, 1997
        c_new = f * c + i * g  # 2000; without f in 1997
        h_new = o * tanh(c_new)  # 1997
        return h_new, (h_new, c_new)
