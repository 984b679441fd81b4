"""Simple recurrent network with layer normalization."""

from typing import Any

import numpy as np
from keras import ops

from zoo.cell_base.normalization import EPSILON, normalize
from zoo.cells import cells
from zoo.recurrent_cell import RecurrentCell, State, StepResult, Tensor, Weights


@cells.register(
    "layer_norm_simple_rnn",
    paper="Ba et al. 2016, arXiv 1607.06450",
    year=2016,
    tags=("simple",),
    good_for="training of a simple recurrent network that is stable at long sequences",
)
class LayerNormSimpleRNNCell(RecurrentCell):
    """Elman network whose sum of products is normalized over its units.

    a = x W + h U
    h' = tanh(s * (a - mean(a)) / std(a) + b)       s: `scale`

    Output: h' (batch, units). State: h (batch, units).
    Source: Ba, Kiros & Hinton 2016, arXiv 1607.06450, equation 4.
    Deviations: 1e-5 is added to the variance, as in the authors' code for LSTM and GRU.

    Args:
        units: width of the output and of the state.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> layer = zoo.Recurrent("layer_norm_simple_rnn", units=4)
        >>> print(layer(np.ones((2, 5, 3))).shape)
        (2, 4)
    """

    def extra_weights(self) -> dict[str, Any]:
        return {"scale": ((self.units,), "ones")}

    def input_bias(self) -> None:
        return None  # the bias is added after the normalization

    def step(self, x: Tensor, state: State) -> StepResult:
        (h,) = state
        h = ops.tanh(self.scale * normalize(x + self.recur(h)) + self.bias)
        h = self.candidate_dropout(h)
        return h, (h,)

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        (h,) = state
        a = x @ weights["kernel"] + h @ weights["recurrent_kernel"]
        mu = a.mean(-1, keepdims=True)
        variance = ((a - mu) ** 2).mean(-1, keepdims=True)
        gain, b = weights["scale"], weights["bias"]
        h_new = np.tanh(gain / np.sqrt(variance + EPSILON) * (a - mu) + b)  # (4)
        return h_new, (h_new,)
