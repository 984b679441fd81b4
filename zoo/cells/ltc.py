"""Liquid time-constant network: neurons whose time constants depend on the input."""

from typing import Any

import keras
import numpy as np
from keras import ops

from zoo.cell_base.initialization import inverse_softplus
from zoo.cells import cells
from zoo.recurrent_cell import RecurrentCell, State, StepResult, Tensor, Weights, sigmoid


@cells.register(
    "ltc",
    paper="Hasani et al. 2021, arXiv 2006.04439",
    year=2021,
    tags=("continuous",),
    good_for="small models of a few dozen units, for control and irregularly sampled signals",
)
class LTCCell(RecurrentCell):
    """LTC: a differential equation of leaky neurons with a sigmoid in each synapse.

    s_x, s = w_x sigmoid(sigma_x * (x - mu_x)), w sigmoid(sigma * (v - mu))    source by target
    num, den = sum s_x E_x + sum s E, sum s_x + sum s                          sums over sources
    v <- (c v + dt (leak * rest + num)) / (c + dt (leak + den))     `solver_steps` times
    dt = elapsed / solver_steps

    Output: v (batch, units). State: v (batch, units).
    Source: Hasani, Lechner, Amini, Rus & Grosu 2021, arXiv 2006.04439, algorithm 1, and the
    authors' code. `kernel` holds the columns of E_x and of w_x.
    Deviations: w, w_x, c and leak are softplus of weights; the authors also clip them instead. No
    affine maps of inputs and outputs. E and E_x start from uniform numbers, theirs are 1 and -1.

    Args:
        units: width of the output and of the state; a step costs units^2 sigmoids per solver step.
        solver_steps: number of steps of the solver in one timestep.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> print(zoo.Recurrent("ltc", 4)(np.ones((2, 5, 3)), elapsed=np.full((2, 5), 0.5)).shape)
        (2, 4)
    """

    gates = ("E", "w")
    bias_gates, state_names = (), ("v",)
    recurrent_shape, elapsed_time = "none", True
    search_space = {"solver_steps": (3, 6)}

    def __init__(self, units: int, solver_steps: int = 6, **kwargs: Any) -> None:
        super().__init__(units, **kwargs)
        self.solver_steps = solver_steps

    def extra_weights(self) -> dict[str, Any]:
        n, uniform = self.units, keras.initializers.RandomUniform
        return {
            "mu_x": ((self.features, n), uniform(0.3, 0.8)),
            "sigma_x": ((self.features, n), uniform(3.0, 8.0)),
            "mu": ((n, n), uniform(0.3, 0.8)),
            "sigma": ((n, n), uniform(3.0, 8.0)),
            "E": ((n, n), uniform(-1.0, 1.0)),
            "w": ((n, n), inverse_softplus(0.001, 1.0)),
            "c": ((n,), inverse_softplus(0.4, 0.6)),
            "leak": ((n,), inverse_softplus(0.001, 1.0)),
            "rest": ((n,), uniform(-0.2, 0.2)),
        }

    def project(self, x: Tensor) -> Tensor:
        E, w = ops.split(self.kernel, 2, -1)
        s = ops.softplus(w) * ops.sigmoid(self.sigma_x * (x[..., None] - self.mu_x))
        return ops.concatenate([ops.sum(s * E, -2), ops.sum(s, -2)], -1)

    def step(self, x: Tensor, state: State) -> StepResult:
        v, w, c, leak = state[0], *map(ops.softplus, (self.w, self.c, self.leak))
        (num, den), dt = ops.split(x[:, :-1], 2, -1), x[:, -1:] / self.solver_steps
        for _ in range(self.solver_steps):
            s = w * ops.sigmoid(self.sigma * (v[:, :, None] - self.mu))
            flow = leak * self.rest + num + ops.sum(s * self.E, 1)
            v = (c * v + dt * flow) / (c + dt * (leak + den + ops.sum(s, 1)))
        v = self.candidate_dropout(v)
        return v, (v,)

    def reference(self, weights: Weights, x: Any, state: State, elapsed: Any = 1) -> StepResult:
        (v,), w, steps = state, dict(weights), self.solver_steps
        E_x, w_x = np.split(w["kernel"], 2, -1)
        w.update({name: np.logaddexp(0, w[name]) for name in ("w", "c", "leak")})
        s_x = np.logaddexp(0, w_x) * sigmoid(w["sigma_x"] * (x[:, :, None] - w["mu_x"]))
        for _ in range(steps):
            s, c_t = w["w"] * sigmoid(w["sigma"] * (v[:, :, None] - w["mu"])), w["c"] * steps
            num = (s * w["E"]).sum(1) + (s_x * E_x).sum(1) + w["leak"] * w["rest"]
            v = (c_t / elapsed * v + num) / (c_t / elapsed + w["leak"] + s.sum(1) + s_x.sum(1))
        return v, (v,)
