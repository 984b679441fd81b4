"""The terms of a chunk of a matrix-valued state, rewritten so that one recurrence computes them.

That recurrence has decays, k v^T and b (a^T S) only. A mask, rotations and unbounded gains are
applied to the terms before it, and to the state after it.
"""

import tensorflow as tf

from zoo.cell_base.linear_step import MemoryTerms, rotate

_NO_GAIN = -1e30  # the logarithm of a gain of zero


def mask_terms(terms: MemoryTerms, mask: tf.Tensor | None) -> MemoryTerms:
    """Return the terms with those of masked timesteps replaced: they leave the state unchanged.

    Args:
        terms: tensors (timesteps, batch, heads, ...).
        mask: (timesteps, batch, 1) bool, True = valid, or None.
    """
    if mask is None:
        return terms
    valid = mask[:, :, :, None]

    def replace(tensor, value=0.0):
        return None if tensor is None else tf.where(valid, tensor, tf.cast(value, tensor.dtype))

    return terms._replace(
        log_decay=replace(terms.log_decay),
        k=replace(terms.k),
        b=replace(terms.b),
        angle=replace(terms.angle),
        log_gain=replace(terms.log_gain, _NO_GAIN),
    )


def rotate_back(terms: MemoryTerms) -> tuple[MemoryTerms, tf.Tensor]:
    """Return the terms in coordinates that rotate with the state, in which it only decays.

    Args:
        terms: tensors (timesteps, batch, heads, ...), with `angle`.

    Returns:
        The terms without `angle`, and the angle of all timesteps together (batch, heads, K // 2).
    """
    total = tf.cumsum(terms.angle)

    def back(vector, angle):
        return None if vector is None else rotate(vector, -angle)

    terms = terms._replace(
        q=back(terms.q, total),
        k=back(terms.k, total),
        a=back(terms.a, total - terms.angle),
        b=back(terms.b, total),
        angle=None,
    )
    return terms, total[-1]


def rotate_state(S: tf.Tensor, angle: tf.Tensor) -> tf.Tensor:
    """Rotate the rows of S (batch, heads, K, V) by angles (batch, heads, K // 2)."""
    transposed = rotate(tf.linalg.matrix_transpose(S), angle[:, :, None])
    return tf.linalg.matrix_transpose(transposed)


def bound_gains(terms: MemoryTerms, log_largest: tf.Tensor) -> tuple[MemoryTerms, tf.Tensor]:
    """Return the terms of the state divided by its largest gain, so that no gain exceeds 1.

    Args:
        terms: tensors (timesteps, batch, heads, ...), with `log_gain`.
        log_largest: (batch, heads, 1), the logarithm m of the largest gain before the chunk.

    Returns:
        The terms without `log_gain`, and m after each timestep (timesteps, batch, heads, 1).
    """
    log_total = tf.cumsum(terms.log_decay)
    t = tf.range(tf.shape(log_total)[0])
    earlier = (t[None] <= t[:, None])[:, :, None, None, None]
    gains = terms.log_gain - log_total  # relative to the state before the chunk
    gains = tf.where(earlier, gains[None], tf.cast(_NO_GAIN, gains.dtype))
    largest = log_total + tf.maximum(log_largest, tf.reduce_max(gains, 1))
    before = tf.concat([log_largest[None], largest[:-1]], 0)
    terms = terms._replace(
        log_decay=terms.log_decay + before - largest,
        k=terms.k * tf.exp(terms.log_gain - largest),
        log_gain=None,
    )
    return terms, largest
