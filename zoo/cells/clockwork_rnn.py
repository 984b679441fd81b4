"""Clockwork RNN: groups of units with different clock periods."""

from typing import Any

import numpy as np
from keras import ops

from zoo.cells import cells
from zoo.errors import RequestError
from zoo.recurrent_cell import RecurrentCell, State, StepResult, Tensor, Weights


@cells.register(
    "clockwork_rnn",
    paper="Koutnik et al. 2014, arXiv 1402.3511",
    year=2014,
    tags=("simple",),
    good_for="sequences with several time scales, at fewer weights than a simple RNN",
)
class ClockworkRNNCell(RecurrentCell):
    """Clockwork RNN: module g of the units is updated at every 2^g-th timestep only.

    n_g = tanh(x W_g + [h_g | ... | h_G] U_g + b_g)       reads its own and all slower modules
    h'_g = n_g if t mod 2^g = 0, otherwise h_g            g = 0, ..., G = modules - 1
    t' = t + 1

    Output: h' (batch, units). State: h (batch, units), the fastest module first; t (batch, 1), the
    number of the timestep.
    Source: Koutnik, Greff, Gomez & Schmidhuber 2014, arXiv 1402.3511, section 3.
    Deviations: none. All modules are updated at the first timestep, which the paper leaves open. If
    `modules` does not divide `units`, their numbers of units differ by one.

    Args:
        units: width of the output and of the state h.
        modules: number of modules, at most `units`.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import zoo
        >>> zoo.Recurrent("clockwork_rnn", units=6, modules=3).compute_output_shape((2, 5, 3))
        (2, 6)
    """

    state_names = ("h", "t")
    positive_states = ("t",)
    unregularized_states = ("t",)
    recurrent_shape = "derived"
    float32 = True  # in bfloat16, t would stop at 256
    search_space = {"modules": (2, 4)}

    def __init__(self, units: int, modules: int = 4, **kwargs: Any) -> None:
        super().__init__(units, **kwargs)
        if not 1 <= modules <= units:
            raise RequestError(f"modules={modules} is not in 1, ..., units={units}. Try 1.")
        self.modules = modules
        self._module = np.arange(units) * modules // units  # of each unit

    def state_sizes(self) -> dict[str, int]:
        return {"t": 1}

    def extra_weights(self) -> dict[str, Any]:
        weights = {}
        for g in range(self.modules):
            shape = int((self._module >= g).sum()), int((self._module == g).sum())
            weights[f"recurrent_kernel_{g}"] = (shape, "orthogonal")
        return weights

    def recurrent_matrix(self) -> Tensor:
        kernels = [getattr(self, f"recurrent_kernel_{g}") for g in range(self.modules)]
        padded = [ops.pad(each, ((self.units - each.shape[0], 0), (0, 0))) for each in kernels]
        return ops.concatenate(padded, -1)

    def step(self, x: Tensor, state: State) -> StepResult:
        h, t = state
        periods = ops.convert_to_tensor(2.0**self._module, t.dtype)
        n = self.candidate_dropout(ops.tanh(x + self.recur(h)))
        h = ops.where(ops.equal(ops.mod(ops.floor(t), periods), 0), n, h)
        return h, (h, t + 1)

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        h, t = state
        h_new = h.copy()
        for g in range(self.modules):
            own, read = self._module == g, self._module >= g
            W, U, b = weights["kernel"], weights[f"recurrent_kernel_{g}"], weights["bias"]
            n = np.tanh(x @ W[:, own] + h[:, read] @ U + b[own])
            h_new[:, own] = np.where(np.floor(t) % 2**g == 0, n, h[:, own])
        return h_new, (h_new, t + 1)
