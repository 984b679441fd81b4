"""The recurrence of a matrix-valued state, for a chunk of timesteps at once.

S' = diag(exp(log_decay)) S + b (a^T S) + k v^T, and the output is q^T S' (`MemoryTerms`).

Within a chunk, the output of timestep t depends on the state before the chunk, and on k, v and b of
the chunk's timesteps up to t: a sum of matrix products, as in attention. What b (a^T S) adds solves
a triangular system. All decays between two timesteps are exponentials of sums of `log_decay` over
the timesteps between them, at most 0, so that they cannot overflow.

Source: Yang et al. 2024, arXiv 2406.06484 (delta rule); Dao & Gu 2024, arXiv 2405.21060 (decay).
"""

import tensorflow as tf

from zoo.cell_base.linear_step import MemoryTerms


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
    q, k, v, log_decay = (_by_head(each) for each in terms[:4])
    heads, keys, values, timesteps = k.shape[1], k.shape[3], v.shape[3], tf.shape(q)[2]
    S = tf.reshape(state, (-1, heads, keys, values))
    log_total = tf.cumsum(log_decay, 2)  # of the decay from the chunk's start up to each timestep
    log_rest = log_total[:, :, -1:] - log_total
    t = tf.range(timesteps)
    if terms.a is None or terms.b is None:
        scores = _scores(q, k, log_total, log_total, t[None] <= t[:, None])
        outputs = tf.matmul(q * tf.exp(log_total), S) + tf.matmul(scores, v)
        written, from_written = v, k
    else:
        # The rows of q and a, and those of k and b, share their products.
        left = tf.concat([q, _by_head(terms.a)], 2)
        right = tf.concat([k, _by_head(terms.b)], 2)
        log_left = tf.concat([log_total, log_total - log_decay], 2)
        earlier = tf.concat([t[None] <= t[:, None], t[None] < t[:, None]], 0)
        scores = _scores(
            left, right, log_left, tf.tile(log_total, (1, 1, 2, 1)), tf.tile(earlier, (1, 2))
        )
        from_state = tf.matmul(left * tf.exp(log_left), S)
        known = from_state[:, :, timesteps:] + tf.matmul(scores[:, :, timesteps:, :timesteps], v)
        system = tf.eye(timesteps, dtype=q.dtype) - scores[:, :, timesteps:, timesteps:]
        read = tf.linalg.triangular_solve(system, known)  # a^T S before each timestep
        written, from_written = tf.concat([v, read], 2), right
        log_rest = tf.tile(log_rest, (1, 1, 2, 1))
        outputs = from_state[:, :, :timesteps] + tf.matmul(scores[:, :, :timesteps], written)
    final = tf.linalg.matrix_transpose(tf.exp(log_total[:, :, -1:])) * S
    final += tf.matmul(from_written * tf.exp(log_rest), written, transpose_a=True)
    outputs = tf.reshape(tf.transpose(outputs, (2, 0, 1, 3)), (timesteps, -1, heads * values))
    return outputs, tf.reshape(final, (-1, heads * keys * values))


def _by_head(tensor: tf.Tensor) -> tf.Tensor:
    """Transpose (timesteps, batch, heads, width) to (batch, heads, timesteps, width)."""
    return tf.transpose(tensor, (1, 2, 0, 3))


def _scores(
    left: tf.Tensor,
    right: tf.Tensor,
    log_left: tf.Tensor,
    log_right: tf.Tensor,
    earlier: tf.Tensor,
) -> tf.Tensor:
    """Return the products of left at t and right at s, times the decay between s and t.

    Args:
        left: (batch, heads, rows, K), one row for each t.
        right: (batch, heads, columns, K), one row for each s.
        log_left: (batch, heads, rows, K or 1), the log decay from the start up to t.
        log_right: (batch, heads, columns, K or 1), the same up to s.
        earlier: bool (rows, columns), whether s is early enough to contribute to t.

    Returns:
        (batch, heads, rows, columns), zeros for later s.
    """
    if log_left.shape[-1] == 1:
        log_decay = log_left - tf.linalg.matrix_transpose(log_right)
        decay = tf.exp(tf.where(earlier, log_decay, tf.zeros_like(log_decay)))
        products = tf.matmul(left, right, transpose_b=True) * decay
    else:
        log_decay = log_left[:, :, :, None] - log_right[:, :, None]
        decay = tf.exp(tf.where(earlier[:, :, None], log_decay, tf.zeros_like(log_decay)))
        products = tf.reduce_sum(left[:, :, :, None] * right[:, :, None] * decay, -1)
    return tf.where(earlier, products, tf.zeros_like(products))
