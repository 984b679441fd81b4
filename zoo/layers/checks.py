"""Checks of the inputs of a recurrent layer, with messages that name the remedy.

Shapes that are known when the graph is built are checked then; sizes that are not, by an assertion
at run time.
"""

from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from zoo.errors import RequestError
from zoo.recurrent_cell import RecurrentCell

Shape = Sequence[int | None]

_RANKS = {
    1: "Add the missing axes, for example by x[None, :, None].",
    2: "Add the missing axis: x[:, :, None] for one feature, x[None] for a batch of one.",
    4: "Join two axes by a reshape, or apply the layer to each by keras.layers.TimeDistributed.",
}


def check_sequences(sequences: Any, features: int | None) -> None:
    """Check kind, rank and width of the input of a layer.

    Args:
        sequences: the input, before Keras converts it.
        features: width of the input of a built layer; None: not built.

    Raises:
        RequestError: the input is not a dense numeric tensor (batch, timesteps, features).
    """
    if isinstance(sequences, tf.RaggedTensor) or getattr(sequences, "ragged", False):
        raise RequestError(
            "the input of zoo.Recurrent is a ragged tensor, and it takes a dense one and a mask. "
            "Pass x.to_tensor() and mask=tf.sequence_mask(x.row_lengths())."
        )
    if isinstance(sequences, tf.SparseTensor) or getattr(sequences, "sparse", False):
        raise RequestError(
            "the input of zoo.Recurrent is a sparse tensor, and it takes a dense one. "
            "Pass tf.sparse.to_dense(x)."
        )
    dtype = str(getattr(getattr(sequences, "dtype", None), "name", ""))
    if dtype.startswith(("str", "object", "bytes", "complex")):
        raise RequestError(
            f"the input of zoo.Recurrent has the dtype {dtype}, and it takes floats or integers. "
            "Encode it first, for example by keras.layers.Embedding."
        )
    shape = getattr(sequences, "shape", None)
    if shape is not None and getattr(shape, "rank", 0) is not None:
        check_shape(tuple(shape), features)


def check_shape(shape: Shape, features: int | None) -> None:
    """Check the shape of the input of a layer.

    Args:
        shape: the shape of the input.
        features: width of the input of a built layer; None: not built.

    Raises:
        RequestError: the shape is not (batch, timesteps, features), or its width is unknown or
            differs from `features`.
    """
    if len(shape) != 3:
        remedy = _RANKS.get(len(shape), "Reshape it.")
        raise RequestError(
            "zoo.Recurrent takes sequences (batch, timesteps, features), and the input has the "
            f"shape {_text(shape)}. {remedy}"
        )
    if features is None and shape[-1] is None:
        raise RequestError(
            f"the input has the shape {_text(shape)}, so the number of features is unknown, and "
            "with it the shape of the kernel. Set it, for example by keras.Input((None, 8))."
        )
    if features is not None and shape[-1] not in (None, features):
        raise RequestError(
            f"the layer was built for {features} features, and the input has the shape "
            f"{_text(shape)}, with {shape[-1]}. Pass {features} features, or create another layer."
        )


def check_timestep_values(
    name: str, values: tf.Tensor | None, sequences: tf.Tensor
) -> tf.Tensor | None:
    """Return a mask, or the elapsed times, with a check of the shape.

    Args:
        name: name of the argument of the call.
        values: its value, one for each timestep of the input; or None.
        sequences: (batch, timesteps, features).

    Raises:
        RequestError: the shape of the values is known, and wrong.
        tf.errors.InvalidArgumentError: it is wrong at run time.
    """
    if values is None:
        return None
    expected, shape = sequences.shape[:2], values.shape
    reason = f"{name} must have the shape (batch, timesteps) of the input"
    remedy = "Pass one value per timestep of the input."
    if not shape.is_compatible_with(expected):
        raise RequestError(
            f"{reason}, which is {_text(expected)}, and it has {_text(shape)}. {remedy}"
        )
    if shape.is_fully_defined() and expected.is_fully_defined():
        return values
    return _after_check(values, tf.shape(values), tf.shape(sequences)[:2], f"{reason}. {remedy}")


def _after_check(
    tensor: tf.Tensor, actual: tf.Tensor, expected: tf.Tensor | int, message: str
) -> tf.Tensor:
    """Return the tensor, after an assertion at run time that two sizes are equal."""
    assertion = tf.debugging.assert_equal(actual, expected, message)
    with tf.control_dependencies([] if assertion is None else [assertion]):
        return tf.identity(tensor)


def check_states(cell: RecurrentCell, states: Sequence[tf.Tensor], batch_size: int | None) -> None:
    """Check the number and the shapes of the states that a caller passes.

    Args:
        cell: the cell.
        states: one tensor per state.
        batch_size: number of rows of the input; None: unknown.

    Raises:
        RequestError: the number of states, the width of one or its number of rows is wrong.
    """
    name, widths = type(cell).__name__, cell.state_widths()
    expected = dict(zip(cell.state_names, widths, strict=True))
    if len(states) != len(expected):
        raise RequestError(
            f"initial_state has {len(states)} tensors, and {name} has the states "
            f"{', '.join(expected)}. Pass one tensor (batch, width) for each state."
        )
    for state, (state_name, width) in zip(states, expected.items(), strict=True):
        if not state.shape.is_compatible_with((batch_size, width)):
            raise RequestError(
                f"the initial state {state_name!r} of {name} has the shape {_text(state.shape)}, "
                f"and ({'batch' if batch_size is None else batch_size}, {width}) is needed. "
                "Pass one row per sequence, as wide as the state."
            )


def check_stateful_batch(sequences: tf.Tensor, batch_size: int) -> tf.Tensor:
    """Return the input of a stateful layer, with a check of the batch size.

    Args:
        sequences: (batch, timesteps, features).
        batch_size: number of rows of the states that the layer holds.

    Raises:
        RequestError: the batch size is known, and another one.
        tf.errors.InvalidArgumentError: it is another one at run time.
    """
    message = f"the stateful layer holds states of {batch_size} sequences, and the input has"
    remedy = f"Pass batches of {batch_size}, or leave out stateful."
    if sequences.shape[0] is None:
        message = f"{message} another batch size. {remedy}"
        return _after_check(sequences, tf.shape(sequences)[0], batch_size, message)
    if sequences.shape[0] != batch_size:
        raise RequestError(f"{message} {sequences.shape[0]}. {remedy}")
    return sequences


def _text(shape: Any) -> str:
    """Return a shape as text, such as (None, 5, 3)."""
    return str(tuple(shape)) if getattr(shape, "rank", 0) is not None else "of unknown rank"
