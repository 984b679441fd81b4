"""Recurrent highway network: several highway layers within one timestep."""

from typing import Any

import numpy as np
from keras import ops

from zoo.cell_base.initialization import fused_bias, fused_kernel
from zoo.cells import cells
from zoo.errors import RequestError
from zoo.recurrent_cell import RecurrentCell, State, StepResult, Tensor, Weights, by_gate, sigmoid


@cells.register(
    "rhn",
    paper="Zilly et al. 2017, arXiv 1607.03474",
    year=2017,
    tags=("gated",),
    good_for="complex transitions from one timestep to the next; character language models",
    exceptions={"gates:retention": "the input saturates the gates of the first layer only"},
)
class RHNCell(RecurrentCell):
    """RHN: a stack of `depth` highway layers takes the state from one timestep to the next.

    s_0 = h;  for layers l = 1, ..., depth, x only in layer 1:
    n = tanh(x W_n + s_(l-1) U_ln + b_ln)         candidate
    t = sigmoid(x W_t + s_(l-1) U_lt + b_lt)      t = 0 keeps the state
    s_l = t * n + (1 - t) * s_(l-1)
    h' = s_depth

    Output: h' (batch, units). State: h (batch, units).
    Source: Zilly, Srivastava, Koutnik & Schmidhuber 2017, arXiv 1607.03474, equations 6-9.
    Deviations: none; the carry gate is 1 - t, as in the paper's experiments. b_t starts at -1,
    theirs at -2 and -4.

    Args:
        units: width of the output and of the state.
        depth: number of highway layers; the paper has up to 10.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> layer = zoo.Recurrent("rhn", units=4, depth=3, return_sequences=True)
        >>> print(layer(np.ones((2, 5, 3))).shape)
        (2, 5, 4)
    """

    gates = ("n", "t")
    retention_gates = {"t": -1}
    default_bias_initializer = "unit_forget"
    search_space = {"depth": (2, 4)}

    def __init__(self, units: int, depth: int = 2, **kwargs: Any) -> None:
        super().__init__(units, **kwargs)
        if not isinstance(depth, int) or depth < 1:
            raise RequestError(f"depth={depth!r} is not a positive integer. Try depth=2.")
        self.depth = depth

    def extra_weights(self) -> dict[str, Any]:
        kernel = fused_kernel(self.recurrent_initializer, self.widths(self.gates))
        bias, width = fused_bias(self.bias_initializer, self), 2 * self.units
        layers = range(2, self.depth + 1)
        kernels = {f"recurrent_kernel_{layer}": ((self.units, width), kernel) for layer in layers}
        biases = {f"bias_{layer}": ((width,), bias) for layer in layers if self.use_bias}
        return {**kernels, **biases}

    def step(self, x: Tensor, state: State) -> StepResult:
        (h,) = state
        sums = x + self.recur(h)
        for layer in range(1, self.depth + 1):
            if layer > 1:
                sums = self.multiply(h, f"recurrent_kernel_{layer}")
                sums = sums + getattr(self, f"bias_{layer}") if self.use_bias else sums
            n, t = ops.split(sums, 2, -1)
            t = ops.sigmoid(t)
            h = t * self.candidate_dropout(ops.tanh(n)) + (1 - t) * h
        return h, (h,)

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        (s,) = state
        W_n, W_t = by_gate(weights["kernel"], 2)
        for layer in range(1, self.depth + 1):
            number = "" if layer == 1 else f"_{layer}"
            U_n, U_t = by_gate(weights[f"recurrent_kernel{number}"], 2)
            b_n, b_t = by_gate(weights[f"bias{number}"], 2)
            n = np.tanh((layer == 1) * (x @ W_n) + s @ U_n + b_n)  # (7)
            t = sigmoid((layer == 1) * (x @ W_t) + s @ U_t + b_t)  # (8)
            s = n * t + s * (1 - t)  # (6), with the carry gate (9) as 1 - t
        return s, (s,)
