"""A cell's step as a function of tensors, with the recurrent products computed by the caller.

A cell's `step` calls `self.recur(h)` or `self.multiply(h, name)` for a recurrent product, and
`self.candidate_dropout(...)` for the candidate state. While a loop of the engine runs the step, it
supplies a `StepContext`: the function that returns the product, and the dropout masks. So every
loop runs the same `step`: the forward pass supplies matrix products, the backward pass their
recorded results, and `step_trace` placeholders, to list the products of the step.
"""

import contextlib
from collections.abc import Sequence
from typing import NamedTuple

import keras
import tensorflow as tf
from keras.src.backend.common.variables import AutocastScope  # not in the public API of Keras 3.15

from zoo.cell_base.step_context import MatrixColumns, StepContext, supply
from zoo.engine.matmul import affine
from zoo.recurrent_cell import RecurrentCell


class StepInputs(NamedTuple):
    """The inputs of a step whose recurrent products are known, or one value for each input.

    Attributes:
        projected: projected input (rows, width).
        states: one (rows, width) tensor per state of the cell.
        products: the results of the recurrent products, (rows, width) each.
    """

    projected: tf.Tensor
    states: list[tf.Tensor]
    products: list[tf.Tensor]


class StepOutputs(NamedTuple):
    """The outputs of a step, or one value for each output.

    Attributes:
        output: output (rows, width); None if it is the first state, and so is in `states`.
        states: the new states, (rows, width) each.
        operands: index of a recurrent product -> its left operand (rows, width).
    """

    output: tf.Tensor | None
    states: list[tf.Tensor]
    operands: dict[int, tf.Tensor]

    def flatten(self) -> list:
        """Return a list of the output (unless it is None), the states and the operands."""
        output = [] if self.output is None else [self.output]
        return [*output, *self.states, *self.operands.values()]


def compute_dtype_scope(cell: RecurrentCell) -> AutocastScope:
    """Return a context in which Keras casts the weights that are read to the cell's dtype."""
    return AutocastScope(cell.compute_dtype)


def project(cell: RecurrentCell, x: tf.Tensor, training: bool = True) -> tf.Tensor:
    """Return the projected input of any number of timesteps.

    Args:
        cell: a built cell.
        x: input (..., features); for a cell that uses the elapsed time (..., features + 1), with
            the elapsed time in the last column.
        training: whether the kernel's gradient is computed as one large matrix product.

    Returns:
        Projected input (..., width).
    """
    context = StepContext(cell, affine=affine if training else None)
    with compute_dtype_scope(cell), supply(context):
        x = tf.cast(x, cell.compute_dtype)
        if cell.elapsed_time:
            return cell.project_all(x[..., :-1], x[..., -1:])
        return cell.project_all(x)


def run_step(
    context: StepContext,
    projected: tf.Tensor,
    states: Sequence[tf.Tensor],
    weights: Sequence[tuple[keras.Variable, tf.Tensor]] = (),
) -> tuple[tf.Tensor, list[tf.Tensor]]:
    """Run one step of a cell.

    Args:
        context: the cell, the function for its recurrent products, and the dropout masks.
        projected: projected input (batch, width) of the timestep.
        states: one (batch, width) tensor per state.
        weights: pairs of a weight of the cell and the tensor that replaces it; if empty, the step
            reads the weights.

    Returns:
        The output (batch, width) and a list of the new states.
    """
    # The backward pass runs after the layer's call, where Keras' autocasting is no longer active.
    with compute_dtype_scope(context.cell), supply(context):
        # Keras casts the tensors of a StatelessScope where it is created: inside the other scope.
        replacement = contextlib.nullcontext()
        if weights:
            replacement = keras.StatelessScope(state_mapping=list(weights))
        with replacement:
            output, new_states = context.cell.timestep(projected, tuple(states))
    return output, list(new_states)


def run_step_with_products(
    cell: RecurrentCell,
    inputs: StepInputs,
    weights: Sequence[tuple[keras.Variable, tf.Tensor]] = (),
) -> StepOutputs:
    """Run one step of a cell whose recurrent products are already known.

    Args:
        cell: a built cell.
        inputs: the projected input, the states and the results of the products.
        weights: as in `run_step`.

    Returns:
        The output, the new states and the left operands of all products.
    """
    operands: dict[int, tf.Tensor] = {}
    remaining = list(inputs.products)

    def product(h: tf.Tensor, columns: MatrixColumns) -> tf.Tensor:
        operands[len(operands)] = h
        return remaining.pop(0)

    context = StepContext(cell, product)
    output, states = run_step(context, inputs.projected, inputs.states, weights)
    return StepOutputs(output, states, operands)


def matrix(cell: RecurrentCell, name: str) -> tf.Tensor:
    """Return a matrix of the cell's recurrent products in its compute dtype.

    Args:
        cell: a built cell.
        name: "recurrent_kernel" or the name of a further weight.
    """
    with compute_dtype_scope(cell):
        is_recurrent = name == "recurrent_kernel"
        value = cell.recurrent_matrix() if is_recurrent else getattr(cell, name)
        return tf.convert_to_tensor(value)
