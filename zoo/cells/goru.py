"""Gated orthogonal recurrent unit: a GRU with an orthogonal kernel and a modReLU."""

from typing import Any

import keras
import numpy as np
from keras import ops

from zoo.cell_base.unitary import pair_rotations
from zoo.cells import cells
from zoo.errors import RequestError
from zoo.recurrent_cell import RecurrentCell, State, StepResult, Tensor, Weights, by_gate, sigmoid


@cells.register(
    "goru",
    paper="Jing et al. 2017, arXiv 1706.02761",
    year=2017,
    tags=("gated", "gru", "orthogonal"),
    good_for="long dependencies together with forgetting what is irrelevant",
)
class GORUCell(RecurrentCell):
    """GORU: a GRU whose candidate has an orthogonal recurrent kernel and a modReLU.

    r = sigmoid(x W_r + h V_r + b_r)             r = 0 ignores the state in the candidate
    g = sigmoid(x W_g + h V_g + b_g)             g = 1 keeps the old state
    a = x W_c + r * (h U)                        U: `capacity` layers of rotations of pairs of
    c = sign(a) * relu(|a| + b_c)                neighbours, by the angles `theta`
    h' = g * h + (1 - g) * c

    Output: h' (batch, units). State: h (batch, units).
    Source: Jing et al. 2017, arXiv 1706.02761, section 3, and the authors' code.
    Deviations: biases and kernels start from the defaults of this library; theirs are 2 for b_r,
    and uniform in +-0.01 for kernels. Their modReLU adds 0.001 to b_c.

    Args:
        units: width of the output and of the state, at least 2.
        capacity: number of layers of rotations, even; `units` of them reach every rotation.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> layer = zoo.Recurrent("goru", units=4, capacity=4)
        >>> print(layer(np.ones((2, 5, 3))).shape)
        (2, 4)
    """

    gates = ("r", "g", "c")
    recurrent_gates = ("c",)
    recurrent_shape = "derived"
    retention_gates = {"g": 1}
    float32 = True  # in half precision, the recurrent kernel would not be orthogonal
    search_space = {"capacity": (2, 8)}

    def __init__(self, units: int, capacity: int = 2, **kwargs: Any) -> None:
        super().__init__(units, **kwargs)
        if units < 2 or capacity < 2 or capacity % 2:
            raise RequestError(
                f"units={units}, capacity={capacity!r}: give 2 units or more, and an even capacity."
            )
        self.capacity = capacity

    def extra_weights(self) -> dict[str, Any]:
        angles = keras.initializers.RandomUniform(-np.pi, np.pi)
        return {
            "gate_kernel": ((self.units, 2 * self.units), "glorot_uniform"),
            "theta": ((self.capacity // 2, self.units - 1), angles),
        }

    def recurrent_matrix(self) -> Tensor:
        identity = ops.eye(self.units, dtype=self.compute_dtype)
        return pair_rotations((identity, ops.zeros_like(identity)), self.theta)[0]

    def input_bias(self) -> Tensor | None:
        if not self.use_bias:
            return None
        gates = self.bias[: 2 * self.units]  # the bias of c belongs to modReLU
        return ops.concatenate([gates, ops.zeros((self.units,), gates.dtype)])

    def step(self, x: Tensor, state: State) -> StepResult:
        (h,) = state
        x = self.split(x)
        r, g = ops.split(self.multiply(h, "gate_kernel"), 2, -1)
        g = ops.sigmoid(x["g"] + g)
        a = x["c"] + ops.sigmoid(x["r"] + r) * self.recur(h)
        c = ops.sign(a) * ops.relu(ops.abs(a) + self.bias[2 * self.units :])
        h = g * h + (1 - g) * self.candidate_dropout(c)
        return h, (h,)

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        (h,) = state
        W_r, W_g, W_c = by_gate(weights["kernel"], 3)
        V_r, V_g = by_gate(weights["gate_kernel"], 2)
        b_r, b_g, b_c = by_gate(weights["bias"], 3)
        rotated = np.array(h)
        for angles in weights["theta"]:
            for p, angle in zip(
                [*range(0, self.units - 1, 2), *range(1, self.units - 1, 2)], angles, strict=True
            ):
                rotation = [[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]
                rotated[:, p : p + 2] = rotated[:, p : p + 2] @ np.array(rotation)
        r = sigmoid(x @ W_r + h @ V_r + b_r)
        g = sigmoid(x @ W_g + h @ V_g + b_g)
        a = r * rotated + x @ W_c
        c = np.sign(a) * np.maximum(np.abs(a) + b_c, 0)
        h_new = g * h + (1 - g) * c
        return h_new, (h_new,)
