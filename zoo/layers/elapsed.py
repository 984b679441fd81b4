"""The elapsed time between timesteps, for cells that use it."""

import tensorflow as tf

from zoo.errors import RequestError
from zoo.recurrent_cell import RecurrentCell


def elapsed_column(
    cell: RecurrentCell, elapsed: tf.Tensor | None, x: tf.Tensor, mask: tf.Tensor | None
) -> tf.Tensor | None:
    """Return the elapsed times as a column of the input, or None if the cell does not use them.

    Args:
        cell: the cell of a layer.
        elapsed: (batch, timesteps), time since the previous timestep, or None for 1 everywhere.
        x: inputs (timesteps, batch, features).
        mask: (timesteps, batch, 1) bool, True = valid, or None.

    Returns:
        (timesteps, batch, 1), 1 at masked timesteps; or None.

    Raises:
        RequestError: `elapsed` is given to a cell that does not use it.
    """
    if not cell.elapsed_time:
        if elapsed is not None:
            raise RequestError(
                f"{type(cell).__name__} does not use the elapsed time. Leave out elapsed, or use a "
                "cell such as phased_lstm."
            )
        return None
    if elapsed is None:
        return tf.ones_like(x[:, :, :1])
    column = tf.cast(tf.transpose(elapsed), x.dtype)[:, :, None]
    return column if mask is None else tf.where(mask, column, tf.ones_like(column))


def reverse_elapsed(elapsed: tf.Tensor) -> tf.Tensor:
    """Return the elapsed times (timesteps, batch, 1) of the reversed sequence.

    The time between two timesteps belongs to the one that is processed second.
    """
    return tf.concat([tf.ones_like(elapsed[:1]), tf.reverse(elapsed[1:], [0])], 0)
