"""One step of the cell of any recurrent layer, of the zoo or of Keras, in inference."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
import tensorflow as tf

from zoo.engine.dropout import Regularization
from zoo.engine.loops import kernel_blocks
from zoo.engine.regularization_rates import RegularizationRates
from zoo.engine.step import project
from zoo.layers.recurrent import Recurrent
from zoo.recurrent_cell import RecurrentCell

StepFunction = Callable[[tf.Tensor, Sequence[tf.Tensor]], tuple[tf.Tensor, list[tf.Tensor]]]

# Gates of Keras' own cells, in the order of the columns of their kernels.
_KERAS_GATES = {"LSTMCell": ("i", "f", "g", "o"), "GRUCell": ("z", "r", "n"), "SimpleRNNCell": "n"}


class CellStep:
    """The step of a layer's cell as a function of the input and the states.

    Args:
        layer: a built `zoo.Recurrent`, or a built `keras.layers.RNN` with any cell.

    Attributes:
        cell: the cell.
    """

    def __init__(self, layer: Any) -> None:
        self.cell = layer.cell
        self._is_own = isinstance(self.cell, RecurrentCell)
        self._rates = layer.rates if isinstance(layer, Recurrent) else RegularizationRates()

    @property
    def state_names(self) -> tuple[str, ...]:
        """The names of the states, in the order of the state tuple."""
        if self._is_own:
            return tuple(self.cell.state_names)
        widths = tf.nest.flatten(self.cell.state_size)
        if len(widths) == 1:
            return ("h",)
        if isinstance(self.cell, keras.layers.LSTMCell):
            return ("h", "c")
        return tuple(f"state_{number}" for number in range(len(widths)))

    @property
    def cell_name(self) -> str:
        """The class name of the cell, without the suffix "Cell"."""
        return type(self.cell).__name__.removesuffix("Cell")

    @property
    def output_size(self) -> int:
        """The width of the output; a cell of Keras need not declare it."""
        size = getattr(self.cell, "output_size", None)
        return tf.nest.flatten(self.cell.state_size)[0] if size is None else size

    def prepare(self, x: tf.Tensor) -> tf.Tensor:
        """Return what `function` takes, for the inputs (..., features) of any timesteps."""
        return project(self.cell, x, training=False) if self._is_own else x

    def function(self) -> StepFunction:
        """Return the step: (prepared input (rows, width), states) -> output, new states."""
        return self._own_function() if self._is_own else self._keras_function()

    def _own_function(self) -> StepFunction:
        regularization = Regularization(self.cell, self._rates)
        blocks = kernel_blocks(self.cell, regularization)

        def step(x: tf.Tensor, states: Sequence[tf.Tensor]) -> tuple[tf.Tensor, list[tf.Tensor]]:
            return regularization.step(
                0, x, states, lambda h, columns: tf.matmul(h, blocks[columns])
            )

        return step

    def _keras_function(self) -> StepFunction:
        def step(x: tf.Tensor, states: Sequence[tf.Tensor]) -> tuple[tf.Tensor, list[tf.Tensor]]:
            structure = self.cell.state_size
            packed = (
                tf.nest.pack_sequence_as(structure, list(states))
                if isinstance(structure, list | tuple)
                else list(states)
            )
            output, new_states = self.cell(x, packed)
            return output, tf.nest.flatten(new_states)

        return step

    def gate_columns(self) -> list[tuple[Any, dict[str, slice]]]:
        """Return pairs (weight, gate -> its columns) of the weights with a block for each gate."""
        if not self._is_own:
            return self._keras_gate_columns()
        found = []
        for name in ("kernel", "recurrent_kernel", "bias"):
            weight = getattr(self.cell, name, None)
            if isinstance(weight, keras.Variable):
                gates = self.cell.gates_of(name)
                columns = {gate: self.cell.adjacent_columns(gates, (gate,)) for gate in gates}
                found.append((weight, columns))
        return found

    def _keras_gate_columns(self) -> list[tuple[Any, dict[str, slice]]]:
        gates = _KERAS_GATES.get(type(self.cell).__name__, ())
        units = getattr(self.cell, "units", 0)
        columns = {gate: slice(k * units, (k + 1) * units) for k, gate in enumerate(gates)}
        return [(self.cell.kernel, columns)] if columns else []

    @property
    def retention_gates(self) -> tuple[str, ...]:
        """The gates that keep the old state, whose saturation is a long memory."""
        if self._is_own:
            return tuple(self.cell.retention_gates)
        return ("f", "z")
