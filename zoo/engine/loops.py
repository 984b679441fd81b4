"""Loops over time without a custom gradient: for inference, export and unrolling.

`while_loop` is a `tf.while_loop` of any number of timesteps. `python_loop` unrolls a known number
of timesteps into the graph. TensorFlow differentiates both. Training uses `scan.scan`.
"""

from collections.abc import Callable, Sequence

import tensorflow as tf

from zoo.engine.dropout import Regularization
from zoo.engine.matmul import Kernel
from zoo.engine.step import Product, step_signature
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


def kernel_blocks(
    cell: RecurrentCell, regularization: Regularization
) -> dict[tuple[int, int], tf.Tensor]:
    """Slice the recurrent kernel into the blocks of columns that the cell's products use.

    Args:
        cell: a built cell.
        regularization: returns the kernel, after weight drop in training.

    Returns:
        (first column, end column) -> block (units, width), with the end excluded; empty if the
        cell does not have a full recurrent kernel.
    """
    if cell.recurrent_shape != "full":
        return {}
    kernel = regularization.recurrent_kernel()
    width = kernel.shape[-1]
    return {
        (block.start, block.stop): kernel if block.stop - block.start == width else kernel[:, block]
        for block in step_signature(cell).columns
    }


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
        projected: projected inputs (timesteps, batch, gates * units).
        initial: one (batch, units) tensor per state.
        mask: (timesteps, batch, 1) bool, True = valid, or None.
        regularization: dropout and zoneout of this call.

    Returns:
        Outputs (timesteps, batch, units) and a list of the final states.
    """
    kernels = {key: Kernel(block) for key, block in kernel_blocks(cell, regularization).items()}

    def product(h, columns):
        return kernels[columns.start, columns.stop].times(h)

    step = _masked_step(projected, mask, regularization, product)
    timesteps = tf.shape(projected)[0]

    def body(t, output, states, outputs):
        output, states = step(t, output, states)
        return t + 1, output, states, outputs.write(t, output)

    outputs = tf.TensorArray(projected.dtype, timesteps, element_shape=initial[0].shape)
    _, _, states, outputs = tf.while_loop(
        lambda t, *_: t < timesteps,
        body,
        (0, tf.zeros_like(initial[0]), list(initial), outputs),
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
        projected: projected inputs (timesteps, batch, gates * units); the number of timesteps must
            be known when the graph is built.
        initial: one (batch, units) tensor per state.
        mask: (timesteps, batch, 1) bool, True = valid, or None.
        regularization: dropout and zoneout of this call.

    Returns:
        Outputs (timesteps, batch, units) and a list of the final states.
    """
    blocks = kernel_blocks(cell, regularization)

    def product(h, columns):
        return tf.matmul(h, blocks[columns.start, columns.stop])

    step = _masked_step(projected, mask, regularization, product)
    states, output = list(initial), tf.zeros_like(initial[0])
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
