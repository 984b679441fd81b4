"""Multiplicative recurrent network: the input selects the transition."""

from typing import Any

import numpy as np
from keras import ops

from zoo.cells import cells
from zoo.errors import RequestError
from zoo.recurrent_cell import RecurrentCell, State, StepResult, Tensor, Weights


@cells.register(
    "multiplicative_rnn",
    paper="Sutskever et al. 2011, Generating text with recurrent neural networks",
    year=2011,
    tags=("simple",),
    good_for="language models over characters",
)
class MultiplicativeRNNCell(RecurrentCell):
    """Multiplicative RNN: each input has a recurrent matrix of its own, in factored form.

    f = (x W_f + b_f) * (h U)         factors; the recurrent matrix is U diag(x W_f + b_f) V
    h' = tanh(f V + x W_h + b)        V: `factor_kernel`, b_f: `factor_bias`

    Output: h' (batch, units). State: h (batch, units).
    Source: Sutskever, Martens & Hinton 2011, Generating text with recurrent neural networks, ICML.
    Deviations: b_f, which starts from 1. The paper has none; its inputs are one-hot vectors of
    characters, and so never 0.

    Args:
        units: width of the output and of the state.
        factors: number of factors; None: `units`.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> layer = zoo.Recurrent("multiplicative_rnn", units=4, factors=6)
        >>> print(layer(np.ones((2, 5, 3))).shape)
        (2, 4)
    """

    gates = ("f", "h")
    recurrent_gates = ("f",)
    bias_gates = ("h",)

    def __init__(self, units: int, factors: int | None = None, **kwargs: Any) -> None:
        super().__init__(units, **kwargs)
        width = units if factors is None else factors
        if not isinstance(width, int) or width < 1:
            raise RequestError(f"factors={width!r} is not a positive integer. Try factors={units}.")
        self.factors = width

    def gate_sizes(self) -> dict[str, int]:
        return {"f": self.factors}

    def extra_weights(self) -> dict[str, Any]:
        return {
            "factor_kernel": ((self.factors, self.units), "orthogonal"),
            "factor_bias": ((self.factors,), "ones"),
        }

    def step(self, x: Tensor, state: State) -> StepResult:
        (h,) = state
        x = self.split(x)
        f = (x["f"] + self.factor_bias) * self.recur(h)
        h = self.candidate_dropout(ops.tanh(self.multiply(f, "factor_kernel") + x["h"]))
        return h, (h,)

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        (h,) = state
        W_fx, W_hx = weights["kernel"][:, : self.factors], weights["kernel"][:, self.factors :]
        f = (x @ W_fx + weights["factor_bias"]) * (h @ weights["recurrent_kernel"])  # factors
        h_new = np.tanh(f @ weights["factor_kernel"] + x @ W_hx + weights["bias"])
        return h_new, (h_new,)
