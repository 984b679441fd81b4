"""Linear attention: a weighted mean of all values so far, as a recurrence."""

import numpy as np
from keras import ops

from zoo.cell_base.linear_cells import NormalizedMemoryCell, join_last
from zoo.cells import cells
from zoo.recurrent_cell import MemoryTerms, State, StepResult, Tensor, Weights


@cells.register(
    "linear_attention",
    paper="Katharopoulos et al. 2020, arXiv 2006.16236",
    year=2020,
    tags=("linear", "matrix_state"),
    good_for="a set of inputs whose order does not matter; a baseline for cells that forget",
    exceptions={"learning": "the state is a sum over all inputs, whatever their order"},
)
class LinearAttentionCell(NormalizedMemoryCell):
    """Linear attention: each head adds values under keys to a matrix, and divides by the keys.

    q = phi(x W_q);  k = phi(x W_k);  v = x W_v            per head; phi(z) = elu(z) + 1 > 0
    S' = S + k v^T
    n' = n + k
    y = q^T S' / (q^T n' + 1e-6)

    Output: y (batch, units). State: S (batch, units * (units / heads + 1)), one matrix per head,
    with n as its last column; elements of n must not be negative.
    Source: Katharopoulos et al. 2020, arXiv 2006.16236, equations 7, 18, 19 and 20.
    Deviations: 1e-6 in the divisor, as in the authors' code.

    Args:
        units: width of the output.
        heads: number of heads, a divisor of `units`; None: up to 4, of an even width above 3.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> layer = zoo.Recurrent("linear_attention", units=8, heads=2)
        >>> print(layer(np.ones((2, 5, 3))).shape)
        (2, 8)
    """

    gates = ("q", "k", "v")
    positive_states = ("S",)
    retention_gates = {"k": -1}

    def memory(self, x: Tensor) -> MemoryTerms:
        x = self.split(x)
        q, k = (self.by_head(ops.elu(x[gate]) + 1) for gate in "qk")
        v = self.with_one(self.by_head(x["v"]))
        return MemoryTerms(q, k, v, ops.zeros_like(q[..., :1]))

    def readout(self, x: Tensor, h: Tensor) -> Tensor:
        total, divisor = self.separate(h)
        return join_last(total / (divisor + 1e-6))

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        q, k, v = (
            z.reshape(len(x), self.heads, -1) for z in np.split(x @ weights["kernel"], 3, -1)
        )
        q, k = (np.where(z > 0, z + 1, np.exp(np.minimum(z, 0))) for z in (q, k))  # (7)
        old = self.numpy_state(state[0])
        S, n = old[..., :-1], old[..., -1]
        S, n = S + np.einsum("bhk,bhv->bhkv", k, v), n + k  # (18), (19)
        divisor = np.einsum("bhk,bhk->bh", q, n)[..., None] + 1e-6
        y = np.einsum("bhk,bhkv->bhv", q, S) / divisor  # (20)
        new = np.concatenate([S, n[..., None]], -1)
        return y.reshape(len(x), -1), (new.reshape(len(x), -1),)
