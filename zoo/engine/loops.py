"""Loops over time without a custom gradient: for inference, export and unrolling.

`while_loop` is a `tf.while_loop` of any number of timesteps. `python_loop` unrolls a known number
of timesteps into the graph. TensorFlow differentiates both. Training uses `scan.scan`.
"""

from collections.abc import Callable, Sequence

import tensorflow as tf

from zoo.cell_base.step_context import MatrixColumns, Product
from zoo.engine.block_diagonal import make_kernel
from zoo.engine.dropout import Regularization
from zoo.engine.tracing import step_trace
from zoo.recurrent_cell import RecurrentCell


def select(
    mask: tf.Tensor | None, new: Sequence[tf.Tensor], old: Sequence[tf.Tensor]
) -> list[tf.Tensor]:
    """Return the new tensors, with the rows of the old ones where the mask is False.

    Args:
        mask: (batch, 1) bool, True = valid, or None.
        new: (batch, width) tensors.
        old: tensors of the same shapes.
    """
    if mask is None:
        return list(new)
    return [tf.where(mask, n, o) for n, o in zip(new, old, strict=True)]


def zero_output(cell: RecurrentCell, states: Sequence[tf.Tensor]) -> tf.Tensor:
    """Return zeros (batch, output_size), the output before the first valid timestep."""
    if states[0].shape[-1] == cell.output_size:
        return tf.zeros_like(states[0])
    rows = states[0].shape[0]
    zeros = tf.zeros((tf.shape(states[0])[0], cell.output_size), states[0].dtype)
    return tf.ensure_shape(zeros, (rows, cell.output_size))


def kernel_blocks(
    cell: RecurrentCell, regularization: Regularization
) -> dict[MatrixColumns, tf.Tensor]:
    """Slice the matrices of a step's products into the blocks of columns that the products use.

    Args:
        cell: a built cell.
        regularization: returns the matrices, after weight drop in training.

    Returns:
        Columns -> block (rows, width); empty if the step computes no recurrent product.
    """
    products = step_trace(cell).products
    names = dict.fromkeys(columns.name for columns in products)
    matrices = {name: regularization.matrix(name) for name in names}
    return {columns: _block(matrices[columns.name], columns) for columns in dict.fromkeys(products)}


def _block(matrix: tf.Tensor, columns: MatrixColumns) -> tf.Tensor:
    is_whole = columns.stop - columns.start == matrix.shape[-1]
    return matrix if is_whole else matrix[:, columns.start : columns.stop]


def while_loop(
    cell: RecurrentCell,
    projected: tf.Tensor,
    initial: Sequence[tf.Tensor],
    mask: tf.Tensor | None,
    regularization: Regularization,
) -> tuple[tf.Tensor, list[tf.Tensor]]:
    """Run a cell over time in a `tf.while_loop`, one timestep per iteration.

    Args:
        cell: a built cell.
        projected: projected inputs (timesteps, batch, width).
        initial: one (batch, width) tensor per state.
        mask: (timesteps, batch, 1) bool, True = valid, or None.
        regularization: dropout and zoneout of this call.

    Returns:
        Outputs (timesteps, batch, output_size) and a list of the final states.
    """
    blocks = kernel_blocks(cell, regularization)
    kernels = {key: make_kernel(cell, key, block) for key, block in blocks.items()}
    step = _masked_step(
        projected, mask, regularization, lambda h, columns: kernels[columns].times(h)
    )
    timesteps = tf.shape(projected)[0]

    def body(t, output, states, outputs):
        output, states = step(t, output, states)
        return t + 1, output, states, outputs.write(t, output)

    zeros = zero_output(cell, initial)
    outputs = tf.TensorArray(projected.dtype, timesteps, element_shape=zeros.shape)
    _, _, states, outputs = tf.while_loop(
        lambda t, *_: t < timesteps,
        body,
        (0, zeros, list(initial), outputs),
        maximum_iterations=timesteps,
    )
    return outputs.stack(), states


def python_loop(
    cell: RecurrentCell,
    projected: tf.Tensor,
    initial: Sequence[tf.Tensor],
    mask: tf.Tensor | None,
    regularization: Regularization,
) -> tuple[tf.Tensor, list[tf.Tensor]]:
    """Run a cell over time with every timestep unrolled into the graph.

    Args:
        cell: a built cell.
        projected: projected inputs (timesteps, batch, width); the number of timesteps must
            be known when the graph is built.
        initial: one (batch, width) tensor per state.
        mask: (timesteps, batch, 1) bool, True = valid, or None.
        regularization: dropout and zoneout of this call.

    Returns:
        Outputs (timesteps, batch, output_size) and a list of the final states.
    """
    blocks = kernel_blocks(cell, regularization)

    def product(h, columns):
        return tf.matmul(h, blocks[columns])

    step = _masked_step(projected, mask, regularization, product)
    states, output = list(initial), zero_output(cell, initial)
    outputs = []
    for t in range(projected.shape[0]):
        output, states = step(t, output, states)
        outputs.append(output)
    return tf.stack(outputs), states


def _masked_step(
    projected: tf.Tensor,
    mask: tf.Tensor | None,
    regularization: Regularization,
    product: Product,
) -> Callable:
    """Return the function (t, previous output, states) -> (output, new states) of one timestep."""
    weights = regularization.step_weights()

    def step(t, previous_output, states):
        output, new_states = regularization.step(t, projected[t], states, product, weights)
        mask_at_t = None if mask is None else mask[t]
        output, *new_states = select(mask_at_t, [output, *new_states], [previous_output, *states])
        return output, new_states

    return step
