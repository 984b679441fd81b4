"""Ordered neurons LSTM: master gates order the units by how long they keep their state."""

from typing import Any

import numpy as np
from keras import ops

from zoo.cells import cells
from zoo.errors import RequestError
from zoo.recurrent_cell import RecurrentCell, State, StepResult, Tensor, Weights, sigmoid


def _cumax(a: Tensor) -> Tensor:
    return ops.cumsum(ops.softmax(a), -1)


@cells.register(
    "on_lstm",
    paper="Shen et al. 2019, arXiv 1810.09536",
    year=2019,
    tags=("gated", "lstm"),
    good_for="language models that find the constituents of a sentence",
)
class ONLSTMCell(RecurrentCell):
    """ON-LSTM: an LSTM whose master gates overwrite the first units and keep the last ones.

    i, f, o = sigmoid(x W + h U + b)                  of each gate, as in the LSTM
    g = tanh(x W_g + h U_g + b_g)                     candidate
    F = cumsum(softmax(x W_F + h U_F + b_F))          master forget gate: rises to 1
    I = 1 - cumsum(softmax(x W_I + h U_I + b_I))      master input gate: falls to 0
    w = F * I                                         overlap: the units that f and i control
    c' = (f * w + F - w) * c + (i * w + I - w) * g    F = 1, I = 0 keeps the cell state
    h' = o * tanh(c')                                 o = 0 hides the cell state

    Output: h' (batch, units). State: h, c (batch, units) each.
    Source: Shen et al. 2019, arXiv 1810.09536, equations 9-14, and the authors' code.
    Deviations: none.

    Args:
        units: width of the output and of each state.
        chunk: number of adjacent units that share an element of F and I; it divides `units`. The
            paper's language models have 10.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import zoo
        >>> zoo.Recurrent("on_lstm", units=4, chunk=2).compute_output_shape((2, 5, 3))
        (2, 4)
    """

    gates = ("i", "f", "g", "o", "F", "I")
    state_names = ("h", "c")

    def __init__(self, units: int, chunk: int = 1, **kwargs: Any) -> None:
        super().__init__(units, **kwargs)
        if chunk < 1 or units % chunk:
            raise RequestError(f"chunk={chunk} does not divide units={units}. Try chunk=1.")
        self.chunk = chunk

    def gate_sizes(self) -> dict[str, int]:
        return {"F": self.units // self.chunk, "I": self.units // self.chunk}

    def step(self, x: Tensor, state: State) -> StepResult:
        h, c = state
        z = self.split(x + self.recur(h))
        i, f, o = (ops.sigmoid(z[gate]) for gate in "ifo")
        keep, write = _cumax(z["F"]), 1 - _cumax(z["I"])
        if self.chunk > 1:
            keep, write = ops.repeat(keep, self.chunk, -1), ops.repeat(write, self.chunk, -1)
        w, g = keep * write, self.candidate_dropout(ops.tanh(z["g"]))
        c = (f * w + keep - w) * c + (i * w + write - w) * g
        h = o * ops.tanh(c)
        return h, (h, c)

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        h, c = state
        sums = x @ weights["kernel"] + h @ weights["recurrent_kernel"] + weights["bias"]
        i, f, g, o, F, I = np.split(sums, np.cumsum(self.widths(self.gates))[:-1], -1)  # noqa: E741
        F, I = (np.exp(a - a.max(-1, keepdims=True)) for a in (F, I))  # noqa: E741
        F, I = (np.cumsum(a / a.sum(-1, keepdims=True), -1) for a in (F, I))  # noqa: E741
        F, I = (np.repeat(a, self.chunk, -1) for a in (F, 1 - I))  # noqa: E741  # (9), (10)
        w = F * I  # (11)
        f_hat = sigmoid(f) * w + (F - w)  # (12)
        i_hat = sigmoid(i) * w + (I - w)  # (13)
        c_new = f_hat * c + i_hat * np.tanh(g)  # (14)
        h_new = sigmoid(o) * np.tanh(c_new)
        return h_new, (h_new, c_new)
