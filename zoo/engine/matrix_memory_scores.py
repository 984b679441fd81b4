"""Products of vectors of two timesteps, times the decay of a matrix-valued state between them.

With one decay per head, the decays of all pairs of timesteps are one matrix. With a decay for each
key channel, there is such a matrix for each channel. They are computed for pairs within a block of
timesteps only: between blocks, the decay is a product of two, up to the start of the later block
and from there, so that the sum over the channels is a matrix product. No exponent is above 0.
"""

import tensorflow as tf

_BLOCK = 8  # timesteps


def scores_over_time(
    left: tf.Tensor,
    right: tf.Tensor,
    log_left: tf.Tensor,
    log_right: tf.Tensor,
    earlier: tf.Tensor,
    timesteps: int | None,
) -> tf.Tensor:
    """Return the products of left at t and right at s, times the decay between s and t.

    With a decay for each channel, rows and columns may hold several vectors for each timestep: the
    first ones of all timesteps, then the second ones.

    Args:
        left: (batch, heads, rows, K), one row for each t.
        right: (batch, heads, columns, K), one row for each s.
        log_left: (batch, heads, rows, K or 1), the log decay from the start up to t.
        log_right: (batch, heads, columns, K or 1), the same up to s.
        earlier: bool (rows, columns), whether s is early enough to contribute to t.
        timesteps: number of timesteps, a divisor of rows and columns; None: unknown.

    Returns:
        (batch, heads, rows, columns), zeros for later s.
    """
    if log_left.shape[-1] != 1:
        if timesteps is None or timesteps <= _BLOCK:
            return _scores_of_pairs(left, right, log_left, log_right, earlier)
        return _scores_of_blocks(left, right, log_left, log_right, earlier, timesteps)
    log_decay = log_left - tf.linalg.matrix_transpose(log_right)
    decay = tf.exp(tf.where(earlier, log_decay, tf.zeros_like(log_decay)))
    products = tf.matmul(left, right, transpose_b=True) * decay
    return tf.where(earlier, products, tf.zeros_like(products))


def _scores_of_pairs(
    left: tf.Tensor,
    right: tf.Tensor,
    log_left: tf.Tensor,
    log_right: tf.Tensor,
    earlier: tf.Tensor,
) -> tf.Tensor:
    """Return `scores_over_time` from the decay of each pair of timesteps and each channel."""
    log_decay = log_left[:, :, :, None] - log_right[:, :, None]
    decay = tf.exp(tf.where(earlier[:, :, None], log_decay, tf.zeros_like(log_decay)))
    products = tf.reduce_sum(left[:, :, :, None] * right[:, :, None] * decay, -1)
    return tf.where(earlier, products, tf.zeros_like(products))


def _scores_of_blocks(
    left: tf.Tensor,
    right: tf.Tensor,
    log_left: tf.Tensor,
    log_right: tf.Tensor,
    earlier: tf.Tensor,
    timesteps: int,
) -> tf.Tensor:
    """Return `scores_over_time` from the decays within blocks and those to the start of a block."""
    rows, columns = left.shape[2] // timesteps, right.shape[2] // timesteps
    outer = tf.shape(left)[0], left.shape[1]

    def part(tensor: tf.Tensor, start: int, stop: int) -> tf.Tensor:
        return _rows_of_timesteps(tensor, timesteps, start, stop)

    pairs = tf.reshape(earlier, (rows, timesteps, columns, timesteps))
    scores = []
    for start in range(0, timesteps, _BLOCK):
        size = min(_BLOCK, timesteps - start)
        stop = start + size
        vectors, log_vectors = part(left, start, stop), part(log_left, start, stop)
        shape = (*outer, rows, size, columns)
        inside = _scores_of_pairs(
            vectors,
            part(right, start, stop),
            log_vectors,
            part(log_right, start, stop),
            tf.reshape(pairs[:, start:stop, :, start:stop], (rows * size, columns * size)),
        )
        blocks = [tf.reshape(inside, (*shape, size))]
        if start:
            log_start = log_right[:, :, start - 1 : start]
            products = tf.matmul(
                vectors * tf.exp(log_vectors - log_start),
                part(right, 0, start) * tf.exp(log_start - part(log_right, 0, start)),
                transpose_b=True,
            )
            blocks.insert(0, tf.reshape(products, (*shape, start)))
        scores.append(tf.concat([*blocks, tf.zeros((*shape, timesteps - stop), left.dtype)], -1))
    return tf.reshape(tf.concat(scores, 3), (*outer, rows * timesteps, columns * timesteps))


def _rows_of_timesteps(tensor: tf.Tensor, timesteps: int, start: int, stop: int) -> tf.Tensor:
    """Return the rows of all vectors at the timesteps from `start` up to `stop`, without it.

    Args:
        tensor: (batch, heads, vectors * timesteps, K).
        timesteps: the number of timesteps.
        start: the first timestep.
        stop: the timestep after the last one.

    Returns:
        (batch, heads, vectors * (stop - start), K).
    """
    outer, keys = (tf.shape(tensor)[0], tensor.shape[1]), tensor.shape[3]
    by_time = tf.reshape(tensor, (*outer, -1, timesteps, keys))[:, :, :, start:stop]
    return tf.reshape(by_time, (*outer, -1, keys))
