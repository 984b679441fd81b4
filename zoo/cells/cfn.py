"""Chaos free network: without an input, all states decay to 0."""

import numpy as np
from keras import ops

from zoo.cells import cells
from zoo.recurrent_cell import RecurrentCell, State, StepResult, Tensor, Weights, by_gate, sigmoid


@cells.register(
    "cfn",
    paper="Laurent & von Brecht 2017, arXiv 1612.06212",
    year=2017,
    tags=("gated",),
    good_for="dynamics that can be predicted: without an input, all states decay to 0",
    exceptions={"gates:retention": "tanh also shrinks a state that the gates keep"},
)
class CFNCell(RecurrentCell):
    """Chaos free network: gates weigh the old state and a candidate that reads only the input.

    theta = sigmoid(x W_theta + h U_theta + b_theta)      theta = 1 keeps tanh of the old state
    eta = sigmoid(x W_eta + h U_eta + b_eta)              eta = 0 writes nothing
    h' = theta * tanh(h) + eta * tanh(x W_n)

    Output: h' (batch, units). State: h (batch, units).
    Source: Laurent & von Brecht 2017, arXiv 1612.06212; checked with torchrecurrent and
    braintrace (torchrecurrent adds a bias to the candidate).
    Deviations: theirs starts at kernels in [-0.07, 0.07] and b_eta at -1; here, b_eta starts at 0.

    Args:
        units: width of the output and of the state.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> layer = zoo.Recurrent("cfn", units=4, return_sequences=True)
        >>> print(layer(np.ones((2, 5, 3))).shape)
        (2, 5, 4)
    """

    gates = ("theta", "eta", "n")
    recurrent_gates = ("theta", "eta")
    bias_gates = ("theta", "eta")
    retention_gates = {"theta": 1, "eta": -1}
    default_bias_initializer = "unit_forget"

    def step(self, x: Tensor, state: State) -> StepResult:
        (h,) = state
        x, y = self.split(x), self.split(self.recur(h), "theta", "eta")
        theta, eta = (ops.sigmoid(x[gate] + y[gate]) for gate in ("theta", "eta"))
        h = theta * ops.tanh(h) + eta * self.candidate_dropout(ops.tanh(x["n"]))
        return h, (h,)

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        (h,) = state
        W_theta, W_eta, W_n = by_gate(weights["kernel"], 3)
        U_theta, U_eta = by_gate(weights["recurrent_kernel"], 2)
        b_theta, b_eta = by_gate(weights["bias"], 2)
        theta = sigmoid(h @ U_theta + x @ W_theta + b_theta)  # gate of the state
        eta = sigmoid(h @ U_eta + x @ W_eta + b_eta)  # gate of the input
        h_new = theta * np.tanh(h) + eta * np.tanh(x @ W_n)  # h_t
        return h_new, (h_new,)
