"""Infer the structure of a cell's step numerically, once per cell.

`elementwise_backward` relies on three properties of a step. A cell does not declare them;
`step_structure` infers them by running the step on random values:

- Elementwise: apart from the recurrent products, each unit's outputs depend only on values of the
  same unit. Test: new values in other units leave a unit's outputs exactly equal.
- Operand states: the recurrent products whose left operand is an unchanged state.
- Shared gradients: the step reads the projected input and the recurrent products only as their sum,
  so the products' gradients are columns of the projected input's gradient. Test: adding random
  values to the projected input and subtracting them from the products leaves the outputs equal, up
  to rounding.
"""

import dataclasses
import weakref
from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from zoo.engine.step import StepInputs, run_step_with_products, step_signature, step_weights
from zoo.recurrent_cell import RecurrentCell

ROWS = 4
TOLERANCE = 0.05  # above rounding in half precision, below the effect of a change of the sum


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


_structures: weakref.WeakKeyDictionary = weakref.WeakKeyDictionary()


def step_structure(cell: RecurrentCell) -> StepStructure:
    """Return the structure of a built cell's step; inferred at the first call, then cached."""
    if cell not in _structures:
        with tf.init_scope():  # runs eagerly, also while a graph is built
            _structures[cell] = _Inspection(cell).structure()
    return _structures[cell]


class _Inspection:
    """Runs a cell's step on random values."""

    def __init__(self, cell: RecurrentCell) -> None:
        self.cell, self.random = cell, np.random.default_rng(0)
        self.weights = [self._draw(weight.shape) for weight in step_weights(cell)]
        self.columns = step_signature(cell).columns
        self.inputs = StepInputs(
            self._draw((ROWS, len(cell.gates) * cell.units)),
            [self._draw((ROWS, cell.units)) for _ in cell.state_names],
            [self._draw((ROWS, block.stop - block.start)) for block in self.columns],
        )

    def _draw(self, shape: Sequence[int]) -> tf.Tensor:
        return tf.constant(self.random.normal(size=tuple(shape)), self.cell.compute_dtype)

    def structure(self) -> StepStructure:
        outputs = run_step_with_products(self.cell, self.inputs, self.weights)
        operand_states = tuple(map(self._state_of, outputs.operands.values()))
        elementwise = self._has_unit_widths() and self._is_elementwise(outputs.flatten())
        shares_gradients = elementwise and self._reads_sum_alone()
        return StepStructure(elementwise, operand_states, shares_gradients)

    def _state_of(self, operand: tf.Tensor) -> int | None:
        """Return the index of the state that is `operand` itself, or None."""
        states = enumerate(self.inputs.states)
        return next((index for index, state in states if operand is state), None)

    def _has_unit_widths(self) -> bool:
        """Return whether operands have one column per unit, and products one per gate and unit."""
        units = self.cell.units
        operand_widths = step_signature(self.cell).operand_widths
        return all(width == units for width in operand_widths) and all(
            result.shape[-1] % units == 0 for result in self.inputs.products
        )

    def _is_elementwise(self, expected: Sequence[tf.Tensor]) -> bool:
        """Return whether new values in some units leave the outputs of all others equal."""
        units = np.arange(self.cell.units)
        for is_changed in (units % 2 == 0, units % 3 == 0):
            if is_changed.all():
                continue
            inputs = tf.nest.map_structure(
                lambda tensor, units=is_changed: self._redraw(tensor, units), self.inputs
            )
            outputs = run_step_with_products(self.cell, inputs, self.weights).flatten()
            for before, after in zip(expected, outputs, strict=True):
                old, new = (np.asarray(tensor)[:, ~is_changed] for tensor in (before, after))
                if not np.array_equal(old, new):
                    return False
        return True

    def _redraw(self, tensor: tf.Tensor, is_changed: np.ndarray) -> tf.Tensor:
        """Return the tensor with new values at the units where `is_changed` is True."""
        gates = tensor.shape[-1] // self.cell.units
        return tf.where(np.tile(is_changed, gates), self._draw(tensor.shape), tensor)

    def _reads_sum_alone(self) -> bool:
        """Return whether the step reads the projected input and the products only as their sum."""
        by_column = sorted(range(len(self.columns)), key=lambda k: self.columns[k].start)
        ends = [0, *(self.columns[k].stop for k in by_column)]
        starts = [self.columns[k].start for k in by_column]
        projected, states, products = self.inputs
        if starts != ends[:-1] or ends[-1] != projected.shape[-1]:
            return False
        moved = [self._draw(result.shape) for result in products]
        other_split = StepInputs(
            projected + tf.concat([moved[k] for k in by_column], 1),
            states,
            [result - part for result, part in zip(products, moved, strict=True)],
        )
        pairs = zip(
            run_step_with_products(self.cell, self.inputs, self.weights).flatten(),
            run_step_with_products(self.cell, other_split, self.weights).flatten(),
            strict=True,
        )
        return all(
            np.abs(np.asarray(one - other, "float32")).max() < TOLERANCE for one, other in pairs
        )
