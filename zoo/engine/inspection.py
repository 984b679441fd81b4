"""What numbers tell of a cell's step: whether its units meet only in the recurrent products, and what is tied to what.

A cell says nothing of this; it is found out once, on random numbers, so that the engine may rely on it.
"""

import dataclasses

import numpy as np
import tensorflow as tf

from zoo.engine.step import StepContext, step_signature, run_step, step_weights

ROWS = 4
NEAR = 0.05  # half precision is no nearer, and what is not tied is much farther apart


@dataclasses.dataclass(frozen=True)
class StepStructure:
    """elementwise: a unit's outputs depend on that unit's numbers alone, the recurrent products apart. operand_states:
    for each product the number of the state that it multiplies as it is, or None. tied: the gradients of all products
    are the columns of the input product's gradient."""

    elementwise: bool
    operand_states: tuple
    tied: bool


def step_structure(cell):
    """The habits of a built cell; kept on it, since they never change."""
    if getattr(cell, "_habits", None) is None:
        with tf.init_scope():  # numbers, also while a graph is made
            cell._step_structure = _Probe(cell).look()
    return cell._step_structure


class _Probe:
    def __init__(self, cell):
        self.cell, self.random = cell, np.random.default_rng(0)
        self.values = [self._draw(weight.shape) for weight in step_weights(cell)]
        self.x = self._draw((ROWS, len(cell.gates) * cell.units))
        self.states = [self._draw((ROWS, cell.units)) for _ in cell.state_names]
        self.taps = [
            self._draw((ROWS, part.stop - part.start)) for part in step_signature(cell).columns
        ]

    def _draw(self, shape):
        return tf.constant(self.random.normal(size=tuple(shape)), self.cell.compute_dtype)

    def _run(self, x, states, taps):
        """All that a step makes of its input, states and products, and the operands of the products."""
        left, operands = list(taps), []

        def product(h, columns):
            operands.append(h)
            return left.pop(0)

        output, new = run_step(self.cell, x, states, StepContext(product), self.values)
        return [output, *new], operands

    def look(self):
        made, operands = self._run(self.x, self.states, self.taps)
        places = tuple(
            next((k for k, state in enumerate(self.states) if operand is state), None)
            for operand in operands
        )
        elementwise = self._whole_units() and self._is_elementwise([*made, *operands])
        return StepStructure(elementwise, places, elementwise and self._is_tied())

    def _whole_units(self):
        """Whether all widths are the units, or the units of several gates side by side."""
        return all(
            width == self.cell.units for width in step_signature(self.cell).operand_widths
        ) and all(tap.shape[-1] % self.cell.units == 0 for tap in self.taps)

    def _is_elementwise(self, before):
        """Other numbers in every second unit, then in every third, leave the rest as it was."""
        units = np.arange(self.cell.units)
        for changed in (units % 2 == 0, units % 3 == 0):
            if changed.all():
                continue
            moved = [self._moved(tensor, changed) for tensor in (self.x, *self.states, *self.taps)]
            states = moved[1 : 1 + len(self.states)]
            made, operands = self._run(moved[0], states, moved[1 + len(self.states) :])
            for was, now in zip(before, [*made, *operands], strict=True):
                if not np.array_equal(np.asarray(was)[:, ~changed], np.asarray(now)[:, ~changed]):
                    return False
        return True

    def _moved(self, tensor, changed):
        return tf.where(
            np.tile(changed, tensor.shape[-1] // self.cell.units), self._draw(tensor.shape), tensor
        )

    def _is_tied(self):
        places = sorted((part.start, part.stop) for part in step_signature(self.cell).columns)
        ends = [0, *(stop for _, stop in places)]
        if [start for start, _ in places] != ends[:-1] or ends[-1] != self.x.shape[-1]:
            return False
        # Steps that read the sum of both products give the same when a part of one is moved to the other.
        parts = [self._draw(tap.shape) for tap in self.taps]
        in_order = [
            parts[step_signature(self.cell).columns.index(slice(*place))] for place in places
        ]
        before, after = (
            sum(self._run(x, self.states, taps), [])
            for x, taps in (
                (self.x, self.taps),
                (
                    self.x + tf.concat(in_order, 1),
                    [t - p for t, p in zip(self.taps, parts, strict=True)],
                ),
            )
        )
        return all(
            np.abs(np.asarray(was - now, "float32")).max() < NEAR
            for was, now in zip(before, after, strict=True)
        )
