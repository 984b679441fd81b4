"""The recurrence of a matrix-valued state, for a chunk of timesteps at once.

S' = diag(exp(log_decay)) S + b (a^T S) + k v^T, and the output is q^T S' (`MemoryTerms`).

Within a chunk, the output of timestep t depends on the state before the chunk, and on k, v and b of
the chunk's timesteps up to t: a sum of matrix products, as in attention. What b (a^T S) adds solves
a triangular system. All decays between two timesteps are exponentials of sums of `log_decay` over
the timesteps between them, at most 0, so that they cannot overflow.

Source: Yang et al. 2024, arXiv 2406.06484 (delta rule); Dao & Gu 2024, arXiv 2405.21060 (decay).
"""

import tensorflow as tf

from zoo.linear_step import MemoryTerms


def mask_terms(terms: MemoryTerms, mask: tf.Tensor | None) -> MemoryTerms:
    """Return the terms with those of masked timesteps replaced: they leave the state unchanged.

    Args:
        terms: tensors (timesteps, batch, heads, ...).
        mask: (timesteps, batch, 1) bool, True = valid, or None.
    """
    if mask is None:
        return terms
    valid = mask[:, :, :, None]

    def inert(tensor):
        return None if tensor is None else tf.where(valid, tensor, tf.zeros_like(tensor))

    return terms._replace(log_decay=inert(terms.log_decay), k=inert(terms.k), b=inert(terms.b))


def memory_chunk(terms: MemoryTerms, state: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Run the recurrence over a chunk of timesteps.

    Args:
        terms: tensors (timesteps, batch, heads, ...).
        state: (batch, heads * K * V), before the first timestep.

    Returns:
        Outputs (timesteps, batch, heads * V) and the state after the last timestep.
    """
    terms = MemoryTerms(*(None if each is None else _by_head(each) for each in terms))
    q, k, v, log_decay, a, b = terms
    heads, keys, values = k.shape[1], k.shape[3], v.shape[3]
    S = tf.reshape(state, (-1, heads, keys, values))
    log_total = tf.cumsum(log_decay, 2)  # of the decay from the chunk's start up to each timestep
    log_before = log_total - log_decay
    log_rest = log_total[:, :, -1:] - log_total
    outputs = tf.matmul(q * tf.exp(log_total), S)
    outputs += tf.matmul(_scores(q, k, log_total, log_total, strict=False), v)
    final = tf.linalg.matrix_transpose(tf.exp(log_total[:, :, -1:])) * S
    final += tf.matmul(k * tf.exp(log_rest), v, transpose_a=True)
    if a is not None:
        read = tf.matmul(a * tf.exp(log_before), S)
        read += tf.matmul(_scores(a, k, log_before, log_total, strict=True), v)
        system = -_scores(a, b, log_before, log_total, strict=True)
        system += tf.eye(tf.shape(q)[2], dtype=q.dtype)
        read = tf.linalg.triangular_solve(system, read)  # a^T S before each timestep
        outputs += tf.matmul(_scores(q, b, log_total, log_total, strict=False), read)
        final += tf.matmul(b * tf.exp(log_rest), read, transpose_a=True)
    outputs = tf.transpose(outputs, (2, 0, 1, 3))
    shape = tf.shape(outputs)
    outputs = tf.reshape(outputs, (shape[0], shape[1], heads * values))
    return outputs, tf.reshape(final, (-1, heads * keys * values))


def _by_head(tensor: tf.Tensor) -> tf.Tensor:
    """Transpose (timesteps, batch, heads, width) to (batch, heads, timesteps, width)."""
    return tf.transpose(tensor, (1, 2, 0, 3))


def _scores(
    left: tf.Tensor, right: tf.Tensor, log_left: tf.Tensor, log_right: tf.Tensor, strict: bool
) -> tf.Tensor:
    """Return the products of left at t and right at s, times the decay between s and t.

    Args:
        left: (batch, heads, timesteps, K).
        right: (batch, heads, timesteps, K).
        log_left: (batch, heads, timesteps, K or 1), the log decay from the start up to t.
        log_right: the same up to s.
        strict: whether s < t; otherwise s <= t.

    Returns:
        (batch, heads, t, s), zeros for later s.
    """
    t = tf.range(tf.shape(left)[2])
    earlier = t[None] < t[:, None] if strict else t[None] <= t[:, None]
    if log_left.shape[-1] == 1:
        log_decay = log_left - tf.linalg.matrix_transpose(log_right)
        decay = tf.exp(tf.where(earlier, log_decay, tf.zeros_like(log_decay)))
        products = tf.matmul(left, right, transpose_b=True) * decay
    else:
        log_decay = log_left[:, :, :, None] - log_right[:, :, None]
        is_earlier = earlier[:, :, None]
        decay = tf.exp(tf.where(is_earlier, log_decay, tf.zeros_like(log_decay)))
        products = tf.reduce_sum(left[:, :, :, None] * right[:, :, None] * decay, -1)
    return tf.where(earlier, products, tf.zeros_like(products))
