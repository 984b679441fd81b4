"""The unroll factor of the training loop: timesteps per iteration of the `tf.while_loop`.

Each iteration of the loop has a fixed cost, so its body computes several timesteps. If the unroll
factor does not divide the number of timesteps, a second loop runs the remainder, one timestep per
iteration. The default is based on measurements (docs/engine.md).
"""

from typing import NamedTuple

import tensorflow as tf

MAX_UNROLL_FACTOR = 4  # of the default; each unrolled timestep adds one step to the graph


class UnrolledLoop(NamedTuple):
    """A loop over consecutive timesteps, `unroll_factor` of them per iteration.

    Attributes:
        unroll_factor: timesteps per iteration.
        iterations: number of iterations, an int or a scalar tensor.
        first_timestep: the timestep at which the loop starts, an int or a scalar tensor.
    """

    unroll_factor: int
    iterations: int | tf.Tensor
    first_timestep: int | tf.Tensor


def choose_unroll_factor(timesteps: int | None, requested: int | None = None) -> int:
    """Return the unroll factor for a sequence of `timesteps`.

    The default is 4, or 3 if 3 divides the timesteps and 4 does not, which avoids a remainder.

    Args:
        timesteps: number of timesteps; None if it is unknown when the graph is built.
        requested: unroll factor to use instead of the default; it need not divide the timesteps.

    Returns:
        The unroll factor, at most `timesteps`.
    """
    if requested:
        return min(requested, timesteps or requested)
    if timesteps is None:
        return MAX_UNROLL_FACTOR
    # A divisor avoids the remainder loop, but a factor of half the maximum or less costs more.
    for factor in range(MAX_UNROLL_FACTOR, MAX_UNROLL_FACTOR // 2, -1):
        if timesteps % factor == 0:
            return factor
    return min(MAX_UNROLL_FACTOR, timesteps)


def unrolled_loops(timesteps: int | tf.Tensor, unroll_factor: int) -> list[UnrolledLoop]:
    """Return the loops that together run over all timesteps, in order of time.

    Args:
        timesteps: number of timesteps, an int or a scalar tensor.
        unroll_factor: timesteps per iteration of the first loop.

    Returns:
        One loop; or two, unless the unroll factor is known to divide `timesteps`. The second loop
        runs the remainder, one timestep per iteration.
    """
    iterations = timesteps // unroll_factor
    remainder = timesteps - iterations * unroll_factor
    loops = [UnrolledLoop(unroll_factor, iterations, 0)]
    if unroll_factor == 1 or (isinstance(remainder, int) and remainder == 0):
        return loops
    return [*loops, UnrolledLoop(1, remainder, iterations * unroll_factor)]
