"""Gated orthogonal recurrent unit: a GRU with an orthogonal kernel and a modReLU."""

from typing import Any

import keras
import numpy as np
from keras import ops

from zoo.cell_base.unitary import numpy_pair_rotations, pair_rotations
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
    Deviations: other initializers; theirs: b_r 2, kernels in +-0.01. Theirs adds 0.001 to b_c.

    Args:
        units: width of the output and of the state, at least 2.
        capacity: number of layers of rotations, even; `units` of them reach every rotation.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> print(zoo.Recurrent("goru", units=4, capacity=4)(np.ones((2, 5, 3))).shape)
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
            raise RequestError(f"units={units}, capacity={capacity}: 2 or more, capacity even.")
        self.capacity = capacity

    def extra_weights(self) -> dict[str, Any]:
        angles = keras.initializers.RandomUniform(-np.pi, np.pi)
        theta = ((self.capacity // 2, self.units - 1), angles)
        return {"gate_kernel": ((self.units, 2 * self.units), "glorot_uniform"), "theta": theta}

    def recurrent_matrix(self) -> Tensor:
        identity = ops.eye(self.units, dtype=self.compute_dtype)
        return pair_rotations((identity, ops.zeros_like(identity)), self.theta)[0]

    def input_bias(self) -> Tensor:  # the bias of c belongs to modReLU
        return self.bias * np.repeat([1, 1, 0], self.units).astype(self.compute_dtype)

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
        h, theta = state[0], weights["theta"]
        x_r, x_g, x_c = by_gate(x @ weights["kernel"], 3)
        h_r, h_g = by_gate(h @ weights["gate_kernel"], 2)
        b_r, b_g, b_c = by_gate(weights["bias"], 3)
        r, g = sigmoid(x_r + h_r + b_r), sigmoid(x_g + h_g + b_g)
        a = r * numpy_pair_rotations(h, theta, np.ones_like(theta)) + x_c
        h_new = g * h + (1 - g) * np.sign(a) * np.maximum(np.abs(a) + b_c, 0)
        return h_new, (h_new,)
