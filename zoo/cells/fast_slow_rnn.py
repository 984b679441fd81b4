"""Fast-slow recurrent network: LSTM steps on a fast state, and one on a slow state."""

from typing import Any

import numpy as np
from keras import ops

from zoo.cell_base.initialization import fused_bias, fused_kernel
from zoo.cell_base.lstm_equations import lstm, numpy_lstm
from zoo.cells import cells
from zoo.errors import RequestError
from zoo.recurrent_cell import RecurrentCell, State, StepResult, Tensor, Weights


@cells.register(
    "fast_slow_rnn",
    paper="Mujika et al. 2017, arXiv 1705.08639",
    year=2017,
    tags=("gated", "lstm"),
    good_for="language models over characters: deep transitions and a state that changes slowly",
    exceptions={"gates:retention": "the input saturates the gates of the first fast step only"},
)
class FastSlowRNNCell(RecurrentCell):
    """FS-LSTM: `depth` LSTM steps on a fast state; after the first, one on a slow state.

    a = x W + h U + b;               h, c = LSTM(a, c)       fast state; f = 1, i = 0 keeps c
    e = [h | s] W_slow + b_slow;     s', d' = LSTM(e, d)     slow state
    a = [s' | h] W_l + b_l;          h', c' = LSTM(a, c)     l = 2, ..., depth; s' only if l = 2

    Output: h' (batch, units). State: h, c (batch, units) each; s, d (batch, slow_units) each.
    Source: Mujika et al. 2017, arXiv 1705.08639, and the authors' code. LSTM: as in `lstm`.
    Deviations: no layer normalization.

    Args:
        units: width of the output and of the fast state.
        slow_units: width of the slow state; None: half of `units`.
        depth: number of fast steps, 2 or more.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> FastSlowRNNCell(4, depth=3).state_size
        [4, 4, 2, 2]
    """

    gates = ("i", "f", "g", "o")
    state_names = ("h", "c", "s", "d")
    retention_gates = {"f": 1, "i": -1}
    default_bias_initializer = "unit_forget"
    search_space = {"depth": (2, 4)}

    def __init__(
        self, units: int, slow_units: int | None = None, depth: int = 2, **kwargs: Any
    ) -> None:
        super().__init__(units, **kwargs)
        slow_units = max(1, units // 2) if slow_units is None else slow_units
        if slow_units < 1 or depth < 2:
            raise RequestError(f"slow_units={slow_units}, depth={depth}: at least 1 and 2.")
        self.slow_units, self.depth = slow_units, depth

    def state_sizes(self) -> dict[str, int]:
        return dict.fromkeys("sd", self.slow_units)

    def extra_weights(self) -> dict[str, Any]:
        n, k, initializer = self.units, self.slow_units, self.recurrent_initializer
        weights: dict[str, Any] = {}
        further = {str(step): (n, n) for step in range(3, self.depth + 1)}
        for step, (rows, width) in {"slow": (n + k, k), "2": (k + n, n), **further}.items():
            bias = "zeros" if step == "slow" else fused_bias(self.bias_initializer, self)
            weights[f"kernel_{step}"] = (rows, 4 * width), fused_kernel(initializer, 4 * [width])
            weights[f"bias_{step}"] = (4 * width,), bias
        return {name: weights[name] for name in weights if self.use_bias or "kernel" in name}

    def _lstm(self, step: str | int, a: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
        return lstm(self, c, self.multiply(a, f"kernel_{step}") + getattr(self, f"bias_{step}", 0))

    def step(self, x: Tensor, state: State) -> StepResult:
        h, c, s, d = state
        h, c = lstm(self, c, x + self.recur(h))
        s, d = self._lstm("slow", ops.concatenate([h, s], -1), d)
        h, c = self._lstm(2, ops.concatenate([s, h], -1), c)
        for step in range(3, self.depth + 1):
            h, c = self._lstm(step, h, c)
        return h, (h, c, s, d)

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        h, c, s, d, w = *state, weights
        h, c = numpy_lstm(x @ w["kernel"] + h @ w["recurrent_kernel"] + w["bias"], c)  # F_1
        s, d = numpy_lstm(np.hstack([h, s]) @ w["kernel_slow"] + w["bias_slow"], d)  # S
        h, c = numpy_lstm(np.hstack([s, h]) @ w["kernel_2"] + w["bias_2"], c)  # F_2
        for step in range(3, self.depth + 1):
            h, c = numpy_lstm(h @ w[f"kernel_{step}"] + w[f"bias_{step}"], c)
        return h, (h, c, s, d)
