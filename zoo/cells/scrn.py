"""Structurally constrained recurrent network: a slow context beside the hidden state."""

from typing import Any

import numpy as np
from keras import ops

from zoo.cells import cells
from zoo.errors import RequestError
from zoo.recurrent_cell import RecurrentCell, State, StepResult, Tensor, Weights, sigmoid


@cells.register(
    "scrn",
    paper="Mikolov et al. 2014, arXiv 1412.7753",
    year=2014,
    tags=("simple",),
    good_for="the topic of a text: a slow average of the inputs beside a simple recurrent network",
)
class SCRNCell(RecurrentCell):
    """SCRN: a simple recurrent network that also reads a slow average of projected inputs.

    s' = (1 - alpha) * x W_s + alpha * s        context; alpha = 1 keeps it
    h' = sigmoid(s' P + x W_h + h U)            P: `context_kernel`
    output = [h' | s']

    Output: [h' | s'] (batch, units + context_units). State: h (batch, units), s (batch,
    context_units).
    Source: Mikolov et al. 2014, arXiv 1412.7753, equations 4-6. The authors' code computes h' from
    the old s, in contrast to the paper.
    Deviations: none. There is no bias, as in the paper. The states start from 0, in the authors'
    code from 0.1.

    Args:
        units: width of the hidden state.
        context_units: width of the context; None: a fifth of `units`.
        alpha: share of the context that each timestep keeps.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import zoo
        >>> layer = zoo.Recurrent("scrn", units=8, context_units=2)
        >>> layer.compute_output_shape((2, 5, 3))
        (2, 10)
    """

    gates = ("s", "h")
    recurrent_gates = ("h",)
    bias_gates = ()
    state_names = ("h", "s")
    search_space = {"alpha": (0.9, 0.95, 0.99)}

    def __init__(
        self, units: int, context_units: int | None = None, alpha: float = 0.95, **kwargs: Any
    ) -> None:
        super().__init__(units, **kwargs)
        width = max(1, units // 5) if context_units is None else context_units
        if not isinstance(width, int) or width < 1:
            raise RequestError(f"context_units={width!r} is not a positive integer. Try 20.")
        self.context_units, self.alpha = width, alpha

    @property
    def output_size(self) -> int:
        return self.units + self.context_units

    def gate_sizes(self) -> dict[str, int]:
        return {"s": self.context_units}

    def state_sizes(self) -> dict[str, int]:
        return {"s": self.context_units}

    def extra_weights(self) -> dict[str, Any]:
        return {"context_kernel": ((self.context_units, self.units), "glorot_uniform")}

    def step(self, x: Tensor, state: State) -> StepResult:
        h, s = state
        x = self.split(x)
        s = (1 - self.alpha) * x["s"] + self.alpha * s
        h = ops.sigmoid(self.multiply(s, "context_kernel") + x["h"] + self.recur(h))
        h = self.candidate_dropout(h)
        return ops.concatenate([h, s], -1), (h, s)

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        h, s = state
        B, A = np.split(weights["kernel"], [self.context_units], -1)
        P, R = weights["context_kernel"], weights["recurrent_kernel"]
        s_new = (1 - self.alpha) * (x @ B) + self.alpha * s  # (4)
        h_new = sigmoid(s_new @ P + x @ A + h @ R)  # (5)
        return np.concatenate([h_new, s_new], -1), (h_new, s_new)  # what (6) reads
