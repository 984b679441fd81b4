"""Recurrences that are linear in a diagonal state: a loop, or an associative scan over time.

Such a recurrence has the form h' = decay * h + addition, where decay and addition do not depend on
h. A complex number is a pair of real tensors.

The loop computes one product and one sum per timestep, several timesteps per iteration. The
associative scan composes the affine maps h -> decay * h + addition of neighbouring timesteps; each
pass over all timesteps doubles the number of composed maps, so that log2(timesteps) passes suffice.
On a CPU the loop is faster.

The gradient of a linear recurrence is the same recurrence in reverse, with the conjugate decay.
"""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

import tensorflow as tf

from zoo.cell_base.linear_step import Decay
from zoo.engine.unrolling import unrolled_loops

UNROLL_FACTOR = 8  # of the loop; a timestep adds few operations to the graph

Parts: TypeAlias = tuple[tf.Tensor, ...]  # (values,), or (real parts, imaginary parts)


def linear_scan(
    decay: Decay,
    addition: tf.Tensor,
    initial: tf.Tensor,
    mask: tf.Tensor | None = None,
    parallel: bool = False,
) -> tuple[tf.Tensor, tf.Tensor]:
    """Run h' = decay * h + addition over time; a masked timestep keeps the state.

    Args:
        decay: (timesteps, batch, width), where axes may be 1 and leading axes may be missing. A
            complex decay is a pair (real part, imaginary part); then states and additions are
            [real part | imaginary part], twice as wide.
        addition: (timesteps, batch, width); the number of timesteps may be 0.
        initial: initial state (batch, width).
        mask: (timesteps, batch, 1) bool, True = valid, or None.
        parallel: True runs the associative scan, False the loop.

    Returns:
        The states of all timesteps (timesteps, batch, width), and the final state (batch, width).
    """
    parts = tuple(decay) if isinstance(decay, (tuple, list)) else (decay,)
    if parallel and mask is not None:
        (parts, addition), mask = _neutral_where_masked(parts, addition, mask), None
    forward = _associative_scan if parallel else _loop
    backward = _associative_scan_gradients if parallel else _loop_gradients

    @tf.custom_gradient
    def run(addition, initial, *decay):
        terms = _Terms(decay, addition, mask)
        history = forward(terms, initial)

        def gradient(d_states, d_final):
            gradients = backward(terms, history, d_states, d_final)
            d_decay = map(_sum_to_shape, gradients.decay, decay)
            return gradients.addition, gradients.initial, *d_decay

        return (history[1:], history[-1]), gradient

    return run(addition, initial, *parts)


class _Terms(NamedTuple):
    """The decay and the addition of all timesteps, and the mask.

    Every method returns `Parts` with as many elements as the decay has.
    """

    decay: Parts
    addition: tf.Tensor
    mask: tf.Tensor | None

    @property
    def timesteps(self) -> int | tf.Tensor:
        """The number of timesteps, a tensor if it is unknown when the graph is built."""
        known = self.addition.shape[0]
        return tf.shape(self.addition)[0] if known is None else known

    @property
    def varies_over_time(self) -> bool:
        """Whether the decay has a value for each timestep."""
        return self.decay[0].shape.rank == 3 and self.decay[0].shape[0] != 1

    def decay_at(self, t: tf.Tensor) -> Parts:
        """Return the decay at timestep t; it may have fewer axes than the state."""
        if self.decay[0].shape.rank < 3:
            return self.decay
        return tuple(part[t if self.varies_over_time else 0] for part in self.decay)

    def split(self, tensor: tf.Tensor) -> Parts:
        """Divide the last axis into real and imaginary parts, if the decay is complex."""
        return tuple(tf.split(tensor, len(self.decay), -1))

    def select(self, t: tf.Tensor, new: Parts, masked: Parts) -> Parts:
        """Return the new values, with the rows of `masked` where timestep t is masked."""
        if self.mask is None:
            return new
        return tuple(tf.where(self.mask[t], a, b) for a, b in zip(new, masked, strict=True))


class _Gradients(NamedTuple):
    """The gradients of a scan; that of the decay is not yet summed over its missing axes."""

    addition: tf.Tensor
    initial: tf.Tensor
    decay: Parts


