"""The learned initial state: one trained vector per state of a cell, the same for every row."""

from collections.abc import Callable, Sequence

import keras
import tensorflow as tf

from zoo.recurrent_cell import RecurrentCell


def initial_value(cell: RecurrentCell, number: int) -> Callable[..., tf.Tensor]:
    """Return the initializer (shape, dtype=None) of state `number` of `cell`.

    The shape is (batch, width), or (width,) for the state of one row.
    """

    def initialize(shape: Sequence[int], dtype: str | None = None) -> tf.Tensor:
        batch = shape[0] if len(shape) == 2 else 1
        state = tf.cast(cell.get_initial_state(batch)[number], dtype or cell.variable_dtype)
        return tf.reshape(state, shape)

    return initialize


def add_initial_state_weights(layer: keras.layers.Layer, cell: RecurrentCell) -> list:
    """Add one weight (width,) per state of `cell` to `layer`, and return them.

    Their initial values are the initial states of the cell.
    """
    return [
        layer.add_weight(
            shape=(width,), name=f"initial_{name}", initializer=initial_value(cell, number)
        )
        for number, (name, width) in enumerate(
            zip(cell.state_names, cell.state_widths(), strict=True)
        )
    ]


def broadcast_initial_state(weights: Sequence, batch: int | tf.Tensor, dtype: str) -> list:
    """Return the initial state of `batch` rows: one (batch, width) tensor per weight."""
    return [
        tf.tile(tf.cast(tf.convert_to_tensor(weight), dtype)[None], (batch, 1))
        for weight in weights
    ]


def select_initial_state(
    states: Sequence[tf.Tensor], started: tf.Tensor, initial: Sequence[tf.Tensor]
) -> list[tf.Tensor]:
    """Return the states of rows whose sequence has started, and the initial state of the others.

    Args:
        states: one (batch, width) tensor per state.
        started: (batch, 1), not zero in rows whose sequence has started.
        initial: one (batch, width) tensor per state.
    """
    return [
        tf.where(
            tf.not_equal(tf.convert_to_tensor(started), 0),
            tf.cast(tf.convert_to_tensor(state), other.dtype),
            other,
        )
        for state, other in zip(states, initial, strict=True)
    ]
