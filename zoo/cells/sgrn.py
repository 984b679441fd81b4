"""Simple gated recurrent network: one gate, and one kernel for gate and candidate."""

import numpy as np
from keras import ops

from zoo.cells import cells
from zoo.recurrent_cell import RecurrentCell, State, StepResult, Tensor, Weights, sigmoid


@cells.register(
    "sgrn",
    paper="Zu & Wei 2021, doi 10.1049/gtd2.12056",
    year=2021,
    tags=("gated",),
    good_for="signals on small devices: the weights of a simple recurrent network",
)
class SGRNCell(RecurrentCell):
    """Simple gated recurrent network: gate and candidate share the product with the input.

    p = x W
    f = sigmoid(p + h U + b)            f = 1 keeps the old state, f = 0 replaces it
    h' = tanh((1 - f) * p + f * h)      tanh also shrinks a state that is kept

    Output: h' (batch, units). State: h (batch, units).
    Source: Zu & Wei 2021, A simple gated recurrent network for detection of power quality
    disturbances, doi 10.1049/gtd2.12056, as RecurrentLayers.jl states its equations. The paper
    itself was not available, and no second implementation was found.
    Deviations: none from RecurrentLayers.jl; torchrecurrent also adds a bias to p.

    Args:
        units: width of the output and of the state.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> layer = zoo.Recurrent("sgrn", units=4, return_sequences=True)
        >>> print(layer(np.ones((2, 5, 3))).shape)
        (2, 5, 4)
    """

    gates = ("f",)

    def input_bias(self) -> None:
        return None  # only the gate has a bias

    def step(self, x: Tensor, state: State) -> StepResult:
        (h,) = state
        f = ops.sigmoid(x + self.recur(h) + self.bias)
        h = ops.tanh((1 - f) * self.candidate_dropout(x) + f * h)
        return h, (h,)

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        (h,) = state
        product = x @ weights["kernel"]
        f = sigmoid(product + h @ weights["recurrent_kernel"] + weights["bias"])  # forget gate
        i = 1 - f  # input gate
        h_new = np.tanh(i * product + f * h)  # h_t
        return h_new, (h_new,)
