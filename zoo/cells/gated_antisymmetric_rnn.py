"""Gated antisymmetric recurrent network: an input gate scales the Euler step."""

import numpy as np
from keras import ops

from zoo.cells import cells
from zoo.cells.antisymmetric_rnn import AntisymmetricRNNCell
from zoo.recurrent_cell import State, StepResult, Tensor, Weights, by_gate, sigmoid


@cells.register(
    "gated_antisymmetric_rnn",
    paper="Chang et al. 2019, arXiv 1902.09689",
    year=2019,
    tags=("gated", "continuous"),
    good_for="long dependencies with irrelevant inputs between, with few weights",
)
class GatedAntisymmetricRNNCell(AntisymmetricRNNCell):
    """Gated antisymmetric RNN: gate and candidate read the same recurrent product.

    U = A - A^T - diffusion * I              A: upper triangle, the trained numbers `skew`
    z = sigmoid(x W_z + h U + b_z)           z = 0 keeps the state, z = 1 takes the whole step
    n = tanh(x W_n + h U + b_n)
    h' = h + step_size * z * n

    Output: h' (batch, units). State: h (batch, units).
    Source: Chang, Chen, Haber & Chi 2019, arXiv 1902.09689, equation 13.
    Deviations: those of `antisymmetric_rnn`.

    Args:
        units: width of the output and of the state.
        **kwargs: further arguments, see `AntisymmetricRNNCell` and `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> layer = zoo.Recurrent("gated_antisymmetric_rnn", units=4, step_size=0.01)
        >>> print(layer(np.ones((2, 5, 3))).shape)
        (2, 4)
    """

    gates = ("z", "n")
    recurrent_gates = ("n",)  # one product for both gates
    retention_gates = {"z": -1}

    def step(self, x: Tensor, state: State) -> StepResult:
        (h,) = state
        x, product = self.split(x), self.recur(h)
        n = self.candidate_dropout(ops.tanh(x["n"] + product))
        h = h + self.step_size * ops.sigmoid(x["z"] + product) * n
        return h, (h,)

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        (h,) = state
        W_z, W_n = by_gate(weights["kernel"], 2)
        b_z, b_n = by_gate(weights["bias"], 2)
        A = np.zeros((self.units, self.units))
        A[np.triu_indices(self.units, 1)] = weights["skew"]
        U = A - A.T - self.diffusion * np.eye(self.units)
        z = sigmoid(h @ U + x @ W_z + b_z)
        h_new = h + self.step_size * z * np.tanh(h @ U + x @ W_n + b_n)
        return h_new, (h_new,)
