"""Prove the structure of a cell's step from its traced graph.

`elementwise_backward` relies on three properties of a step, `StepStructure`. `analyze` follows the
tensors of a traced step from its inputs to its outputs. It knows a list of operations
(`structure_ops`) that keep rows apart, and columns too: column j of a block of columns depends only
on columns j of blocks of the same width. A block is a gate of the projected input, a gate of a
recurrent product, or a state. Any other operation, also one that would be harmless, means that the
step is not elementwise: `replay_backward` differentiates it.
"""

import dataclasses
from collections.abc import Sequence
from typing import NamedTuple

import tensorflow as tf

from zoo.engine.step import StepInputs, StepOutputs
from zoo.engine.structure_ops import interpret, row_width
from zoo.engine.structure_values import (
    Aligned,
    Constant,
    NotElementwise,
    Origin,
    Uniform,
    Value,
    union,
)


@dataclasses.dataclass(frozen=True)
class StepStructure:
    """The structure of a cell's step.

    Attributes:
        elementwise: True if each unit's outputs depend only on that unit's values, apart from the
            recurrent products.
        operand_states: for each recurrent product the index of the state that is its left operand,
            or None if the operand is not a state.
        shares_gradients: True if the gradients of the products, concatenated by columns, are the
            gradient of the projected input.
    """

    elementwise: bool
    operand_states: tuple[int | None, ...]
    shares_gradients: bool


class InputWidths(NamedTuple):
    """The widths of the blocks of columns in the inputs of a step.

    Attributes:
        projected: width of each gate in the projected input, in order.
        states: width of each state.
        products: for each recurrent product the widths of its gates, in order.
    """

    projected: tuple[int, ...]
    states: list[int]
    products: list[tuple[int, ...]]


def analyze(
    inputs: StepInputs,
    outputs: StepOutputs,
    input_widths: InputWidths,
    product_columns: Sequence[slice | None],
) -> StepStructure:
    """Return the structure of a traced step.

    Args:
        inputs: placeholders of one graph, (None, width) each.
        outputs: the symbolic outputs of the step for these inputs, in the same graph.
        input_widths: the widths of the gates and states in `inputs`.
        product_columns: for each product the columns of the projected input that belong to the same
            gates; None for a product with a further weight.
    """
    operands = [outputs.operands[k] for k in range(len(inputs.products))]
    operand_states = tuple(_state_of(operand, inputs.states) for operand in operands)
    try:
        shares_gradients = prove_elementwise(inputs, outputs, input_widths, product_columns)
    except NotElementwise:
        return StepStructure(False, operand_states, False)
    return StepStructure(True, operand_states, shares_gradients)


def prove_elementwise(
    inputs: StepInputs,
    outputs: StepOutputs,
    input_widths: InputWidths,
    product_columns: Sequence[slice | None],
) -> bool:
    """Prove that a traced step is elementwise; the arguments are those of `analyze`.

    Returns:
        Whether the gradients of the products are columns of the projected input's gradient.

    Raises:
        NotElementwise: the step may not be elementwise; the message is the reason.
    """
    blocks = _blocks(inputs, input_widths)
    for widths in (input_widths.projected, *input_widths.products):
        if len(set(widths)) != 1:
            raise NotElementwise(f"the projected input or a product has gates of widths {widths}")
    known: dict[str, Value] = {
        tensor.name: Aligned(widths, origins, frozenset({number}), frozenset({number}))
        for number, ((tensor, widths), origins) in enumerate(
            zip(blocks, _origins(input_widths, product_columns), strict=True)
        )
    }
    results = _follow(inputs.projected.graph, known, outputs.flatten())
    values = [_output_value(*result) for result in zip(outputs.flatten(), results, strict=True)]
    _require_local_derivatives(values, [widths[0] for _, widths in blocks], len(inputs.products))
    reads_sums_alone = not any(value.misread or value.origins != (None,) for value in values)
    return reads_sums_alone and _cover(input_widths.projected, product_columns)


def _state_of(operand: tf.Tensor, states: Sequence[tf.Tensor]) -> int | None:
    """Return the index of the state to which `operand` is identical, or None."""
    while tf.is_symbolic_tensor(operand) and operand.op.type == "Identity":
        if "_gradient_op_type" in operand.op.node_def.attr:
            return None
        operand = operand.op.inputs[0]
    return next((index for index, state in enumerate(states) if operand is state), None)


def _blocks(
    inputs: StepInputs, input_widths: InputWidths
) -> list[tuple[tf.Tensor, tuple[int, ...]]]:
    """Return each step input with the widths of its blocks: projected, products, states."""
    state_blocks = [(width,) for width in input_widths.states]
    tensors = [inputs.projected, *inputs.products, *inputs.states]
    widths = [tuple(input_widths.projected), *map(tuple, input_widths.products), *state_blocks]
    blocks = list(zip(tensors, widths, strict=True))
    for tensor, tensor_widths in blocks:
        if sum(tensor_widths) != tensor.shape[-1]:
            raise ValueError(
                f"{tensor.name} {tensor.shape} has no blocks of widths {tensor_widths}"
            )
    return blocks


