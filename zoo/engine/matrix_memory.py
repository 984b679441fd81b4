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
from zoo.engine.matrix_memory_scores import scores_over_time
from zoo.engine.matrix_memory_terms import bound_gains, rotate_back, rotate_state


def memory_chunk(terms: MemoryTerms, state: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Run the recurrence over a chunk of timesteps.

    Args:
        terms: tensors (timesteps, batch, heads, ...).
        state: (batch, width), before the first timestep; see `memory_step`.

    Returns:
        Outputs (timesteps, batch, width) and the state after the last timestep; see `memory_step`.
    """
    heads, keys, values = terms.k.shape[2], terms.k.shape[3], terms.v.shape[3]
    width, angle, largest = heads * keys * values, None, None
    if terms.angle is not None:
        terms, angle = rotate_back(terms)
    if terms.log_gain is not None:
        terms, largest = bound_gains(terms, state[:, width:, None])
    outputs, S = _decaying_chunk(terms, tf.reshape(state[:, :width], (-1, heads, keys, values)))
    if angle is not None:
        S = rotate_state(S, angle)
    outputs = tf.transpose(outputs, (2, 0, 1, 3))
    outputs = tf.reshape(outputs, (outputs.shape[0] or -1, tf.shape(state)[0], heads * values))
    final = tf.reshape(S, (-1, width))
    if largest is None:
        return outputs, final
    largest = largest[..., 0]
    return tf.concat([outputs, largest], -1), tf.concat([final, largest[-1]], -1)


def _decaying_chunk(terms: MemoryTerms, S: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Run the recurrence without rotation and gain.

    Args:
        terms: tensors (timesteps, batch, heads, ...).
        S: (batch, heads, K, V), before the first timestep.

    Returns:
        Outputs (batch, heads, timesteps, V) and S after the last timestep.
    """
    q, k, v, log_decay = (_by_head(each) for each in terms[:4])
    timesteps = tf.shape(q)[2]
    log_total = tf.cumsum(log_decay, 2)  # of the decay from the chunk's start up to each timestep
    t = tf.range(timesteps)
    up_to, before = t[None] <= t[:, None], t[None] < t[:, None]
    reads_old = terms.bonus is not None
    log_read, read_at = (log_total - log_decay, before) if reads_old else (log_total, up_to)
    if terms.a is None or terms.b is None:
        scores = scores_over_time(q, k, log_read, log_total, read_at, q.shape[2])
        outputs = tf.matmul(q * tf.exp(log_read), S) + tf.matmul(scores, v)
        written, from_written, log_written = v, k, log_total
    else:
        # The rows of q and a, and those of k and b, share their products.
        left, right = tf.concat([q, _by_head(terms.a)], 2), tf.concat([k, _by_head(terms.b)], 2)
        log_left = tf.concat([log_read, log_total - log_decay], 2)
        log_written = tf.tile(log_total, (1, 1, 2, 1))
        earlier = tf.tile(tf.concat([read_at, before], 0), (1, 2))
        scores = scores_over_time(left, right, log_left, log_written, earlier, q.shape[2])
        from_state = tf.matmul(left * tf.exp(log_left), S)
        known = from_state[:, :, timesteps:] + tf.matmul(scores[:, :, timesteps:, :timesteps], v)
        system = tf.eye(timesteps, dtype=q.dtype) - scores[:, :, timesteps:, timesteps:]
        read = tf.linalg.triangular_solve(system, known)  # a^T S before each timestep
        written, from_written = tf.concat([v, read], 2), right
        outputs = from_state[:, :, :timesteps] + tf.matmul(scores[:, :, :timesteps], written)
    if reads_old:
        outputs += _by_head(tf.reduce_sum(terms.q * terms.bonus * terms.k, -1, keepdims=True)) * v
    final = tf.linalg.matrix_transpose(tf.exp(log_total[:, :, -1:])) * S
    rest = tf.exp(log_total[:, :, -1:] - log_written)
    final += tf.matmul(from_written * rest, written, transpose_a=True)
    return outputs, final


def _by_head(tensor: tf.Tensor) -> tf.Tensor:
    """Transpose (timesteps, batch, heads, width) to (batch, heads, timesteps, width)."""
    return tf.transpose(tensor, (1, 2, 0, 3))
