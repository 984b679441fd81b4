"""Addition-subtraction twin-gated recurrent network."""

import numpy as np
from keras import ops

from zoo.cells import cells
from zoo.recurrent_cell import RecurrentCell, State, StepResult, Tensor, Weights, sigmoid


@cells.register(
    "atr",
    paper="Zhang et al. 2018, arXiv 1810.12546",
    year=2018,
    tags=("gated",),
    good_for="machine translation with the weights of a simple recurrent network",
)
class ATRCell(RecurrentCell):
    """ATR: sum and difference of two products are the gates; no other weights are needed.

    p = x W + b
    q = h U
    i = sigmoid(p + q)      i = 0 writes nothing
    f = sigmoid(p - q)      f = 1 keeps the old state
    h' = i * p + f * h

    Both gates are open where p is large. The old state is kept where q is far below p and -p, and
    replaced where q is far above them. The state is not bounded.

    Output: h' (batch, units). State: h (batch, units).
    Source: Zhang, Xiong, Su, Lin & Zhang 2018, arXiv 1810.12546, and the authors' code.
    Deviations: a bias in p. Of the authors' three implementations, one has no bias, one has biases
    in p and q, one in q only.

    Args:
        units: width of the output and of the state.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> layer = zoo.Recurrent("atr", units=4, return_sequences=True)
        >>> print(layer(np.ones((2, 5, 3))).shape)
        (2, 5, 4)
    """

    gates = ("p",)

    def step(self, x: Tensor, state: State) -> StepResult:
        (h,) = state
        q = self.recur(h)
        h = ops.sigmoid(x + q) * self.candidate_dropout(x) + ops.sigmoid(x - q) * h
        return h, (h,)

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        (h,) = state
        p = x @ weights["kernel"] + weights["bias"]  # p_t
        q = h @ weights["recurrent_kernel"]  # q_t
        i = sigmoid(p + q)  # input gate, addition
        f = sigmoid(p - q)  # forget gate, subtraction
        h_new = i * p + f * h  # h_t
        return h_new, (h_new,)
