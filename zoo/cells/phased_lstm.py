"""Phased LSTM: a time gate opens each unit for a part of its own period."""

from typing import Any

import keras
import numpy as np
from keras import ops

from zoo.cells import cells
from zoo.cells.peephole_lstm import PeepholeLSTMCell
from zoo.recurrent_cell import State, StepResult, Tensor, Weights


@cells.register(
    "phased_lstm",
    paper="Neil et al. 2016, arXiv 1610.09513",
    year=2016,
    tags=("gated", "lstm"),
    good_for="events at irregular times, and very long sequences",
)
class PhasedLSTMCell(PeepholeLSTMCell):
    """Phased LSTM: a peephole LSTM whose units are updated only while their time gate is open.

    i = sigmoid(x W_i + h U_i + p_i * c + b_i)       i = 0 writes nothing
    f = sigmoid(x W_f + h U_f + p_f * c + b_f)       f = 1 keeps the cell state
    c~ = f * c + i * tanh(x W_g + h U_g + b_g)
    o = sigmoid(x W_o + h U_o + p_o * c~ + b_o)      o = 0 hides the cell state; reads c~
    t' = t + elapsed
    phi = ((t' - shift) mod period) / period         phase, in [0, 1)
    k = 1 - |2 phi / ratio - 1| if phi < ratio, otherwise leak * phi
    c' = k * c~ + (1 - k) * c                        k = 0 keeps the unit's states
    h' = k * o * tanh(c~) + (1 - k) * h

    Output: h' (batch, units). State: h, c (batch, units) each; t (batch, 1), the time.
    Source: Neil, Pfeiffer & Liu 2016, arXiv 1610.09513, equations 1-10.
    Deviations: the leak also acts in inference; period and ratio are trained, as logarithms.

    Args:
        units: width of the output and of the states h and c.
        leak: slope of the closed time gate, which gives it a gradient.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> layer = zoo.Recurrent("phased_lstm", units=4)
        >>> print(layer(np.ones((2, 5, 3)), elapsed=np.full((2, 5), 0.5)).shape)
        (2, 4)
    """

    state_names: Any = ("h", "c", "t")
    unregularized_states = ("t",)
    elapsed_time = True
    float32 = True  # in half precision, t would stop at 256

    def __init__(self, units: int, leak: float = 0.001, **kwargs: Any) -> None:
        super().__init__(units, **kwargs)
        self.leak = leak

    def state_sizes(self) -> dict[str, int]:
        return {"t": 1}

    def extra_weights(self) -> dict[str, Any]:
        return {
            **super().extra_weights(),
            "log_period": ((self.units,), keras.initializers.RandomUniform(1.0, 3.0)),
            "shift": ((self.units,), keras.initializers.RandomUniform(0.0, 20.0)),
            "log_ratio": ((self.units,), keras.initializers.Constant(np.log(0.05))),
        }

    def step(self, x: Tensor, state: State) -> StepResult:
        h, c, t = state
        t = t + x[:, -1:]
        period, ratio = ops.exp(self.log_period), ops.exp(self.log_ratio)
        phase = ops.mod(t - self.shift, period) / period
        k = ops.where(phase < ratio, 1 - ops.abs(2 * phase / ratio - 1), self.leak * phase)
        new_h, (_, new_c) = super().step(x[:, :-1], (h, c))
        c, h = k * new_c + (1 - k) * c, k * new_h + (1 - k) * h
        return h, (h, c, t)

    def reference(self, weights: Weights, x: Any, state: State, elapsed: Any = 1) -> StepResult:
        h, c, t = state
        h_tilde, (_, c_tilde) = super().reference(weights, x, (h, c))  # (1) to (5)
        tau, s, r_on = np.exp(weights["log_period"]), weights["shift"], np.exp(weights["log_ratio"])
        phi = (t + elapsed - s) % tau / tau  # (6)
        closing = np.where(phi < r_on, 2 - 2 * phi / r_on, self.leak * phi)
        k = np.where(phi < r_on / 2, 2 * phi / r_on, closing)
        c_new = k * c_tilde + (1 - k) * c  # (8)
        h_new = k * h_tilde + (1 - k) * h  # (10)
        return h_new, (h_new, c_new, t + elapsed)
