"""The learned initial state: a trained vector per state of a cell, the same for every row."""

import tensorflow as tf


def add_learned(layer, cell):
    """One weight (units,) per state of `cell`, zeros at first, on `layer`."""
    return [
        layer.add_weight(shape=(cell.units,), name=f"initial_{name}", initializer="zeros")
        for name in cell.state_names
    ]


def broadcast(weights, batch, dtype):
    """The weights as states of `batch` rows."""
    return [
        tf.tile(tf.cast(tf.convert_to_tensor(weight), dtype)[None], (batch, 1))
        for weight in weights
    ]


def begin(states, started, first):
    """`states` in the rows where `started` (batch, 1) is not zero, `first` in the others."""
    return [
        tf.where(
            tf.not_equal(tf.convert_to_tensor(started), 0),
            tf.cast(tf.convert_to_tensor(state), other.dtype),
            other,
        )
        for state, other in zip(states, first, strict=True)
    ]
