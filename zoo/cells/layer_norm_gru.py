"""GRU with layer normalization of its products."""

from typing import Any

import numpy as np
from keras import ops

from zoo.cell_base.normalization import normalize, numpy_normalize
from zoo.cells import cells
from zoo.recurrent_cell import RecurrentCell, State, StepResult, Tensor, Weights, sigmoid


@cells.register(
    "layer_norm_gru",
    paper="Ba et al. 2016, arXiv 1607.06450",
    year=2016,
    tags=("gated", "gru"),
    good_for="training that is stable at long sequences and with small batches",
)
class LayerNormGRUCell(RecurrentCell):
    """GRU whose gates and candidate read normalized products.

    z, r = sigmoid(s_x * norm(x W) + s_h * norm(h U) + b)         norm: mean 0, variance 1
    n = tanh(s_x * norm(x W) + b + r * (s_h * norm(h U) + b_h))   candidate
    h' = z * h + (1 - z) * n                                      z = 1 keeps the state

    norm normalizes the columns of z and r together, and those of n on their own.

    Output: h' (batch, units). State: h (batch, units).
    Source: Ba, Kiros & Hinton 2016, arXiv 1607.06450, equations 27-29, and the authors' code, whose
    update gate is this one; the paper's is 1 - z.
    Deviations: b of the gates is the sum of the shifts of both norms and of the code's bias, which
    lies inside the first norm.

    Args:
        units: width of the output and of the state.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> layer = zoo.Recurrent("layer_norm_gru", units=4, return_sequences=True)
        >>> print(layer(np.ones((2, 5, 3))).shape)
        (2, 5, 4)
    """

    gates = ("z", "r", "n")
    retention_gates = {"z": 1}

    def extra_weights(self) -> dict[str, Any]:
        return {
            "input_scale": ((3 * self.units,), "ones"),
            "recurrent_scale": ((3 * self.units,), "ones"),
            "recurrent_bias": ((self.units,), "zeros"),
        }

    def input_bias(self) -> None:
        return None  # the bias is added after the normalization

    def _normalize(self, a: Tensor) -> Tensor:
        """Normalize the columns of z and r together, and those of n."""
        parts = a[..., : 2 * self.units], a[..., 2 * self.units :]
        return ops.concatenate([normalize(part) for part in parts], -1)

    def project(self, x: Tensor) -> Tensor:
        return self.input_scale * self._normalize(super().project(x)) + self.bias

    def step(self, x: Tensor, state: State) -> StepResult:
        (h,) = state
        x, y = self.split(x), self.split(self.recurrent_scale * self._normalize(self.recur(h)))
        z, r = (ops.sigmoid(x[gate] + y[gate]) for gate in "zr")
        n = ops.tanh(x["n"] + r * (y["n"] + self.recurrent_bias))
        h = z * h + (1 - z) * self.candidate_dropout(n)
        return h, (h,)

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        (h,) = state
        of_gates, of_candidate = slice(0, 2 * self.units), slice(2 * self.units, None)

        def layer_norm(product: np.ndarray, name: str, columns: slice) -> np.ndarray:
            return weights[f"{name}_scale"][columns] * numpy_normalize(product[:, columns])

        a, b = x @ weights["kernel"], h @ weights["recurrent_kernel"]
        gates = layer_norm(a, "input", of_gates) + layer_norm(b, "recurrent", of_gates)  # (27)
        z, r = np.split(sigmoid(gates + weights["bias"][of_gates]), 2, -1)
        from_x = layer_norm(a, "input", of_candidate) + weights["bias"][of_candidate]
        from_h = layer_norm(b, "recurrent", of_candidate) + weights["recurrent_bias"]
        n = np.tanh(from_x + r * from_h)  # (28)
        h_new = (1 - z) * n + z * h  # (29), with 1 - z for the paper's z
        return h_new, (h_new,)
