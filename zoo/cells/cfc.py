"""Closed-form continuous-time network: the state at any time, without a solver."""

from typing import Any

import numpy as np
from keras import ops

from zoo.cells import cells
from zoo.errors import RequestError
from zoo.recurrent_cell import RecurrentCell, State, StepResult, Tensor, Weights, sigmoid


@cells.register(
    "cfc",
    paper="Hasani et al. 2022, arXiv 2106.13898",
    year=2022,
    tags=("gated", "continuous"),
    good_for="events at irregular times, at the cost of a gated cell",
)
class CfCCell(RecurrentCell):
    """CfC: a hidden layer computes two candidates and how time passes from one to the other.

    s = 1.7159 * tanh(0.666 * (x W + h U + b))           the backbone, `backbone_units` wide
    f = tanh(s W_f + b_f);  g = tanh(s W_g + b_g)
    r = sigmoid((s W_a + b_a) * elapsed + s W_b + b_b)   r = 0 takes f, r = 1 takes g
    h' = f * (1 - r) + g * r

    Output: h' (batch, units). State: h (batch, units).
    Source: Hasani et al. 2022, arXiv 2106.13898, equation 4, and the authors' code in its default
    mode.
    Deviations: one layer in the backbone, as wide as the state by default; theirs has 128 units.
    Two versions of the authors' later library leave out the tanh of f and g.

    Args:
        units: width of the output and of the state.
        backbone_units: width of s; None: `units`.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> layer = zoo.Recurrent("cfc", units=4, backbone_units=8)
        >>> print(layer(np.ones((2, 5, 3)), elapsed=np.full((2, 5), 0.5)).shape)
        (2, 4)
    """

    gates = ("backbone", "f", "g", "a", "b")
    input_gates = recurrent_gates = ("backbone",)
    elapsed_time = True
    default_recurrent_initializer = "glorot_uniform"

    def __init__(self, units: int, backbone_units: int | None = None, **kwargs: Any) -> None:
        super().__init__(units, **kwargs)
        width = units if backbone_units is None else backbone_units
        if not isinstance(width, int) or width < 1:
            raise RequestError(f"backbone_units={width!r} is not a positive integer. Try 128.")
        self.backbone_units = width

    def gate_sizes(self) -> dict[str, int]:
        return {"backbone": self.backbone_units}

    def extra_weights(self) -> dict[str, Any]:
        return {"head_kernel": ((self.backbone_units, 4 * self.units), "glorot_uniform")}

    def step(self, x: Tensor, state: State) -> StepResult:
        (h,) = state
        elapsed = x[:, -1:]
        s = 1.7159 * ops.tanh(0.666 * (x[:, :-1] + self.recur(h)))
        heads = self.multiply(s, "head_kernel") + self.bias[self.backbone_units :]
        f, g, a, b = ops.split(heads, 4, -1)
        r = ops.sigmoid(a * elapsed + b)
        h = self.candidate_dropout((1 - r) * ops.tanh(f) + r * ops.tanh(g))
        return h, (h,)

    def reference(self, weights: Weights, x: Any, state: State, elapsed: Any = 1) -> StepResult:
        (h,) = state
        b_s, b_f, b_g, b_a, b_b = np.split(
            weights["bias"], self.backbone_units + self.units * np.arange(4)
        )
        W_f, W_g, W_a, W_b = np.split(weights["head_kernel"], 4, -1)
        s = x @ weights["kernel"] + h @ weights["recurrent_kernel"] + b_s
        s = 1.7159 * np.tanh(0.666 * s)
        f, g = np.tanh(s @ W_f + b_f), np.tanh(s @ W_g + b_g)
        r = sigmoid((s @ W_a + b_a) * elapsed + (s @ W_b + b_b))
        h_new = f * (1 - r) + g * r
        return h_new, (h_new,)
