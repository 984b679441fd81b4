"""States of a recurrent layer: passed by the caller, learned, or carried from batch to batch."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf
from keras import ops

from zoo.engine.initial_state import (
    add_initial_state_weights,
    broadcast_initial_state,
    initial_value,
    select_initial_state,
)
from zoo.errors import RequestError
from zoo.layers.checks import check_states
from zoo.recurrent_cell import RecurrentCell


class StatefulLayer(keras.layers.Layer):
    """Base class of a layer that runs a cell over time: owns the weights that hold states.

    Attributes:
        cell: the cell.
        stateful: whether the final states of a batch are the initial states of the next.
        learned_initial_state: whether the initial states are trained.
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
        names = self.cell.state_names
        self.states = [
            self.add_weight(
                shape=(batch_size, width),
                name=f"state_{name}",
                initializer=initial_value(self.cell, number),
                trainable=False,
            )
            for number, (name, width) in enumerate(
                zip(names, self.cell.state_widths(), strict=True)
            )
        ]
        if self.learned_initial_state:
            self.started = self.add_weight(
                shape=(batch_size, 1), name="started", initializer="zeros", trainable=False
            )

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
            started: (batch, 1), rows where it is 0 start from `get_initial_state`; or None.
            batch_size: integer or scalar tensor.
            static_batch_size: integer, or None if unknown when the graph is built.

        Raises:
            RequestError: the number or the shapes of the tensors in `initial_state` are wrong.
        """
        if initial_state is not None:
            is_sequence = isinstance(initial_state, (list, tuple))
            states = [
                tf.convert_to_tensor(state)
                for state in (initial_state if is_sequence else [initial_state])
            ]
            check_states(self.cell, states, static_batch_size)
        elif self.stateful:
            states, started = list(self.states or ()), self.started
        else:
            states = self.get_initial_state(batch_size)
        if started is not None:
            states = select_initial_state(states, started, self.get_initial_state(batch_size))
        return [
            tf.ensure_shape(
                tf.cast(tf.convert_to_tensor(state), self.cell.compute_dtype),
                (static_batch_size, width),
            )
            for state, width in zip(states, self.cell.state_widths(), strict=True)
        ]

    def store_states(self, states: Sequence[tf.Tensor]) -> None:
        """Store the final states for the next batch if the layer is stateful."""
        if self.states is None:
            return
        for variable, state in zip(self.states, states, strict=True):
            variable.assign(ops.cast(state, variable.dtype))
        if self.started is not None:
            self.started.assign(ops.ones_like(self.started))

    def reset_state(self) -> None:
        """Reset a stateful layer: the next batch starts from the initial states of the cell.

        With `learned_initial_state`, it starts from the learned ones.
        """
        for number, variable in enumerate(self.states or ()):
            variable.assign(initial_value(self.cell, number)(variable.shape, variable.dtype))
        if self.started is not None:
            self.started.assign(ops.zeros_like(self.started))

    def get_initial_state(self, batch_size: Any) -> list[tf.Tensor]:
        """Return the initial states of the cell, or the learned ones: (batch_size, width) each."""
        if self.learned_initial_state:
            return broadcast_initial_state(
                self.initial_state_weights, batch_size, self.cell.compute_dtype
            )
        return self.cell.get_initial_state(batch_size)


def has_own_initial_state(cell: RecurrentCell) -> bool:
    """Return whether a cell overrides `get_initial_state`: its initial states may not be zeros."""
    return type(cell).get_initial_state is not RecurrentCell.get_initial_state
