"""Orthogonal recurrent network: the recurrent kernel is the exponential of a skew matrix."""

from typing import Any

import numpy as np
from keras import ops

from zoo.cell_base.matrix_exponential import INITIALIZERS, exponential, skew_symmetric
from zoo.cells import cells
from zoo.errors import RequestError
from zoo.recurrent_cell import RecurrentCell, State, StepResult, Tensor, Weights


@cells.register(
    "exprnn",
    paper="Lezcano-Casado & Martinez-Rubio 2019, arXiv 1901.08428",
    year=2019,
    tags=("simple", "orthogonal"),
    good_for="very long dependencies: the recurrent product preserves the norm of the state",
)
class ExpRNNCell(RecurrentCell):
    """expRNN: a simple recurrent network whose recurrent kernel stays orthogonal in training.

    U = exp(A - A^T)                    A: upper triangle, the trained numbers `skew`
    a = x W + h U
    h' = sign(a) * relu(|a| + b)        modReLU

    Output: h' (batch, units). State: h (batch, units).
    Source: Lezcano-Casado & Martinez-Rubio 2019, arXiv 1901.08428, and the authors' code.
    Deviations: W starts from "glorot_uniform", theirs from "he_normal". They train A with a tenth
    of the learning rate of the other weights.

    Args:
        units: width of the output and of the state.
        skew_initializer: "henaff" or "cayley", the paper's initializers of A: rotations of pairs of
            units, by angles that are uniform in (-pi, pi), or mostly small.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> layer = zoo.Recurrent("exprnn", units=4, return_sequences=True)
        >>> print(layer(np.ones((2, 5, 3))).shape)
        (2, 5, 4)
    """

    recurrent_shape = "derived"
    default_bias_initializer = "random_uniform:0.01"
    float32 = True  # in half precision, the recurrent kernel would not be orthogonal
    search_space = {"skew_initializer": ("henaff", "cayley")}

    def __init__(self, units: int, skew_initializer: str = "henaff", **kwargs: Any) -> None:
        super().__init__(units, **kwargs)
        if skew_initializer not in INITIALIZERS:
            raise RequestError(
                f"skew_initializer={skew_initializer!r} is unknown. Use 'henaff' or 'cayley'."
            )
        self.skew_initializer = skew_initializer

    def extra_weights(self) -> dict[str, Any]:
        count = self.units * (self.units - 1) // 2
        return {"skew": ((count,), INITIALIZERS[self.skew_initializer])}

    def recurrent_matrix(self) -> Tensor:
        return exponential(skew_symmetric(self.skew, self.units))

    def input_bias(self) -> None:
        return None  # the bias belongs to modReLU

    def step(self, x: Tensor, state: State) -> StepResult:
        (h,) = state
        a = x + self.recur(h)
        h = self.candidate_dropout(ops.sign(a) * ops.relu(ops.abs(a) + self.bias))
        return h, (h,)

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        (h,) = state
        A = np.zeros((self.units, self.units))
        A[np.triu_indices(self.units, 1)] = weights["skew"]
        angles, vectors = np.linalg.eigh(1j * (A - A.T))
        U = ((vectors * np.exp(-1j * angles)) @ vectors.conj().T).real  # exp(A - A^T)
        a = x @ weights["kernel"] + h @ U
        h_new = np.sign(a) * np.maximum(np.abs(a) + weights["bias"], 0)  # modReLU
        return h_new, (h_new,)
