"""Recurrences that are linear in their state: a loop, or an associative scan over all timesteps.

Such a recurrence has the form h' = decay * h + addition, where decay and addition do not depend on
h.

The loop computes one product and one sum per timestep. The associative scan composes the affine
maps h -> decay * h + addition of neighbouring timesteps; each pass over all timesteps doubles the
number of composed maps, so that log2(timesteps) passes suffice. On a CPU the loop is faster.

Both have a custom gradient: the gradient of a linear recurrence is the same recurrence in reverse,
with the decay shifted by one timestep.
"""

from collections.abc import Callable

import tensorflow as tf

# (decay, addition, initial state) -> the states of all timesteps
Recurrence = Callable[[tf.Tensor, tf.Tensor, tf.Tensor], tf.Tensor]


def linear_scan(
    decay: tf.Tensor,
    addition: tf.Tensor,
    initial: tf.Tensor,
    mask: tf.Tensor | None,
    parallel: bool,
) -> tuple[tf.Tensor, tf.Tensor]:
    """Run h' = decay * h + addition over time; the output is the state.

    Args:
        decay: (timesteps, batch, units).
        addition: (timesteps, batch, units).
        initial: initial state (batch, units).
        mask: (timesteps, batch, 1) bool, True = valid, or None.
        parallel: True runs the associative scan, False the loop.

    Returns:
        Outputs (timesteps, batch, units) and the final state (batch, units).
    """
    if mask is not None:
        decay = tf.where(mask, decay, tf.ones_like(decay))
        addition = tf.where(mask, addition, tf.zeros_like(addition))
    states = _differentiable(_associative_scan if parallel else _loop)(decay, addition, initial)
    outputs = states
    if mask is not None:  # as in every loop, outputs before the first valid timestep are zeros
        outputs = tf.where(tf.cumsum(tf.cast(mask, tf.int32)) > 0, states, tf.zeros_like(states))
    return outputs, states[-1]


def _differentiable(recurrence: Recurrence) -> Recurrence:
    """Return the recurrence with a custom gradient: the same recurrence in reverse."""

    @tf.custom_gradient
    def run(decay, addition, initial):
        states = recurrence(decay, addition, initial)

        def backward(d_states):
            # d_addition[t] = d_states[t] + decay[t + 1] * d_addition[t + 1]
            next_decay = tf.concat([decay[1:], tf.zeros_like(decay[:1])], 0)
            reversed_gradient = recurrence(
                tf.reverse(next_decay, [0]), tf.reverse(d_states, [0]), tf.zeros_like(initial)
            )
            d_addition = tf.reverse(reversed_gradient, [0])
            previous_states = tf.concat([initial[None], states[:-1]], 0)
            return d_addition * previous_states, d_addition, d_addition[0] * decay[0]

        return states, backward

    return run


def _loop(decay: tf.Tensor, addition: tf.Tensor, initial: tf.Tensor) -> tf.Tensor:
    timesteps = tf.shape(decay)[0]

    def body(t, state, states):
        state = decay[t] * state + addition[t]
        return t + 1, state, states.write(t, state)

    array = tf.TensorArray(initial.dtype, timesteps, element_shape=initial.shape)
    *_, states = tf.while_loop(
        lambda t, *_: t < timesteps, body, (0, initial, array), maximum_iterations=timesteps
    )
    return states.stack()


def _associative_scan(decay: tf.Tensor, addition: tf.Tensor, initial: tf.Tensor) -> tf.Tensor:
    """Compute all states by repeated composition.

    Before each pass, `decay` and `addition` at timestep t are the composition of the `span`
    timesteps that end at t (fewer at the start of the sequence). The pass composes them with those
    at timestep t - span.
    """
    timesteps = tf.shape(decay)[0]
    t = tf.range(timesteps)[:, None, None]

    def body(span, decay, addition):
        has_earlier = t >= span
        earlier_addition = tf.roll(addition, span, 0)
        earlier_addition = tf.where(has_earlier, earlier_addition, tf.zeros_like(addition))
        earlier_decay = tf.where(has_earlier, tf.roll(decay, span, 0), tf.ones_like(decay))
        return (
            2 * span,
            tf.ensure_shape(decay * earlier_decay, decay.shape),
            tf.ensure_shape(addition + decay * earlier_addition, addition.shape),
        )

    # 32 passes cover 2**32 timesteps.
    _, decay, addition = tf.while_loop(
        lambda span, *_: span < timesteps, body, (1, decay, addition), maximum_iterations=32
    )
    return decay * initial + addition
