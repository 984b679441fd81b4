"""Orthogonal recurrent network: the recurrent kernel is a scaled Cayley transform."""

from typing import Any

import numpy as np
from keras import ops

from zoo.cell_base.matrix_exponential import cayley, skew_symmetric
from zoo.cells import cells
from zoo.errors import RequestError
from zoo.recurrent_cell import RecurrentCell, State, StepResult, Tensor, Weights


@cells.register(
    "scornn",
    paper="Helfrich et al. 2018, arXiv 1707.09520",
    year=2018,
    tags=("simple", "orthogonal"),
    good_for="very long dependencies: the recurrent product preserves the norm of the state",
)
class ScoRNNCell(RecurrentCell):
    """scoRNN: a simple recurrent network whose recurrent kernel stays orthogonal in training.

    U = (I + A)^-1 (I - A) D           A: antisymmetric, its upper triangle is the weight `skew`
    a = x W + h U                      D: diagonal, 1 and then -1, fixed
    h' = sign(a) * relu(|a| + b)       modReLU

    Output: h' (batch, units). State: h (batch, units).
    Source: Helfrich, Willmott & Ye 2018, arXiv 1707.09520, equation 4 and section 4.2.
    Deviations: W starts from "glorot_uniform", theirs from a uniform distribution in +-0.01. They
    train A with a smaller learning rate than the other weights.

    Args:
        units: width of the output and of the state.
        negative_share: share of -1 in D, between 0 and 1; the paper uses 0.1 to 0.5.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> layer = zoo.Recurrent("scornn", units=4, negative_share=0.25, return_sequences=True)
        >>> print(layer(np.ones((2, 5, 3))).shape)
        (2, 5, 4)
    """

    recurrent_shape = "derived"
    float32 = True  # in half precision, the recurrent kernel would not be orthogonal
    search_space = {"negative_share": {"min": 0.0, "max": 0.5}}

    def __init__(self, units: int, negative_share: float = 0.5, **kwargs: Any) -> None:
        super().__init__(units, **kwargs)
        if not 0 <= negative_share <= 1:
            raise RequestError(f"negative_share={negative_share!r} is not in [0, 1]. Try 0.5.")
        self.negative_share = negative_share

    def extra_weights(self) -> dict[str, Any]:
        return {"skew": ((self.units * (self.units - 1) // 2,), cayley)}

    def signs(self) -> np.ndarray:
        """Return the diagonal of D."""
        return np.where(
            np.arange(self.units)[::-1] < round(self.negative_share * self.units), -1, 1
        )

    def recurrent_matrix(self) -> Tensor:
        A = skew_symmetric(self.skew, self.units)
        identity = ops.eye(self.units, dtype=A.dtype)
        return ops.solve(identity + A, identity - A) * ops.convert_to_tensor(self.signs(), A.dtype)

    def input_bias(self) -> None:
        return None  # the bias belongs to modReLU

    def step(self, x: Tensor, state: State) -> StepResult:
        (h,) = state
        a = x + self.recur(h)
        h = self.candidate_dropout(ops.sign(a) * ops.relu(ops.abs(a) + self.bias))
        return h, (h,)

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        (h,) = state
        identity, A = np.eye(self.units), np.zeros((self.units, self.units))
        A[np.triu_indices(self.units, 1)] = weights["skew"]
        A = A - A.T
        negative = round(self.negative_share * self.units)
        D = np.diag([1.0] * (self.units - negative) + [-1.0] * negative)
        U = np.linalg.inv(identity + A) @ (identity - A) @ D
        a = x @ weights["kernel"] + h @ U
        h_new = np.sign(a) * np.maximum(np.abs(a) + weights["bias"], 0)
        return h_new, (h_new,)
