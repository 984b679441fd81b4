"""MinimalRNN: the state is a weighted mean of encoded inputs."""

from collections.abc import Mapping

import numpy as np
from keras import ops

from zoo.cells import cells
from zoo.recurrent_cell import RecurrentCell, State, StepResult, Tensor, Weights, by_gate, sigmoid


@cells.register(
    "minimal_rnn",
    paper="Chen 2017, arXiv 1711.06788",
    year=2017,
    tags=("gated",),
    good_for="states that can be interpreted: each is a weighted mean of encoded inputs",
)
class MinimalRNNCell(RecurrentCell):
    """MinimalRNN: one gate mixes the state with an encoding of the input.

    z = tanh(x W_z + b_z)                 encoding of the input, the candidate
    u = sigmoid(h U_h + z U_z + b_u)      u = 1 keeps the old state, u = 0 replaces it by z
    h' = u * h + (1 - u) * z

    Output: h' (batch, units). State: h (batch, units).
    Source: Chen 2017, arXiv 1711.06788; checked with torchrecurrent and braintrace.
    Deviations: none. The paper leaves the encoder open; here it is a fully connected layer with
    tanh, and a deeper one is a layer before this cell.

    Args:
        units: width of the output and of the state.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> layer = zoo.Recurrent("minimal_rnn", units=4, return_sequences=True)
        >>> print(layer(np.ones((2, 5, 3))).shape)
        (2, 5, 4)
    """

    gates = ("z", "u")
    input_gates = ("z",)
    recurrent_gates = ("u",)

    def extra_weights(self) -> Mapping[str, tuple[tuple[int, ...], str]]:
        return {"encoding_kernel": ((self.units, self.units), "glorot_uniform")}

    def project(self, x: Tensor) -> Tensor:
        return ops.tanh(super().project(x))

    def step(self, z: Tensor, state: State) -> StepResult:
        (h,) = state
        product = self.recur(h) + self.multiply(z, "encoding_kernel")
        u = ops.sigmoid(product + self.bias[self.units :])
        h = u * h + (1 - u) * self.candidate_dropout(z)
        return h, (h,)

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        (h,) = state
        b_z, b_u = by_gate(weights["bias"], 2)
        z = np.tanh(x @ weights["kernel"] + b_z)  # z_t = Phi(x_t)
        u = sigmoid(h @ weights["recurrent_kernel"] + z @ weights["encoding_kernel"] + b_u)  # u_t
        h_new = u * h + (1 - u) * z  # h_t
        return h_new, (h_new,)