def _join(parts: Parts) -> tf.Tensor:
    return parts[0] if len(parts) == 1 else tf.concat(parts, -1)


def _times(factor: Parts, x: Parts) -> Parts:
    if len(factor) == 1:
        return (factor[0] * x[0],)
    (p, q), (re, im) = factor, x
    return p * re - q * im, p * im + q * re


def _conjugate_times(factor: Parts, x: Parts) -> Parts:
    """Return the product of x and the conjugate of the factor."""
    if len(factor) == 1:
        return (factor[0] * x[0],)
    (p, q), (re, im) = factor, x
    return p * re + q * im, p * im - q * re


def _add(x: Parts, y: Parts) -> Parts:
    return tuple(a + b for a, b in zip(x, y, strict=True))


def _loop(terms: _Terms, initial: tf.Tensor) -> tf.Tensor:
    """Return all states (timesteps + 1, batch, width), the initial one first."""

    def timestep(t, variables):
        h, history = variables
        new = _add(_times(terms.decay_at(t), h), terms.split(terms.addition[t]))
        h = terms.select(t, new, h)
        return h, history.write(t + 1, _join(h))

    history = _array(terms, initial).write(0, initial)
    _, history = _run(terms, timestep, (terms.split(initial), history), reverse=False)
    return history.stack()


def _loop_gradients(
    terms: _Terms, history: tf.Tensor, d_states: tf.Tensor, d_final: tf.Tensor
) -> _Gradients:
    """Run the recurrence in reverse.

    Args:
        terms: the terms of the scan.
        history: all states, the initial one first.
        d_states: gradient of the states (timesteps, batch, width).
        d_final: gradient of the final state (batch, width), apart from `d_states`.
    """
    varies = terms.varies_over_time
    zeros = terms.split(tf.zeros_like(d_final))

    def timestep(t, variables):
        d_h, d_addition, d_decay = variables  # d_h: gradient of the state after timestep t
        d_h = _add(d_h, terms.split(d_states[t]))
        d_new = terms.select(t, d_h, zeros)
        d_decay_at_t = _conjugate_times(terms.split(history[t]), d_new)
        if varies:
            d_decay = tuple(a.write(t, d) for a, d in zip(d_decay, d_decay_at_t, strict=True))
        else:
            d_decay = _add(d_decay, d_decay_at_t)
        d_h = terms.select(t, _conjugate_times(terms.decay_at(t), d_h), d_h)
        return d_h, d_addition.write(t, _join(d_new)), d_decay

    # The array has one element more, so that it can be stacked if there are no timesteps.
    last = terms.timesteps
    d_addition = _array(terms, d_final).write(last, tf.zeros_like(d_final))
    d_decay = tuple(_array(terms, zero).write(last, zero) for zero in zeros) if varies else zeros
    variables = (terms.split(d_final), d_addition, d_decay)
    d_h, d_addition, d_decay = _run(terms, timestep, variables, reverse=True)
    if varies:
        d_decay = tuple(array.stack()[:-1] for array in d_decay)
    return _Gradients(d_addition.stack()[:-1], _join(d_h), d_decay)


def _array(terms: _Terms, element: tf.Tensor) -> tf.TensorArray:
    """Return an empty array for one tensor like `element` per timestep, and one more."""
    return tf.TensorArray(element.dtype, terms.timesteps + 1, element_shape=element.shape)


def _run(
    terms: _Terms, timestep: Callable[[tf.Tensor, Any], Any], variables: Any, reverse: bool
) -> Any:
    """Apply `timestep`, a function (t, variables) -> variables, at each timestep in order."""
    timesteps = terms.timesteps
    known = terms.addition.shape[0]
    for loop in unrolled_loops(timesteps, min(UNROLL_FACTOR, known or UNROLL_FACTOR)):

        def body(i, variables, loop=loop):
            for offset in range(loop.unroll_factor):
                t = loop.first_timestep + i * loop.unroll_factor + offset
                variables = timestep(timesteps - 1 - t if reverse else t, variables)
            return i + 1, variables

        _, variables = tf.while_loop(
            lambda i, _, loop=loop: i < loop.iterations,
            body,
            (0, variables),
            maximum_iterations=loop.iterations,
        )
    return variables


