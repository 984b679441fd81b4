"""Gated recurrent unit with weighted feedback of a delayed state."""

from typing import Any

import numpy as np
from keras import ops

from zoo.cells import cells
from zoo.errors import RequestError
from zoo.recurrent_cell import RecurrentCell, State, StepResult, Tensor, Weights, by_gate, sigmoid


@cells.register(
    "tau_gru",
    paper="Erichson et al. 2022, arXiv 2212.00228",
    year=2022,
    tags=("gated", "gru"),
    good_for="dependencies at a known distance: the gradient takes a shortcut of that length",
)
class TauGRUCell(RecurrentCell):
    """tau-GRU: the candidate adds a gated function of the state `delay` timesteps before h.

    u = tanh(x W_u + h U_u + b_u)
    z = tanh(x W_z + h_d U_z + b_z)         h_d: the state that is `delay` timesteps older than h
    g = sigmoid(x W_g + h U_g + b_g)        g = 0 keeps the state, g = 1 replaces it
    a = sigmoid(x W_a + h U_a + b_a)        a = 0 ignores the delayed state
    h' = (1 - g) * h + g * (u + a * z)

    Output: h' (batch, units). State: h (batch, units); history (batch, delay * units), the older
    states from the latest to h_d.
    Source: Erichson, Lim & Mahoney 2022, arXiv 2212.00228, as torchrecurrent computes
    it. A draft of the authors' code also has constant weights of u and a * z, which are 1.
    Deviations: none known.

    Args:
        units: width of the output and of the state h.
        delay: timesteps between h and the delayed state, a positive integer.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> layer = zoo.Recurrent("tau_gru", units=4, delay=20)
        >>> print(layer(np.ones((2, 50, 3))).shape)
        (2, 4)
    """

    gates = ("u", "g", "a", "z")
    state_names = ("h", "history")
    unregularized_states = ("history",)
    retention_gates = {"g": -1}
    search_space = {"delay": (5, 10, 20)}

    def __init__(self, units: int, delay: int = 10, **kwargs: Any) -> None:
        super().__init__(units, **kwargs)
        if not isinstance(delay, int) or delay < 1:
            raise RequestError(f"delay={delay!r} is not a positive integer. Try delay=10.")
        self.delay = delay

    def state_sizes(self) -> dict[str, int]:
        return {"history": self.delay * self.units}

    def step(self, x: Tensor, state: State) -> StepResult:
        h, history = state
        older, delayed = history[:, : -self.units], history[:, -self.units :]
        x, y = self.split(x), self.split(self.recur(h, "u", "g", "a"), "u", "g", "a")
        u = ops.tanh(x["u"] + y["u"])
        g, a = (ops.sigmoid(x[gate] + y[gate]) for gate in "ga")
        z = ops.tanh(x["z"] + self.recur(delayed, "z"))
        new_h = (1 - g) * h + g * self.candidate_dropout(u + a * z)
        return new_h, (new_h, ops.concatenate([h, older], -1))

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        h, history = state
        W_u, W_g, W_a, W_z = by_gate(weights["kernel"], 4)
        U_u, U_g, U_a, U_z = by_gate(weights["recurrent_kernel"], 4)
        b_u, b_g, b_a, b_z = by_gate(weights["bias"], 4)
        past = np.split(history, self.delay, -1)  # 1, ..., delay timesteps older than h
        u = np.tanh(x @ W_u + h @ U_u + b_u)
        z = np.tanh(x @ W_z + past[-1] @ U_z + b_z)
        g = sigmoid(x @ W_g + h @ U_g + b_g)
        a = sigmoid(x @ W_a + h @ U_a + b_a)
        h_new = (1 - g) * h + g * (u + a * z)
        return h_new, (h_new, np.concatenate([h, *past[:-1]], -1))
