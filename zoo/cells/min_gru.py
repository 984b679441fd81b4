"""Minimal GRU: linear in its state, so that all timesteps can be computed in parallel."""

import numpy as np
from keras import ops

from zoo.cells import cells
from zoo.recurrent_cell import RecurrentCell, State, StepResult, Tensor, Weights, by_gate, sigmoid


def positive(x: Tensor) -> Tensor:
    """Return the paper's g: x + 1/2 if x >= 0, else sigmoid(x)."""
    return ops.where(x >= 0, x + 0.5, ops.sigmoid(x))


@cells.register(
    "min_gru",
    paper="Feng et al. 2024, arXiv 2410.01201",
    year=2024,
    tags=("gated", "gru", "linear", "diagonal"),
    good_for="long sequences: all timesteps can be computed in parallel",
    exceptions={
        "learning": "the gate reads only the input, so one layer cannot select by position"
    },
)
class MinGRUCell(RecurrentCell):
    """minGRU: a GRU whose gate and candidate depend only on the input.

    z = sigmoid(x W_z + b_z)      z = 1 keeps the old state
    n = g(x W_n + b_n)            g(a) = a + 1/2 for a >= 0, sigmoid(a) for a < 0: always positive
    h' = z * h + (1 - z) * n

    Output: h' (batch, units). State: h (batch, units).
    Source: Feng et al. 2024, arXiv 2410.01201, section 3.1; g: appendix B.
    Deviations: the paper's z is 1 - z here, so its W_z and b_z have the opposite sign. The paper
    scans in log space, which requires positive states; `parallel=True` scans products of z
    directly, so that states may have any sign. The paper applies g to the initial state; this cell
    uses the initial state unchanged.

    Args:
        units: width of the output and of each state.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> layer = zoo.Recurrent("min_gru", units=4, parallel=True)
        >>> print(layer(np.ones((2, 5, 3))).shape)
        (2, 4)
    """

    gates = ("z", "n")
    recurrent_shape = "none"
    retention_gates = {"z": 1}

    def linear(self, x: Tensor) -> tuple[Tensor, Tensor]:
        z, n = ops.split(x, 2, -1)
        return ops.sigmoid(z), ops.sigmoid(-z) * positive(n)

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        (h,) = state
        W_z, W_n = by_gate(weights["kernel"], 2)
        b_z, b_n = by_gate(weights["bias"], 2)
        z = sigmoid(-(x @ W_z + b_z))  # the paper's z_t: z_t = 1 overwrites the state
        a = x @ W_n + b_n
        n = np.where(a >= 0, a + 0.5, sigmoid(a))  # g, appendix B
        h_new = (1 - z) * h + z * n  # h_t
        return h_new, (h_new,)
