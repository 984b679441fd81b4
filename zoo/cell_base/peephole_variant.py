"""Base class of the variants of the LSTM with peepholes that lack a gate or an activation."""

from typing import Any

import numpy as np
from keras import ops

from zoo.recurrent_cell import RecurrentCell, State, StepResult, Tensor, Weights, by_gate, sigmoid


class PeepholeVariant(RecurrentCell):
    """LSTM with peepholes, of which a subclass leaves out a gate or an activation.

    c' = f * c + i * g;  h' = o * tanh(c')      a gate that is not in `gates` is 1

    Attributes:
        gates: those of i, f, g and o that the variant has, in this order.
        squashes_candidate: whether g is a tanh; False: the identity.
        squashes_output: whether the output reads tanh(c'); False: c' itself.

    Weights:
        peephole: (gates except g, units), in the order of `gates`.
    """

    state_names = ("h", "c")
    squashes_candidate = True
    squashes_output = True

    def gates_with_peephole(self) -> list[str]:
        """Return the gates that read the cell state, in order."""
        return [gate for gate in self.gates if gate != "g"]

    def extra_weights(self) -> dict[str, Any]:
        """Return the peepholes."""
        return {"peephole": ((len(self.gates_with_peephole()), self.units), "glorot_uniform")}

    def step(self, x: Tensor, state: State) -> StepResult:
        """Apply the cell at one timestep."""
        h, c = state
        z = self.split(x + self.recur(h), *self.gates)
        rows = {gate: row for row, gate in enumerate(self.gates_with_peephole())}

        def gated(gate: str, value: Tensor, cell_state: Tensor) -> Tensor:
            if gate not in rows:
                return value
            return ops.sigmoid(z[gate] + self.peephole[rows[gate]] * cell_state) * value

        g = self.candidate_dropout(ops.tanh(z["g"]) if self.squashes_candidate else z["g"])
        c = gated("f", c, c) + gated("i", g, c)
        h = gated("o", ops.tanh(c) if self.squashes_output else c, c)
        return h, (h, c)

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        """Apply the cell at one timestep in NumPy, as in section 2 of arXiv 1503.04069."""
        h, c = state
        count = len(self.gates)
        W = dict(zip(self.gates, by_gate(weights["kernel"], count), strict=True))
        R = dict(zip(self.gates, by_gate(weights["recurrent_kernel"], count), strict=True))
        b = dict(zip(self.gates, by_gate(weights["bias"], count), strict=True))
        p = dict(zip(self.gates_with_peephole(), weights["peephole"], strict=True))
        one = np.ones_like(c)
        g = x @ W["g"] + h @ R["g"] + b["g"]  # block input
        g = np.tanh(g) if self.squashes_candidate else g
        i = sigmoid(x @ W["i"] + h @ R["i"] + p["i"] * c + b["i"]) if "i" in W else one
        f = sigmoid(x @ W["f"] + h @ R["f"] + p["f"] * c + b["f"]) if "f" in W else one
        c_new = g * i + c * f  # cell
        o = sigmoid(x @ W["o"] + h @ R["o"] + p["o"] * c_new + b["o"]) if "o" in W else one
        h_new = (np.tanh(c_new) if self.squashes_output else c_new) * o  # block output
        return h_new, (h_new, c_new)
