"""Runs a cell that is linear in its state over all timesteps, by its `linear` or `memory`.

The decays and additions of all timesteps do not depend on the state, so they are computed at once;
`linear_scan` (a diagonal or complex state) or `matrix_memory` (a matrix-valued state) computes the
states, and the cell's `readout` the outputs of all timesteps.
"""

from collections.abc import Sequence

import tensorflow as tf
from keras.src.backend.common.variables import AutocastScope  # not in the public API of Keras 3.15

from zoo.engine.linear_scan import linear_scan
from zoo.recurrent_cell import RecurrentCell


def linear_recurrence(
    cell: RecurrentCell,
    projected: tf.Tensor,
    initial: Sequence[tf.Tensor],
    mask: tf.Tensor | None,
    parallel: bool = False,
    checkpoint_every: int | None = None,
) -> tuple[tf.Tensor, list[tf.Tensor]]:
    """Run a cell with `linear` or `memory` over time, differentiable in all inputs.

    Args:
        cell: a built cell.
        projected: projected inputs (timesteps, batch, width), from `step.project`.
        initial: one (batch, width) tensor per state.
        mask: (timesteps, batch, 1) bool, True = valid, or None.
        parallel: whether a diagonal state is computed by an associative scan.
        checkpoint_every: timesteps between stored states; None: automatic.

    Returns:
        Outputs (timesteps, batch, output_size) and a list of the final states.
    """
    latest = None if mask is None else latest_valid(mask)
    (state, *previous), final_previous = initial, []
    if cell.previous_gates:
        projected, final_previous = _delay(cell, projected, previous[0], latest)
    with AutocastScope(cell.compute_dtype):
        decay, addition = cell.linear(projected)
        states, final = linear_scan(decay, addition, state, mask, parallel)
        outputs = cell.readout(projected, states)
    if latest is not None:
        outputs = gather_timesteps(outputs, latest)
    return outputs, [final, *final_previous]


def latest_valid(mask: tf.Tensor) -> tf.Tensor:
    """Return for each timestep the latest valid timestep up to it, or -1.

    Args:
        mask: (timesteps, batch, 1) bool, True = valid.

    Returns:
        int32 (timesteps, batch).
    """
    timesteps = tf.shape(mask)[0]
    t = tf.range(timesteps)[:, None]
    latest = tf.where(mask[:, :, 0], t, -1)

    def body(span, latest):  # each pass doubles the number of timesteps that are looked at
        earlier = tf.where(t >= span, tf.roll(latest, span, 0), -1)
        return 2 * span, tf.ensure_shape(tf.maximum(latest, earlier), latest.shape)

    _, latest = tf.while_loop(
        lambda span, _: span < timesteps, body, (1, latest), maximum_iterations=32
    )
    return latest


def gather_timesteps(tensor: tf.Tensor, t: tf.Tensor) -> tf.Tensor:
    """Return for each timestep and row the values of another timestep; zeros for a negative one.

    Args:
        tensor: (timesteps, batch, width).
        t: int32 (timesteps, batch).
    """
    rows = tf.broadcast_to(tf.range(tf.shape(t)[1])[None], tf.shape(t))
    gathered = tf.gather_nd(tensor, tf.stack([tf.maximum(t, 0), rows], -1))
    gathered = tf.where(t[:, :, None] >= 0, gathered, tf.zeros_like(gathered))
    return tf.ensure_shape(gathered, tensor.shape)


def _delay(
    cell: RecurrentCell, projected: tf.Tensor, previous: tf.Tensor, latest: tf.Tensor | None
) -> tuple[tf.Tensor, list[tf.Tensor]]:
    """Shift the columns of `previous_gates` by one valid timestep.

    Args:
        cell: a built cell.
        projected: (timesteps, batch, width).
        previous: the columns before the first timestep (batch, width).
        latest: from `latest_valid`, or None without a mask.

    Returns:
        The projected inputs with the shifted columns, and a list of the final "previous" state.
    """
    columns = projected[..., cell.input_columns(*cell.previous_gates)]
    if latest is not None:
        columns = tf.where(
            latest[:, :, None] >= 0, gather_timesteps(columns, latest), previous[None]
        )
    columns = tf.concat([previous[None], columns], 0)
    return cell.replace_previous(projected, columns[:-1]), [columns[-1]]
