"""Liquid time-constant network: neurons whose time constants depend on the input."""

from typing import Any

import keras
import numpy as np
from keras import ops

from zoo.cells import cells
from zoo.errors import RequestError
from zoo.recurrent_cell import RecurrentCell, State, StepResult, Tensor, Weight, Weights, sigmoid


def _inverse_softplus(low: float, high: float) -> Any:
    """Return an initializer of a with softplus(a) uniform in [low, high]."""

    def initialize(shape: tuple[int, ...], dtype: Any = None) -> Tensor:
        return ops.log(ops.expm1(keras.random.uniform(shape, low, high, dtype)))

    return initialize


@cells.register(
    "ltc",
    paper="Hasani et al. 2021, arXiv 2006.04439",
    year=2021,
    tags=("continuous",),
    good_for="small models of a few dozen units, for control and irregularly sampled signals",
)
class LTCCell(RecurrentCell):
    """LTC: a differential equation of leaky neurons with a sigmoid in each synapse.

    act(v, mu, sigma) = sigmoid(sigma * (v - mu))        of each source and target; sums: of sources
    num_x, den_x = sum w_x E_x act(x, mu_x, sigma_x), sum w_x act(x, mu_x, sigma_x)
    num, den = num_x + sum w E act(v, mu, sigma), den_x + sum w act(v, mu, sigma)
    v <- (c v + dt (leak * rest + num)) / (c + dt (leak + den))     `solver_steps` times
    dt = elapsed / solver_steps

    Output: v (batch, units). State: v (batch, units).
    Source: Hasani, Lechner, Amini, Rus & Grosu 2021, arXiv 2006.04439, algorithm 1, and the
    authors' code. The columns of `kernel` are E_x and w_x.
    Deviations: w, w_x, c and leak are the softplus of weights; the authors clip them after each
    update, or do the same. No affine maps of inputs and outputs; initial E_x from
    `kernel_initializer` instead of 1 and -1.

    Args:
        units: width of the output and of the state; time and memory of a step grow with its square.
        solver_steps: number of steps of the solver in one timestep.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> print(zoo.Recurrent("ltc", 4)(np.ones((2, 5, 3)), elapsed=np.full((2, 5), 0.5)).shape)
        (2, 4)
    """

    gates = ("E", "w")
    bias_gates = ()
    state_names = ("v",)
    recurrent_shape = "none"
    elapsed_time = True
    search_space = {"solver_steps": (3, 6)}

    def __init__(self, units: int, solver_steps: int = 6, **kwargs: Any) -> None:
        super().__init__(units, **kwargs)
        if not isinstance(solver_steps, int) or solver_steps < 1:
            raise RequestError(f"solver_steps={solver_steps!r} is not a positive integer. Try 6.")
        self.solver_steps = solver_steps

    def extra_weights(self) -> dict[str, Any]:
        uniform, n, d = keras.initializers.RandomUniform, self.units, self.features
        signs = keras.initializers.RandomUniform(-1.0, 2.0)  # twice as many positive ones
        return {
            "w": ((n, n), _inverse_softplus(0.001, 1.0)),
            "E": Weight((n, n), lambda shape, dtype=None: ops.sign(signs(shape, dtype))),
            "mu": ((n, n), uniform(0.3, 0.8)),
            "sigma": ((n, n), uniform(3.0, 8.0)),
            "mu_x": ((d, n), uniform(0.3, 0.8)),
            "sigma_x": ((d, n), uniform(3.0, 8.0)),
            "c": ((n,), _inverse_softplus(0.4, 0.6)),
            "leak": ((n,), _inverse_softplus(0.001, 1.0)),
            "rest": ((n,), uniform(-0.2, 0.2)),
        }

    def project(self, x: Tensor) -> Tensor:
        E, w = ops.split(self.kernel, 2, -1)
        open_ = ops.softplus(w) * ops.sigmoid(self.sigma_x * (x[..., None] - self.mu_x))
        return ops.concatenate([ops.sum(open_ * E, -2), ops.sum(open_, -2)], -1)

    def step(self, x: Tensor, state: State) -> StepResult:
        (v,) = state
        num_x, den_x = ops.split(x[:, :-1], 2, -1)
        dt = x[:, -1:] / self.solver_steps
        w, c, leak = ops.softplus(self.w), ops.softplus(self.c), ops.softplus(self.leak)
        for _ in range(self.solver_steps):
            open_ = w * ops.sigmoid(self.sigma * (v[:, :, None] - self.mu))
            num, den = num_x + ops.sum(open_ * self.E, 1), den_x + ops.sum(open_, 1)
            v = (c * v + dt * (leak * self.rest + num)) / (c + dt * (leak + den))
        v = self.candidate_dropout(v)
        return v, (v,)

    def reference(self, weights: Weights, x: Any, state: State, elapsed: Any = 1) -> StepResult:
        (v,) = state
        E_x, w_x = np.split(weights["kernel"], 2, -1)
        w_x, w, c, leak = (
            np.logaddexp(0, each) for each in (w_x, weights["w"], weights["c"], weights["leak"])
        )
        f_x = w_x * sigmoid(weights["sigma_x"] * (x[:, :, None] - weights["mu_x"]))
        c_t = c / (elapsed / self.solver_steps)
        for _ in range(self.solver_steps):
            f = w * sigmoid(weights["sigma"] * (v[:, :, None] - weights["mu"]))
            numerator = c_t * v + leak * weights["rest"] + (f * weights["E"]).sum(1)
            denominator = c_t + leak + f.sum(1)
            v = (numerator + (f_x * E_x).sum(1)) / (denominator + f_x.sum(1))
        return v, (v,)
