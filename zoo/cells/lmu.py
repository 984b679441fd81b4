"""Legendre memory unit: a linear memory of a window of time, and a nonlinear state."""

from typing import Any

import numpy as np
from keras import ops

from zoo.cell_base.initialization import fixed_values
from zoo.cell_base.legendre import legendre_memory
from zoo.cells import cells
from zoo.errors import RequestError
from zoo.recurrent_cell import RecurrentCell, State, StepResult, Tensor, Weight, Weights


@cells.register(
    "lmu",
    paper="Voelker et al. 2019, NeurIPS 2019",
    year=2019,
    tags=("simple", "continuous"),
    good_for="signals, and dependencies over a known number of timesteps, even thousands",
)
class LMUCell(RecurrentCell):
    """LMU: a memory of a scalar signal u over the last `window` timesteps, read by a tanh layer.

    u = x e_x + h e_h + m e_m              one number per row
    m' = m A^T + u B^T                     constant A, B: coefficients of Legendre polynomials
    h' = tanh(x W_x + h W_h + m' W_m)      reads the new memory

    Output: h' (batch, units). State: h (batch, units); m (batch, order).
    Source: Voelker, Kajic & Eliasmith 2019, "Legendre Memory Units", NeurIPS 2019, equations 1-7,
    and the authors' code of the paper. The kernels hold the columns of u, then of h.
    Deviations: e_x and e_h start from "glorot_uniform" and "orthogonal", theirs from
    "lecun_uniform". Later versions of the authors' library have another cell by default.

    Args:
        units: width of the output and of the state h.
        order: number of polynomials, width of the memory.
        window: length of the window in timesteps, about that of the dependencies.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> layer = zoo.Recurrent("lmu", units=4, order=6, window=20.0)
        >>> print(layer(np.ones((2, 5, 3))).shape)
        (2, 4)
    """

    gates = ("u", "h")
    bias_gates = ()
    state_names = ("h", "m")
    search_space = {"order": (16, 64), "window": {"min": 10.0, "max": 1000.0, "sampling": "log"}}

    def __init__(self, units: int, order: int = 16, window: float = 100.0, **kwargs: Any) -> None:
        super().__init__(units, **kwargs)
        if not isinstance(order, int) or order < 1 or window <= 0:
            raise RequestError(f"order={order!r}, window={window!r}: not positive. Try 16 and 100.")
        self.order, self.window = order, window

    def gate_sizes(self) -> dict[str, int]:
        return {"u": 1}

    def state_sizes(self) -> dict[str, int]:
        return {"m": self.order}

    def extra_weights(self) -> dict[str, Any]:
        A, B = legendre_memory(self.order, self.window)
        return {
            "signal_kernel": ((self.order, 1), "zeros"),
            "memory_kernel": ((self.order, self.units), "glorot_normal"),
            "transition": Weight(*fixed_values(A.T), trainable=False),
            "entry": Weight(*fixed_values(B), trainable=False),
        }

    def step(self, x: Tensor, state: State) -> StepResult:
        h, m = state
        sums = x + self.recur(h)
        u = sums[:, :1] + self.multiply(m, "signal_kernel")
        m = self.multiply(m, "transition") + u * self.entry
        h = self.candidate_dropout(ops.tanh(sums[:, 1:] + self.multiply(m, "memory_kernel")))
        return h, (h, m)

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        h, m = state
        e_x, W_x = np.split(weights["kernel"], [1], -1)
        e_h, W_h = np.split(weights["recurrent_kernel"], [1], -1)
        A, B = legendre_memory(self.order, self.window)
        u = x @ e_x + h @ e_h + m @ weights["signal_kernel"]
        m_new = m @ A.T + u * B
        h_new = np.tanh(x @ W_x + h @ W_h + m_new @ weights["memory_kernel"])
        return h_new, (h_new, m_new)
