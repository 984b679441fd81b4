"""Intersection RNN (+RNN): gates over time and over depth."""

import numpy as np
from keras import ops

from zoo.cells import cells
from zoo.recurrent_cell import RecurrentCell, State, StepResult, Tensor, Weights, by_gate, sigmoid


@cells.register(
    "intersection_rnn",
    paper="Collins et al. 2017, arXiv 1611.09913",
    year=2017,
    tags=("gated",),
    good_for="deep stacks: a gate also carries the input past each layer",
)
class IntersectionRNNCell(RecurrentCell):
    """Intersection RNN: one gate keeps the state over time, the other passes the input upwards.

    x~ = x W_x + b_x                              the input, as wide as the output
    y_in = relu(x W_y + h U_y + b_y)              candidate of the output
    h_in = tanh(x W_h + h U_h + b_h)              candidate of the state
    gy = sigmoid(x W_gy + h U_gy + b_gy)          gy = 1 passes the input to the output
    gh = sigmoid(x W_gh + h U_gh + b_gh)          gh = 1 keeps the old state
    y = gy * x~ + (1 - gy) * y_in
    h' = gh * h + (1 - gh) * h_in

    Output: y (batch, units), not a state. State: h (batch, units).
    Source: Collins, Sohl-Dickstein & Sussillo 2017, arXiv 1611.09913; checked with
    IntersectionRNNCell of tf.contrib.
    Deviations: x~ is always a product. The paper needs inputs as wide as the state and uses x
    itself; tf.contrib has x~ for other widths, and it replaces x in all equations there, so that
    W_y there is W_x W_y here. b_gh starts at 1, b_gy at 0; tf.contrib adds 1 in both gates.

    Args:
        units: width of the output and of the state.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> layer = zoo.Recurrent("intersection_rnn", units=4, return_sequences=True)
        >>> print(layer(np.ones((2, 5, 3))).shape)
        (2, 5, 4)
    """

    gates = ("gh", "h", "gy", "y", "x")
    recurrent_gates = ("gh", "h", "gy", "y")
    retention_gates = {"gh": 1}
    default_bias_initializer = "unit_forget"

    def step(self, x: Tensor, state: State) -> StepResult:
        (h,) = state
        columns = self.input_columns(*self.recurrent_gates)
        sums = self.split(x[:, columns] + self.recur(h), *self.recurrent_gates)
        gy, gh = ops.sigmoid(sums["gy"]), ops.sigmoid(sums["gh"])
        y = gy * x[:, columns.stop :] + (1 - gy) * ops.relu(sums["y"])
        h = gh * h + (1 - gh) * self.candidate_dropout(ops.tanh(sums["h"]))
        return y, (h,)

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        (h,) = state
        W_gh, W_h, W_gy, W_y, W_x = by_gate(weights["kernel"], 5)
        U_gh, U_h, U_gy, U_y = by_gate(weights["recurrent_kernel"], 4)
        b_gh, b_h, b_gy, b_y, b_x = by_gate(weights["bias"], 5)
        y_in = np.maximum(h @ U_y + x @ W_y + b_y, 0)  # y_in
        h_in = np.tanh(h @ U_h + x @ W_h + b_h)  # h_in
        gy = sigmoid(h @ U_gy + x @ W_gy + b_gy)  # g^y
        gh = sigmoid(h @ U_gh + x @ W_gh + b_gh)  # g^h
        y = gy * (x @ W_x + b_x) + (1 - gy) * y_in  # y_t
        h_new = gh * h + (1 - gh) * h_in  # h_t
        return y, (h_new,)