def _associative_scan(terms: _Terms, initial: tf.Tensor) -> tf.Tensor:
    """Return the states as `_loop` does; the terms have no mask."""
    decay = terms.decay
    if terms.varies_over_time:  # the initial state is the addition of a timestep before the first
        decay = tuple(tf.pad(part, ((1, 0), (0, 0), (0, 0))) for part in decay)
    addition = terms.split(tf.concat([initial[None], terms.addition], 0))
    return _join(_compose(decay, addition, terms.varies_over_time, reverse=False))


def _associative_scan_gradients(
    terms: _Terms, history: tf.Tensor, d_states: tf.Tensor, d_final: tf.Tensor
) -> _Gradients:
    """Return the gradients as `_loop_gradients` does; the terms have no mask."""
    # d_history[t] += conjugate(decay[t]) * d_history[t + 1]
    decay = tuple(tf.math.negative(part) if i else part for i, part in enumerate(terms.decay))
    if terms.varies_over_time:
        decay = tuple(tf.pad(part, ((0, 1), (0, 0), (0, 0))) for part in decay)
    d_history = tf.pad(d_states, ((1, 0), (0, 0), (0, 0)))
    d_history = tf.concat([d_history[:-1], d_history[-1:] + d_final], 0)
    parts = _compose(decay, terms.split(d_history), terms.varies_over_time, reverse=True)
    d_decay = _conjugate_times(terms.split(history[:-1]), tuple(part[1:] for part in parts))
    d_history = _join(parts)
    return _Gradients(d_history[1:], d_history[0], d_decay)


def _compose(decay: Parts, addition: Parts, varies_over_time: bool, reverse: bool) -> Parts:
    """Compute all states, from a zero initial state, by repeated composition.

    Before each pass, `decay` and `addition` at timestep t are the composition of the `span`
    timesteps that end at t (in reverse: that start at t), fewer at the end of the sequence where
    the recurrence starts. The pass composes them with those of the `span` timesteps before.
    """
    timesteps = tf.shape(addition[0])[0]
    t = tf.range(timesteps)[:, None, None]
    if reverse:
        t = timesteps - 1 - t

    def earlier(parts, span):
        return tuple(tf.roll(part, -span if reverse else span, 0) for part in parts)

    def body(span, decay, addition):
        earlier_addition = _times(decay, earlier(addition, span))
        earlier_addition = tuple(
            tf.where(t >= span, part, tf.zeros_like(part)) for part in earlier_addition
        )
        # Where no earlier timesteps are left, the decay is not read again.
        new_decay = _times(decay, earlier(decay, span) if varies_over_time else decay)
        return 2 * span, _like(new_decay, decay), _like(_add(addition, earlier_addition), addition)

    # 32 passes cover 2**32 timesteps.
    *_, addition = tf.while_loop(
        lambda span, *_: span < timesteps, body, (1, decay, addition), maximum_iterations=32
    )
    return addition


def _neutral_where_masked(
    decay: Parts, addition: tf.Tensor, mask: tf.Tensor
) -> tuple[Parts, tf.Tensor]:
    """Return the decay and the addition with 1 and 0 at masked timesteps: they keep the state."""
    neutral = (1.0, 0.0)[: len(decay)]
    decay = tuple(
        tf.where(mask, part, value * tf.ones_like(part))
        for part, value in zip(decay, neutral, strict=True)
    )
    return decay, tf.where(mask, addition, tf.zeros_like(addition))


def _like(parts: Parts, expected: Parts) -> Parts:
    """Return parts with the static shapes of others, which `tf.roll` loses."""
    return tuple(tf.ensure_shape(a, b.shape) for a, b in zip(parts, expected, strict=True))


def _sum_to_shape(gradient: tf.Tensor, like: tf.Tensor) -> tf.Tensor:
    """Sum a gradient over the axes along which `like` was broadcast."""
    missing = gradient.shape.rank - like.shape.rank
    if missing > 0:
        gradient = tf.reduce_sum(gradient, range(missing))
    while gradient.shape.rank < like.shape.rank:  # of a decay (1, batch, width)
        gradient = gradient[None]
    sizes = zip(gradient.shape, like.shape, strict=True)
    axes = [axis for axis, (size, expected) in enumerate(sizes) if expected == 1 and size != 1]
    return tf.reduce_sum(gradient, axes, keepdims=True) if axes else gradient
