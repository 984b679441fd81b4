"""Hierarchically gated recurrent network: a forget gate with a lower bound."""

from typing import Any

import numpy as np
from keras import ops

from zoo.cell_base.normalization import normalize, numpy_normalize
from zoo.cells import cells
from zoo.errors import RequestError
from zoo.recurrent_cell import RecurrentCell, State, StepResult, Tensor, Weights, by_gate, sigmoid


@cells.register(
    "hgrn",
    paper="Qin et al. 2023, arXiv 2311.04823",
    year=2023,
    tags=("gated", "linear", "diagonal"),
    good_for="stacks in which upper layers keep their states for longer than lower ones",
    exceptions={"learning": "the gates read only inputs, so one layer cannot select by position"},
)
class HGRNCell(RecurrentCell):
    """HGRN: a gated average whose forget gate stays above a bound; the output is normalized.

    c = silu(x W_c + b_c)
    f = lower_bound + (1 - lower_bound) * sigmoid(x W_f + b_f)           f = 1 keeps the state
    h' = f * h + (1 - f) * c
    output = layer_norm(h') * silu(x W_g + b_g)

    Output: layer_norm(h') * silu(x W_g + b_g) (batch, units). State: h (batch, units).
    Source: Qin, Yang & Zhong 2023, arXiv 2311.04823, section 3, and the authors' code, in its
    real form, which the authors' language models use.
    Deviations: the state is real: no rotation by an angle. The lower bound is an argument; the
    paper trains one for each layer, which increases from layer to layer. The output product that
    follows the cell is left out.

    Args:
        units: width of the output and of the state.
        lower_bound: smallest value of the forget gate, in [0, 1).
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> layer = zoo.Recurrent("hgrn", units=4, lower_bound=0.5, parallel=True)
        >>> print(layer(np.ones((2, 5, 3))).shape)
        (2, 4)
    """

    gates = ("c", "f", "g")
    recurrent_shape = "none"
    retention_gates = {"f": 1}
    search_space = {"lower_bound": {"min": 0.0, "max": 0.9}}

    def __init__(self, units: int, lower_bound: float = 0.0, **kwargs: Any) -> None:
        super().__init__(units, **kwargs)
        if not 0 <= lower_bound < 1:
            raise RequestError(f"lower_bound={lower_bound!r} is not in [0, 1). Try 0.5.")
        self.lower_bound = lower_bound

    def extra_weights(self) -> dict[str, Any]:
        return {"norm_scale": ((self.units,), "ones"), "norm_bias": ((self.units,), "zeros")}

    def linear(self, x: Tensor) -> tuple[Tensor, Tensor]:
        x = self.split(x)
        writing = (1 - self.lower_bound) * ops.sigmoid(-x["f"])
        return 1 - writing, writing * ops.silu(x["c"])

    def readout(self, x: Tensor, h: Tensor) -> Tensor:
        normed = normalize(h) * self.norm_scale + self.norm_bias
        return normed * ops.silu(self.split(x)["g"])

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        (h,) = state
        c, mu, g = by_gate(x @ weights["kernel"] + weights["bias"], 3)
        lam = self.lower_bound + (1 - self.lower_bound) * sigmoid(mu)
        h_new = lam * h + (1 - lam) * c * sigmoid(c)
        normed = numpy_normalize(h_new) * weights["norm_scale"] + weights["norm_bias"]
        return normed * g * sigmoid(g), (h_new,)
