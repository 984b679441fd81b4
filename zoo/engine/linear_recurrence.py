"""Runs a cell that is linear in its state over all timesteps, by its `linear` or `memory`.

The decays and additions of many timesteps do not depend on the state, so they are computed at once;
`linear_scan` (a diagonal or complex state) or `matrix_memory` (a matrix-valued state) computes the
states, and the cell's `readout` the outputs. A state that is wider than the output is computed in
chunks of timesteps (`chunked`), so that it is not stored for every timestep.
"""

from collections.abc import Sequence

import tensorflow as tf

from zoo.engine.checkpointing import pad_timesteps, replaced_weights, trainable_tensors
from zoo.engine.chunked import ChunkInputs, ChunkOutputs, chunked, slice_timesteps
from zoo.engine.linear_scan import linear_scan
from zoo.engine.matrix_memory import memory_chunk
from zoo.engine.matrix_memory_terms import mask_terms
from zoo.engine.step import compute_dtype_scope
from zoo.recurrent_cell import RecurrentCell

# Timesteps of a chunk, from measurements of time and memory on a CPU (docs/engine.md).
MEMORY_CHUNK, WIDE_STATE_CHUNK = 32, 8
# A diagonal state is computed in chunks if it is at least this many times as wide as the output.
WIDE_STATE = 4


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
    state, *previous = initial
    final_previous: list[tf.Tensor] = []
    if cell.previous_gates:
        projected, final_previous = _delay(cell, projected, previous[0], latest)
    chunk = checkpoint_every or _default_chunk(cell)
    if chunk is None:
        outputs, final = _run(cell, projected, state, mask, parallel)
    else:
        outputs, final = _run_chunks(cell, projected, state, mask, parallel, chunk)
    if latest is not None:
        outputs = gather_timesteps(outputs, latest)
    return outputs, [final, *final_previous]


def _default_chunk(cell: RecurrentCell) -> int | None:
    """Return the timesteps of a chunk, or None to run all timesteps at once."""
    if cell.has_memory:
        return MEMORY_CHUNK
    return WIDE_STATE_CHUNK if cell.state_widths()[0] >= WIDE_STATE * cell.output_size else None


def _run(
    cell: RecurrentCell,
    projected: tf.Tensor,
    state: tf.Tensor,
    mask: tf.Tensor | None,
    parallel: bool,
) -> tuple[tf.Tensor, tf.Tensor]:
    """Return the outputs and the final state, computed from all timesteps at once."""
    with compute_dtype_scope(cell):
        if cell.has_memory:
            outputs, final = memory_chunk(mask_terms(cell.memory(projected), mask), state)
        else:
            decay, addition = cell.linear(projected)
            outputs, final = linear_scan(decay, addition, state, mask, parallel)
        return cell.readout(projected, outputs), final


def _run_chunks(
    cell: RecurrentCell,
    projected: tf.Tensor,
    state: tf.Tensor,
    mask: tf.Tensor | None,
    parallel: bool,
    chunk: int,
) -> tuple[tf.Tensor, tf.Tensor]:
    """Return the outputs and the final state, computed chunk by chunk."""
    timesteps = projected.shape[0] or tf.shape(projected)[0]
    projected, mask = pad_timesteps(projected, mask, chunk)

    def run_chunk(first: tf.Tensor, inputs: ChunkInputs) -> ChunkOutputs:
        mask_of_chunk = None if mask is None else slice_timesteps(mask, first, chunk)
        with replaced_weights(cell, inputs.weights):
            outputs, final = _run(
                cell, inputs.sequences[0], inputs.states[0], mask_of_chunk, parallel
            )
        return outputs, [final]

    inputs = ChunkInputs([projected], [state], trainable_tensors(cell))
    outputs, (final,) = chunked(run_chunk, inputs, chunk, cell.output_size)
    return outputs[:timesteps], final


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
    """Shift the `previous_columns` by one valid timestep.

    Args:
        cell: a built cell.
        projected: (timesteps, batch, width).
        previous: the columns before the first timestep (batch, width).
        latest: from `latest_valid`, or None without a mask.

    Returns:
        The projected inputs with the shifted columns, and a list of the final "previous" state.
    """
    columns = projected[..., cell.previous_columns()]
    if latest is not None:
        columns = tf.where(
            latest[:, :, None] >= 0, gather_timesteps(columns, latest), previous[None]
        )
    columns = tf.concat([previous[None], columns], 0)
    return cell.replace_previous(projected, columns[:-1]), [columns[-1]]
