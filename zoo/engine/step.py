"""A cell's step as a function of tensors, with the recurrent products computed by the caller.

A cell's `step` calls `self.recur(h)` for a recurrent product, and `self.candidate_dropout(...)` for
the candidate state. While a loop of the engine runs the step, it supplies a `StepContext`: the
function that returns the product, and the dropout masks. So every loop runs the same `step`: the
forward pass supplies matrix products, the backward pass their recorded results, and
`step_signature` symbolic tensors, to list the products of the step.
"""

import contextlib
import dataclasses
import weakref
from collections.abc import Callable, Sequence
from typing import NamedTuple

import keras
import tensorflow as tf
from keras.src.backend.common.variables import AutocastScope  # not in the public API of Keras 3.15

from zoo.engine.matmul import matmul
from zoo.recurrent_cell import RecurrentCell

Product = Callable[[tf.Tensor, slice], tf.Tensor]


@dataclasses.dataclass(frozen=True)
class StepContext:
    """The functions and dropout masks that the engine supplies to a cell's `step` and `project`.

    Attributes:
        product: (h, columns) -> h times these columns of the recurrent kernel.
        candidate_mask: recurrent dropout mask (batch, units) of the candidate state, or None.
        operand_masks: width -> variational dropout mask (batch, width) of the recurrent products'
            operands of that width.
        matmul: (x, kernel) -> x times the kernel, for `project`.
    """

    product: Product | None
    candidate_mask: tf.Tensor | None = None
    operand_masks: dict[int, tf.Tensor] | None = None
    matmul: Callable[[tf.Tensor, tf.Tensor], tf.Tensor] | None = None


@dataclasses.dataclass(frozen=True)
class StepSignature:
    """The recurrent products of a cell's step, and whether its output is its first state.

    Attributes:
        columns: columns of the recurrent kernel in each product, in the order of the computation.
        operand_widths: width of the left operand of each product.
        output_is_state: True if the step returns its first state as its output.
    """

    columns: tuple[slice, ...]
    operand_widths: tuple[int, ...]
    output_is_state: bool


class StepInputs(NamedTuple):
    """The inputs of a step whose recurrent products are known, or one value for each input.

    Attributes:
        projected: projected input (rows, gates * units).
        states: one (rows, units) tensor per state of the cell.
        products: the results of the recurrent products, (rows, width) each.
    """

    projected: tf.Tensor
    states: list[tf.Tensor]
    products: list[tf.Tensor]


class StepOutputs(NamedTuple):
    """The outputs of a step, or one value for each output.

    Attributes:
        output: output (rows, units); None if it is the first state, and so is in `states`.
        states: the new states, (rows, units) each.
        operands: index of a recurrent product -> its left operand (rows, width).
    """

    output: tf.Tensor | None
    states: list[tf.Tensor]
    operands: dict[int, tf.Tensor]

    def flatten(self) -> list:
        """Return a list of the output (unless it is None), the states and the operands."""
        output = [] if self.output is None else [self.output]
        return [*output, *self.states, *self.operands.values()]


_signatures: weakref.WeakKeyDictionary = weakref.WeakKeyDictionary()


def step_signature(cell: RecurrentCell) -> StepSignature:
    """Return the signature of a built cell's step, from one symbolic call; cached."""
    if cell not in _signatures:
        _signatures[cell] = _trace_signature(cell)
    return _signatures[cell]


def _trace_signature(cell: RecurrentCell) -> StepSignature:
    columns, widths = [], []

    def product(h: keras.KerasTensor, product_columns: slice) -> keras.KerasTensor:
        columns.append(product_columns)
        widths.append(h.shape[-1])
        width = product_columns.stop - product_columns.start
        return keras.KerasTensor((2, width), cell.compute_dtype)

    states = [keras.KerasTensor((2, cell.units), cell.compute_dtype) for _ in cell.state_names]
    projected = keras.KerasTensor((2, cell.kernel.shape[-1]), cell.compute_dtype)
    output, new_states = run_step(cell, projected, states, StepContext(product))
    return StepSignature(tuple(columns), tuple(widths), output is new_states[0])


def step_weights(cell: RecurrentCell) -> list:
    """Return the weights that `step` may read.

    Only `project` reads the input kernel and a bias of one row; only the recurrent products read a
    full recurrent kernel.
    """
    excluded = [cell.kernel]
    if cell.recurrent_shape == "full":
        excluded.append(cell.recurrent_kernel)
    if cell.bias_rows == 1:
        excluded.append(cell.bias)
    return [weight for weight in cell.weights if not any(weight is other for other in excluded)]


def project(cell: RecurrentCell, x: tf.Tensor) -> tf.Tensor:
    """Return `cell.project(x)` for training: the kernel's gradient is one large matrix product.

    Args:
        cell: a built cell.
        x: input (..., features).

    Returns:
        Projected input (..., gates * units).
    """
    cell._step_context = StepContext(None, matmul=matmul)
    try:
        return cell.project(x)
    finally:
        cell._step_context = None


def run_step(
    cell: RecurrentCell,
    projected: tf.Tensor,
    states: Sequence[tf.Tensor],
    context: StepContext,
    weights: Sequence[tf.Tensor] = (),
) -> tuple[tf.Tensor, list[tf.Tensor]]:
    """Run one step of a cell.

    Args:
        cell: a built cell.
        projected: projected input (batch, gates * units) of the timestep.
        states: one (batch, units) tensor per state.
        context: the function for the recurrent products, and the dropout masks.
        weights: tensors that replace the variables `step_weights(cell)`; if empty, the step reads
            the variables.

    Returns:
        The output (batch, units) and a list of the new states.
    """
    # The backward pass runs after the layer's call, where Keras' autocasting is no longer active.
    precision, replacement = AutocastScope(cell.compute_dtype), contextlib.nullcontext()
    if weights:
        replacement = keras.StatelessScope(
            state_mapping=list(zip(step_weights(cell), weights, strict=True))
        )
    cell._step_context = context
    try:
        with precision, replacement:
            output, new_states = cell.step(projected, tuple(states))
    finally:
        cell._step_context = None
    return output, list(new_states)


def run_step_with_products(
    cell: RecurrentCell, inputs: StepInputs, weights: Sequence[tf.Tensor] = ()
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

    def product(h: tf.Tensor, columns: slice) -> tf.Tensor:
        operands[len(operands)] = h
        return remaining.pop(0)

    context = StepContext(product)
    output, states = run_step(cell, inputs.projected, inputs.states, context, weights)
    return StepOutputs(output, states, operands)
