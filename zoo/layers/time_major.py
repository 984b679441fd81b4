"""The input of a recurrent layer in time-major order, and its output back in batch-major order."""

from typing import NamedTuple

import tensorflow as tf

from zoo.layers.elapsed import elapsed_column, reverse_elapsed
from zoo.recurrent_cell import RecurrentCell


class TimeMajor(NamedTuple):
    """The input of a time loop, in the order in which it is processed.

    The loops need at least one timestep. A sequence without any is padded with one, masked if the
    number of timesteps is known when the graph is built.

    Attributes:
        x: (timesteps, batch, features), zeros at masked timesteps.
        mask: (timesteps, batch, 1) bool, True = valid; or None.
        elapsed: (timesteps, batch, 1), for a cell that uses the elapsed time; or None.
        timesteps: number of timesteps without padding, an integer or a scalar tensor.
    """

    x: tf.Tensor
    mask: tf.Tensor | None
    elapsed: tf.Tensor | None
    timesteps: int | tf.Tensor

    @property
    def may_be_padded(self) -> bool:
        """Whether the number of timesteps is not known to be positive."""
        return tf.is_tensor(self.timesteps) or self.timesteps == 0


def time_major(
    cell: RecurrentCell,
    sequences: tf.Tensor,
    mask: tf.Tensor | None,
    elapsed: tf.Tensor | None,
    go_backwards: bool,
) -> TimeMajor:
    """Return the input of the time loop.

    Args:
        cell: the cell of the layer.
        sequences: (batch, timesteps, features) in the layer's compute dtype.
        mask: (batch, timesteps), True = valid; or None.
        elapsed: (batch, timesteps), as in `elapsed_column`; or None.
        go_backwards: whether the loop processes the sequences in reverse order.
    """
    x = tf.transpose(sequences, (1, 0, 2))
    if mask is not None:
        mask = tf.transpose(tf.cast(mask, "bool"))[:, :, None]
        x = tf.where(mask, x, tf.zeros_like(x))  # NaN times a gradient of zero would be NaN
    column = elapsed_column(cell, elapsed, x, mask)
    if go_backwards:
        x, mask = tf.reverse(x, [0]), None if mask is None else tf.reverse(mask, [0])
        column = None if column is None else reverse_elapsed(column)
    timesteps = tf.shape(x)[0] if x.shape[0] is None else x.shape[0]
    inputs = TimeMajor(x, mask, column, timesteps)
    return _padded(inputs) if inputs.may_be_padded else inputs


def _padded(inputs: TimeMajor) -> TimeMajor:
    """Return the input with one more timestep, if it has none."""
    x, mask, elapsed, timesteps = inputs
    is_known = not tf.is_tensor(timesteps)
    missing = 1 if is_known else tf.maximum(1 - timesteps, 0)

    def pad(tensor: tf.Tensor, value: float) -> tf.Tensor:
        padded = tf.pad(tensor, [[0, missing], [0, 0], [0, 0]], constant_values=value)
        return tf.ensure_shape(padded, (1 if is_known else None, *tensor.shape[1:]))

    if mask is None and is_known:
        mask = tf.zeros_like(x[:, :, :1], "bool")
    return TimeMajor(
        pad(x, 0),
        None if mask is None else tf.cast(pad(tf.cast(mask, "int32"), 0), "bool"),
        None if elapsed is None else pad(elapsed, 1),
        timesteps,
    )


def batch_major(outputs: tf.Tensor, inputs: TimeMajor, zero_output_for_mask: bool) -> tf.Tensor:
    """Return the outputs of all timesteps (batch, timesteps, width).

    Args:
        outputs: (timesteps, batch, width).
        inputs: the input of the time loop.
        zero_output_for_mask: whether masked timesteps output zeros.
    """
    if inputs.mask is not None and zero_output_for_mask:
        outputs = tf.where(inputs.mask, outputs, tf.zeros_like(outputs))
    if inputs.may_be_padded:
        outputs = outputs[: inputs.timesteps]
    return tf.transpose(outputs, (1, 0, 2))


def last_output(outputs: tf.Tensor, inputs: TimeMajor) -> tf.Tensor:
    """Return the output (batch, width) of the last timestep; zeros if there are no timesteps."""
    if not inputs.may_be_padded:
        return outputs[-1]
    return tf.reduce_sum(outputs[inputs.timesteps - 1 : inputs.timesteps], 0)


def final_states(
    states: list[tf.Tensor], initial_states: list[tf.Tensor], inputs: TimeMajor
) -> list[tf.Tensor]:
    """Return the states after the last timestep; the initial ones if there are no timesteps."""
    if inputs.mask is not None or not inputs.may_be_padded:
        return states
    return [
        tf.where(inputs.timesteps == 0, initial, state)
        for state, initial in zip(states, initial_states, strict=True)
    ]
