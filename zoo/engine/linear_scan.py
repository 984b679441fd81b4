"""Cells that are linear in their state, h' = decay * h + addition: a loop of three operations a timestep, or a scan.

Both have the gradient that such a recurrence has: the same recurrence, backwards in time.
"""

import tensorflow as tf


def linear_scan(decay, addition, initial, mask, parallel):
    """decay, addition (timesteps, batch, units), initial (batch, units), mask (timesteps, batch, 1) bool or None.

    parallel: as an associative scan, log2(timesteps) passes over all timesteps at once. On a CPU the loop is faster.
    Returns outputs (timesteps, batch, units) and the final state.
    """
    if mask is not None:
        decay, addition = (
            tf.where(mask, decay, tf.ones_like(decay)),
            tf.where(mask, addition, tf.zeros_like(addition)),
        )
    states = _linear(decay, addition, initial, _doubling if parallel else _loop)
    outputs = states
    if mask is not None:  # as in every loop: zeros before the first valid timestep
        outputs = tf.where(tf.cumsum(tf.cast(mask, tf.int32)) > 0, states, tf.zeros_like(states))
    return outputs, states[-1]


def _linear(decay, addition, initial, way):
    @tf.custom_gradient
    def run(decay, addition, initial):
        states = way(decay, addition, initial)

        def backward(d_states):
            after = tf.concat([decay[1:], tf.zeros_like(decay[:1])], 0)
            transposed = way(
                tf.reverse(after, [0]), tf.reverse(d_states, [0]), tf.zeros_like(initial)
            )
            d_addition = tf.reverse(transposed, [0])
            return (
                d_addition * tf.concat([initial[None], states[:-1]], 0),
                d_addition,
                d_addition[0] * decay[0],
            )

        return states, backward

    return run(decay, addition, initial)


def _loop(decay, addition, initial):
    steps = tf.shape(decay)[0]

    def body(t, state, states):
        state = decay[t] * state + addition[t]
        return t + 1, state, states.write(t, state)

    array = tf.TensorArray(initial.dtype, steps, element_shape=initial.shape)
    *_, states = tf.while_loop(
        lambda t, *_: t < steps, body, (0, initial, array), maximum_iterations=steps
    )
    return states.stack()


def _doubling(decay, addition, initial):
    """After each pass, `decay` and `addition` tell of twice as many timesteps up to their own."""
    steps = tf.shape(decay)[0]
    time = tf.range(steps)[:, None, None]

    def body(reach, decay, addition):
        known = time >= reach
        before = tf.where(known, tf.roll(addition, reach, 0), tf.zeros_like(addition))
        further = tf.where(known, tf.roll(decay, reach, 0), tf.ones_like(decay))
        return (
            2 * reach,
            tf.ensure_shape(decay * further, decay.shape),
            tf.ensure_shape(addition + decay * before, addition.shape),
        )

    _, decay, addition = tf.while_loop(
        lambda reach, *_: reach < steps, body, (1, decay, addition), maximum_iterations=32
    )
    return decay * initial + addition