def _origins(
    input_widths: InputWidths, product_columns: Sequence[slice | None]
) -> list[tuple[Origin | None, ...]]:
    """Return the origins of the blocks of each step input, in the order of `_blocks`."""

    def starts(widths):
        return [sum(widths[:k]) for k in range(len(widths))]

    origins: list[tuple[Origin | None, ...]] = [
        tuple(Origin(False, column) for column in starts(input_widths.projected))
    ]
    for widths, columns in zip(input_widths.products, product_columns, strict=True):
        origins.append(
            tuple(
                None if columns is None else Origin(True, columns.start + column)
                for column in starts(widths)
            )
        )
    return [*origins, *((None,) for _ in input_widths.states)]


def _follow(graph: tf.Graph, known: dict[str, Value], outputs: Sequence[tf.Tensor]) -> list[Value]:
    """Return the values of the outputs, from the `known` values of the step inputs, by name."""
    known = dict(known)
    for op in _operations_between(graph, known, outputs):
        _require_pure(op)
        values = [known[tensor.name] for tensor in op.inputs if tensor.name in known]
        if len(values) < len(op.inputs):
            raise NotElementwise(f"{op.type} reads a result of a loop or of a custom gradient")
        if all(isinstance(value, Constant) for value in values):
            results: Sequence[Value] = [Constant()] * len(op.outputs)
        else:
            results = interpret(op, values)
        known.update(
            (tensor.name, value) for tensor, value in zip(op.outputs, results, strict=False)
        )
    return [known[tensor.name] for tensor in outputs]


def _operations_between(
    graph: tf.Graph, known: dict[str, Value], outputs: Sequence[tf.Tensor]
) -> list[tf.Operation]:
    """Return the operations on which the outputs depend, except step inputs, in graph order."""
    for tensor in outputs:
        if not tf.is_symbolic_tensor(tensor) or tensor.graph is not graph:
            raise NotElementwise("an output of the step that is not computed from its inputs")
    needed, remaining = set(), list(outputs)
    while remaining:
        tensor = remaining.pop()
        if tensor.name not in known and tensor.op.name not in needed:
            needed.add(tensor.op.name)
            remaining.extend(tensor.op.inputs)
    return [op for op in graph.get_operations() if op.name in needed]


def _require_pure(op: tf.Operation) -> None:
    """Raise if an operation may have another result when the step runs again."""
    if op.control_inputs:
        raise NotElementwise(f"{op.type} runs after another operation with a side effect")
    if op.type == "ReadVariableOp":
        others = {reader.type for reader in op.inputs[0].consumers()} - {"ReadVariableOp"}
        if others:
            raise NotElementwise(f"a variable that is also used by {sorted(others)}")
    elif op.op_def.is_stateful:
        raise NotElementwise(f"operation {op.type} has a state or a side effect")
    if "Random" in op.type or op.type.startswith("Stateless"):
        raise NotElementwise(f"operation {op.type} draws random numbers")
    if any(attribute.type in ("func", "list(func)") for attribute in op.op_def.attr):
        raise NotElementwise(f"operation {op.type} calls a function")


def _output_value(tensor: tf.Tensor, value: Value) -> Aligned:
    """Return the value of a step output, which has to be one block of real numbers."""
    width = row_width(tensor)
    if isinstance(value, Uniform):
        value = Aligned((width,), (None,))
    if not isinstance(value, Aligned) or len(value.blocks) != 1 or not tensor.dtype.is_floating:
        raise NotElementwise(f"an output {tensor.shape} of the step is not one block of columns")
    return value


def _require_local_derivatives(
    outputs: Sequence[Aligned], widths: Sequence[int], products: int
) -> None:
    """Raise unless the chain rule in `elementwise_backward` applies to the local derivatives.

    It multiplies the gradient of an output by that of each block of an input, so they have to be
    equally wide, also if the derivative is zero. And it needs at least one derivative with respect
    to the projected input and to each product.

    Args:
        outputs: the value of each step output.
        widths: width of the blocks of each step input: projected, products, states.
        products: the number of products.
    """
    for output in outputs:
        if any((widths[number],) != output.blocks for number in output.reads):
            raise NotElementwise("an output is computed from tensors of another width")
    reached = union(output.gradients_to for output in outputs)
    if not reached.issuperset(range(1 + products)):
        raise NotElementwise("the projected input or a product has no effect on the outputs")


def _cover(projected: Sequence[int], product_columns: Sequence[slice | None]) -> bool:
    """Return whether each column of the projected input belongs to exactly one product."""
    columns = [column for column in product_columns if column is not None]
    covered = sorted(k for block in columns for k in range(block.start, block.stop))
    return len(columns) == len(product_columns) and covered == list(range(sum(projected)))
