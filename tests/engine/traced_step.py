"""A step as a plain function, traced for the analysis of its structure."""

import numpy as np
import tensorflow as tf

from zoo.engine.step import StepInputs, StepOutputs
from zoo.engine.structure import InputWidths, NotElementwise, analyze, prove_elementwise


class Trace:
    """The arguments of `analyze` for a step, which is a function (x, h, trace) -> outputs.

    Each output that it returns is a state; its inputs are the projected input, the first state and
    this object, with the other states and the functions `recur` and `multiply`.
    """

    def __init__(self, step, units, gates=1, state_widths=None):
        self.step, self.units = step, units
        self.state_widths = state_widths or [units]
        self.projected_widths = (units,) * gates if isinstance(gates, int) else tuple(gates)
        self.results, self.product_widths, self.columns, self.operands = [], [], [], []
        widths = [sum(self.projected_widths), *self.state_widths]
        with tf.__internal__.FuncGraph("step").as_default():
            self._build(*(tf.compat.v1.placeholder("float32", (None, width)) for width in widths))

    def _build(self, projected, *states):
        self.states = list(states)
        outputs = self.step(projected, states[0], self)
        outputs = list(outputs) if isinstance(outputs, (tuple, list)) else [outputs]
        operands = dict(enumerate(self.operands))
        self.arguments = (
            StepInputs(projected, self.states, self.results),
            StepOutputs(None, outputs, operands),
            InputWidths(self.projected_widths, self.state_widths, self.product_widths),
            self.columns,
        )
        self.structure = analyze(*self.arguments)

    @property
    def reason(self):
        """Why the step is not elementwise, or None."""
        try:
            prove_elementwise(*self.arguments)
        except NotElementwise as error:
            return str(error)
        return None

    def recur(self, operand, first=0, last=None):
        """Return a product with the columns of the gates `first` to `last` (excluded)."""
        gates = self.projected_widths[first:last]
        start = sum(self.projected_widths[:first])
        return self._product(operand, gates, slice(start, start + sum(gates)))

    def multiply(self, operand, *widths):
        """Return a product with a further weight."""
        return self._product(operand, widths, None)

    def _product(self, operand, widths, columns):
        self.operands.append(operand)
        self.product_widths.append(tuple(widths))
        self.columns.append(columns)
        shape = (None, sum(widths))
        self.results.append(tf.compat.v1.placeholder(operand.dtype, shape))
        return self.results[-1]


def vector(units):
    return tf.constant(np.linspace(0.5, 1.5, units), tf.float32)


@tf.custom_gradient
def rolled_gradient(x):
    return x * 1.0, lambda d: tf.roll(d, 1, -1)
