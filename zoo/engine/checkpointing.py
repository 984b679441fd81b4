"""Gradient checkpointing (rematerialization): training on long sequences in bounded memory.

`scan` records several tensors per timestep for its backward pass. `checkpointed_scan` divides the
sequence into segments of `checkpoint_every` timesteps, and its forward pass stores only the states
between them (the checkpoints). The backward pass visits the segments from the last to the first: it
runs `scan` on a segment again, from its checkpoint, and differentiates this second run. Memory
holds the inputs, the outputs, the checkpoints, and the recording of one segment; the work of the
forward pass doubles.

Dropout masks are functions of key and timestep (`dropout`), so the second run draws the same masks.
"""

import functools
from collections.abc import Sequence

import keras
import tensorflow as tf

from zoo.engine.chunked import ChunkInputs, ChunkOutputs, chunked, slice_timesteps
from zoo.engine.dropout import Regularization
from zoo.engine.loops import zero_output
from zoo.engine.scan import scan
from zoo.engine.step import compute_dtype_scope, project
from zoo.recurrent_cell import RecurrentCell

# If a scan would record more bytes, gradient checkpointing is on by default.
MAX_RECORDED_BYTES = 2**30


def default_interval(cell: RecurrentCell, shape: Sequence[int | None]) -> int | None:
    """Return the default timesteps between checkpoints, or None for no gradient checkpointing.

    Args:
        cell: a built cell.
        shape: shape (timesteps, batch, ...) of the input.

    Returns:
        None if the recording of the whole sequence is small enough, or the shape is unknown when
        the graph is built. Otherwise an interval near the square root of the timesteps, which
        minimizes the sum of checkpoints and timesteps per segment; a divisor of the timesteps if
        one is near.
    """
    timesteps, batch = shape[:2]
    if timesteps is None or batch is None:
        return None
    # Per timestep and row: projected inputs, products and their gradients; the states.
    floats = 3 * cell.kernel.shape[-1] + sum(cell.state_widths())
    if timesteps * batch * floats * tf.as_dtype(cell.compute_dtype).size <= MAX_RECORDED_BYTES:
        return None
    root = round(timesteps**0.5)
    return next((size for size in range(root, 2 * root) if timesteps % size == 0), root)


def checkpointed_scan(
    cell: RecurrentCell,
    x: tf.Tensor,
    initial: Sequence[tf.Tensor],
    mask: tf.Tensor | None,
    regularization: Regularization,
    checkpoint_every: int,
    unroll_factor: int | None = None,
    column_blocks: bool = True,
) -> tuple[tf.Tensor, list[tf.Tensor]]:
    """Return what `scan.scan` returns, with gradient checkpointing.

    Args:
        cell: a built cell.
        x: inputs (timesteps, batch, features), not projected; each segment projects its own.
        initial: one (batch, width) tensor per state.
        mask: (timesteps, batch, 1) bool, True = valid, or None.
        regularization: dropout and zoneout of this call.
        checkpoint_every: timesteps of a segment, which need not divide those of `x`.
        unroll_factor: as in `scan.scan`.
        column_blocks: as in `scan.scan`.
    """
    padded, mask = pad_timesteps(x, mask, checkpoint_every)
    run = functools.partial(scan, unroll_factor=unroll_factor, column_blocks=column_blocks)

    def run_segment(first: tf.Tensor, inputs: ChunkInputs) -> ChunkOutputs:
        last_output, *states = inputs.states
        segment = regularization.segment(first, checkpoint_every)
        valid = None if mask is None else slice_timesteps(mask, first, checkpoint_every)
        with replaced_weights(cell, inputs.weights):
            x = project(cell, inputs.sequences[0])
            outputs, final = run(cell, x, states, valid, segment, last_output=last_output)
        return outputs, [outputs[-1], *final]

    states = [zero_output(cell, initial), *initial]
    inputs = ChunkInputs([tf.cast(padded, cell.compute_dtype)], states, trainable_tensors(cell))
    outputs, (_, *final) = chunked(run_segment, inputs, checkpoint_every, cell.output_size)
    return outputs[: x.shape[0] or tf.shape(x)[0]], final


def trainable_tensors(cell: RecurrentCell) -> list[tf.Tensor]:
    """Return the values of the cell's trainable weights."""
    with compute_dtype_scope(cell):
        return [tf.convert_to_tensor(weight.value) for weight in cell.trainable_weights]


def replaced_weights(cell: RecurrentCell, tensors: Sequence[tf.Tensor]) -> keras.StatelessScope:
    """Return a context in which the cell reads `tensors` in place of its trainable weights."""
    with compute_dtype_scope(cell):  # in which Keras casts the tensors
        return keras.StatelessScope(
            state_mapping=list(zip(cell.trainable_weights, tensors, strict=True))
        )


def pad_timesteps(
    x: tf.Tensor, mask: tf.Tensor | None, multiple: int
) -> tuple[tf.Tensor, tf.Tensor | None]:
    """Append masked timesteps, so that the number of timesteps is a multiple of `multiple`.

    Args:
        x: (timesteps, batch, width).
        mask: (timesteps, batch, 1) bool, True = valid, or None.
        multiple: the number that divides the new number of timesteps.
    """
    missing = -(x.shape[0] or tf.shape(x)[0]) % multiple
    if isinstance(missing, int) and missing == 0:
        return x, mask
    if mask is None:
        mask = tf.ones((*tf.unstack(tf.shape(x)[:2]), 1), tf.bool)
    padding = ((0, missing), (0, 0), (0, 0))
    return tf.pad(x, padding), tf.pad(mask, padding)
