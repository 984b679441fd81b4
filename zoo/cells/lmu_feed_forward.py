"""Legendre memory without recurrent connections from the output: a linear memory, read out."""

from typing import Any

import numpy as np
from keras import ops

from zoo.cell_base.initialization import fixed_values
from zoo.cell_base.legendre import legendre_memory
from zoo.cells import cells
from zoo.errors import RequestError
from zoo.recurrent_cell import RecurrentCell, State, StepResult, Tensor, Weight, Weights


@cells.register(
    "lmu_feed_forward",
    paper="Chilkuri & Eliasmith 2021, arXiv 2102.11417",
    year=2021,
    tags=("linear", "continuous"),
    good_for="signals, and dependencies over a known number of timesteps, in a stack of layers",
)
class LMUFeedForwardCell(RecurrentCell):
    """Parallel LMU: memories of signals over the last `window` timesteps, read by a tanh layer.

    u = x W_u + b_u                        one number for each channel
    m' = m A^T + u B^T                     for each channel; constant A, B, as in `lmu`
    y = tanh(m' W_m + x W_x + b)           reads the new memory of all channels

    Output: y (batch, units). State: m (batch, channels * order).
    Source: Chilkuri & Eliasmith 2021, arXiv 2102.11417; the recurrence is that of the authors'
    library keras-lmu, `LMUFeedForward`.
    Deviations: the memory is computed timestep by timestep.

    Args:
        units: width of the output.
        order: number of polynomials, width of the memory of a channel.
        window: length of the window in timesteps, about that of the dependencies.
        channels: number of signals that are remembered.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> layer = zoo.Recurrent("lmu_feed_forward", units=4, order=6, window=20.0)
        >>> print(layer(np.ones((2, 5, 3))).shape)
        (2, 4)
    """

    gates = ("u", "y")
    state_names = ("m",)
    recurrent_shape = "none"
    search_space = {"window": {"min": 10.0, "max": 1000.0, "sampling": "log"}}

    def __init__(
        self, units: int, order: int = 16, window: float = 100.0, channels: int = 1, **kwargs: Any
    ) -> None:
        super().__init__(units, **kwargs)
        if order < 1 or window <= 0 or channels < 1:
            raise RequestError(
                f"order={order!r}, window={window!r}, channels={channels!r}: not positive. Try "
                "order=16, window=100, channels=1."
            )
        self.order, self.window, self.channels = order, window, channels

    def gate_sizes(self) -> dict[str, int]:
        return {"u": self.channels}

    def state_sizes(self) -> dict[str, int]:
        return {"m": self.channels * self.order}

    def extra_weights(self) -> dict[str, Any]:
        A, B = legendre_memory(self.order, self.window)
        A, B = np.kron(np.eye(self.channels), A.T), np.kron(np.eye(self.channels), B.T)
        return {
            "memory_kernel": ((len(A), self.units), "glorot_uniform"),
            "transition": Weight(*fixed_values(A), trainable=False),
            "entry": Weight(*fixed_values(B), trainable=False),
        }

    def step(self, x: Tensor, state: State) -> StepResult:
        (m,) = state
        u = self.candidate_dropout(x[:, : self.channels])
        m = self.multiply(m, "transition") + ops.matmul(u, self.entry)
        return ops.tanh(self.multiply(m, "memory_kernel") + x[:, self.channels :]), (m,)

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        A, B = legendre_memory(self.order, self.window)
        u, y = np.split(x @ weights["kernel"] + weights["bias"], [self.channels], -1)
        m = state[0].reshape(len(x), self.channels, self.order)
        m = (m @ A.T + u[:, :, None] * B.ravel()).reshape(len(x), -1)
        return np.tanh(m @ weights["memory_kernel"] + y), (m,)
