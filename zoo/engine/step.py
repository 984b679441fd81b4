"""A cell's step as a function of tensors alone, with its recurrent products supplied from outside."""

import contextlib
import dataclasses
from collections.abc import Callable
from typing import Any

import keras
from keras.src.backend.common.variables import AutocastScope  # without a public name in Keras 3.15

from zoo.engine.matmul import matmul


@dataclasses.dataclass(frozen=True)
class StepContext:
    """What the recurrence gives a cell while it runs it."""

    product: Callable | None  # (h, columns) -> h times these columns of the recurrent kernel
    dropout: Any = None  # (batch, units) mask on what enters the state, or None
    reading: Any = None  # width -> (batch, width) mask on what the recurrent kernel reads
    matmul: Callable | None = None  # (x, kernel) -> their product, for `project`


@dataclasses.dataclass(frozen=True)
class StepSignature:
    """What one symbolic step tells of a cell: its recurrent products, and whether it puts out its first state."""

    columns: tuple  # a slice of the recurrent kernel per product, in the order of the calls
    operand_widths: tuple
    output_is_state: bool


def step_signature(cell):
    """Runs one step on symbols and looks at what it asks for; kept on the cell, since it never changes."""
    known = getattr(cell, "_anatomy", None)
    if known is not None:
        return known
    columns, operands = [], []

    def note(h, asked):
        columns.append(asked)
        operands.append(h.shape[-1])
        return keras.KerasTensor((2, asked.stop - asked.start), cell.compute_dtype)

    symbols = [keras.KerasTensor((2, cell.units), cell.compute_dtype) for _ in cell.state_names]
    projected = keras.KerasTensor((2, cell.kernel.shape[-1]), cell.compute_dtype)
    output, new = run_step(cell, projected, symbols, StepContext(note))
    cell._step_signature = StepSignature(tuple(columns), tuple(operands), output is new[0])
    return cell._step_signature


def step_weights(cell):
    """The weights that a step may read; the kernel, and a bias of one row, belong to `project`."""
    apart = (
        [cell.kernel, cell.recurrent_kernel] if cell.recurrent_shape == "full" else [cell.kernel]
    )
    if cell.bias_rows == 1:
        apart.append(cell.bias)
    return [weight for weight in cell.weights if not any(weight is other for other in apart)]


def project(cell, x):
    """`cell.project` in training."""
    cell._engine = StepContext(None, matmul=matmul)
    try:
        return cell.project(x)
    finally:
        cell._engine = None


def run_step(cell, x, state, supply, values=()):
    """One step; `values` are tensors in the place of `step_weights(cell)`. Returns the output and a list of states."""
    scope, precision = contextlib.nullcontext(), AutocastScope(cell.compute_dtype)
    if values:
        scope = keras.StatelessScope(
            state_mapping=list(zip(step_weights(cell), values, strict=True))
        )
    cell._engine = supply
    try:
        # The backward loop runs after the layer's call has ended, and with it the layer's own casting of weights.
        with precision, scope:
            output, new = cell.step(x, tuple(state))
    finally:
        cell._engine = None
    return output, list(new)
