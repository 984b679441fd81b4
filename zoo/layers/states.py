"""States of a recurrent layer: passed by the caller, learned, or carried from batch to batch."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf
from keras import ops

from zoo.engine.initial_state import (
    add_initial_state_weights,
    broadcast_initial_state,
    select_initial_state,
)
from zoo.errors import RequestError
from zoo.recurrent_cell import RecurrentCell


class StatefulLayer(keras.layers.Layer):
    """Base class of a layer that runs a cell over time: owns the weights that hold states.

    Attributes:
        cell: the cell.
        stateful: whether the final states of a batch are the initial states of the next.
        learned_initial_state: whether the initial states are trained instead of zeros.
        states: one variable (batch, width) per state if `stateful`, else None.
        started: variable (batch, 1), 0 before the first batch and 1 after it, if `stateful` and
            `learned_initial_state`, else None.
        initial_state_weights: one weight (width,) per state if `learned_initial_state`.
    """

    cell: RecurrentCell
    stateful: bool
    learned_initial_state: bool
    states: list[Any] | None = None
    started: Any = None

    def add_state_weights(self, batch_size: int | None) -> None:
        """Create the learned initial states and the variables of a stateful layer.

        Raises:
            RequestError: the layer is stateful, and the batch size is unknown.
        """
        if self.learned_initial_state:
            self.initial_state_weights = add_initial_state_weights(self, self.cell)
        if not self.stateful:
            return
        if batch_size is None:
            raise RequestError(
                "stateful=True needs a fixed batch size, and that of the input is None. "
                "Set it, for example by keras.Input(batch_shape=(32, None, 8))."
            )
        self.states = [
            self._state_variable(f"state_{name}", (batch_size, width))
            for name, width in zip(self.cell.state_names, self.cell.state_widths(), strict=True)
        ]
        if self.learned_initial_state:
            self.started = self._state_variable("started", (batch_size, 1))

    def _state_variable(self, name: str, shape: tuple[int, int]) -> Any:
        return self.add_weight(shape=shape, name=name, initializer="zeros", trainable=False)

    def initial_states(
        self,
        initial_state: Any,
        started: tf.Tensor | None,
        batch_size: Any,
        static_batch_size: int | None,
    ) -> list[tf.Tensor]:
        """Return the states from which a call starts.

        Args:
            initial_state: the argument of the call: a list or tuple of one tensor per state, one
                tensor for a cell with one state, or None.
            started: (batch, 1), rows where it is 0 start from the learned state; or None.
            batch_size: integer or scalar tensor.
            static_batch_size: integer, or None if unknown when the graph is built.

        Raises:
            RequestError: the number of tensors in `initial_state` is not the number of states.
        """
        if initial_state is not None:
            is_sequence = isinstance(initial_state, (list, tuple))
            states = list(initial_state) if is_sequence else [initial_state]
            self._check_count(states)
        elif self.stateful:
            states, started = list(self.states or ()), self.started
        else:
            states = self.get_initial_state(batch_size)
        if started is not None and self.learned_initial_state:
            states = select_initial_state(states, started, self.get_initial_state(batch_size))
        return [
            tf.ensure_shape(
                tf.cast(tf.convert_to_tensor(state), self.cell.compute_dtype),
                (static_batch_size, width),
            )
            for state, width in zip(states, self.cell.state_widths(), strict=True)
        ]

    def _check_count(self, states: Sequence[Any]) -> None:
        if len(states) != len(self.cell.state_names):
            raise RequestError(
                f"initial_state has {len(states)} tensors, and {type(self.cell).__name__} has the "
                f"states {', '.join(self.cell.state_names)}. "
                "Pass one tensor (batch, width) for each state."
            )

    def store_states(self, states: Sequence[tf.Tensor]) -> None:
        """Store the final states for the next batch if the layer is stateful."""
        if self.states is None:
            return
        for variable, state in zip(self.states, states, strict=True):
            variable.assign(ops.cast(state, variable.dtype))
        if self.started is not None:
            self.started.assign(ops.ones_like(self.started))

    def reset_state(self) -> None:
        """Reset a stateful layer: the next batch starts from zeros, or from the learned state."""
        for variable in [*(self.states or ()), *([] if self.started is None else [self.started])]:
            variable.assign(ops.zeros_like(variable))

    def get_initial_state(self, batch_size: Any) -> list[tf.Tensor]:
        """Return the initial states, zeros or learned: one (batch_size, width) tensor per state."""
        if self.learned_initial_state:
            return broadcast_initial_state(
                self.initial_state_weights, batch_size, self.cell.compute_dtype
            )
        return self.cell.get_initial_state(batch_size)
