"""The cuDNN path: on a GPU, `lstm` and `gru` train through the equivalent Keras layer.

A cell class may name the Keras layer that has the same equations and weights
(`RecurrentCell.keras_layer`). On a GPU, Keras runs that layer as one cuDNN kernel for all
timesteps. Only training uses this path, because an exported graph must also run without a GPU.
"""

import functools
from collections.abc import Callable, Sequence

import keras
import tensorflow as tf

from zoo.cell_base.gated_cell import GatedCell
from zoo.engine.dropout import Regularization
from zoo.recurrent_cell import RecurrentCell

Result = tuple[tf.Tensor, list[tf.Tensor]]


def is_supported(cell: RecurrentCell, regularization: Regularization) -> bool:
    """Return whether a cell can train through its Keras layer.

    The conditions are a GPU, an equivalent Keras layer, a bias, one head, the default activations,
    and no dropout or zoneout. A subclass does not inherit its parent's `keras_layer`, because it
    may override `step`.
    """
    return (
        vars(type(cell)).get("keras_layer") is not None
        and cell.use_bias
        and cell.recurrent_heads == 1
        and (not isinstance(cell, GatedCell) or cell.has_default_activations)
        and on_gpu()
        and regularization.key is None
        and not regularization.varies_over_time
    )


@functools.cache
def on_gpu() -> bool:
    """Return whether TensorFlow sees a GPU."""
    return bool(tf.config.list_physical_devices("GPU"))


def cudnn_scan(
    cell: RecurrentCell,
    x: tf.Tensor,
    initial: Sequence[tf.Tensor],
    mask: tf.Tensor | None,
    fallback: Callable[[], Result],
) -> Result:
    """Run a cell over time through its Keras layer, if no timestep is masked.

    cuDNN supports masked timesteps at the end of a row only, and the values of a mask are unknown
    when the graph is built. So a batch with any masked timestep runs the fallback.

    Args:
        cell: a built cell that has a Keras layer.
        x: inputs (timesteps, batch, features), not projected.
        initial: one (batch, units) tensor per state.
        mask: (timesteps, batch, 1) bool, True = valid, or None.
        fallback: zero-argument callable that returns the same results without cuDNN.

    Returns:
        Outputs (timesteps, batch, units) and a list of the final states.
    """

    def run_layer():
        return _run_keras_layer(cell, x, initial)

    def run_fallback():
        outputs, final = fallback()
        return [outputs, *final]

    if mask is None:
        outputs, *final = run_layer()
    else:
        outputs, *final = tf.cond(tf.reduce_all(mask), run_layer, run_fallback)
    return outputs, final


def _run_keras_layer(
    cell: RecurrentCell, x: tf.Tensor, initial: Sequence[tf.Tensor]
) -> list[tf.Tensor]:
    layer = _keras_layer(cell.keras_layer, x.shape[-1], cell.units, cell.dtype_policy.name)
    weights = [
        tf.convert_to_tensor(weight) for weight in (cell.kernel, cell.recurrent_kernel, cell.bias)
    ]
    (outputs, *final), _ = layer.stateless_call(
        weights,
        [v.value for v in layer.non_trainable_variables],
        tf.transpose(x, (1, 0, 2)),
        initial_state=list(initial),
    )
    return [tf.transpose(outputs, (1, 0, 2)), *final]


@functools.cache
def _keras_layer(name: str, features: int, units: int, dtype: str) -> keras.layers.Layer:
    """Return a Keras layer, to be called with the weights of a cell instead of its own."""
    with tf.init_scope():
        layer = getattr(keras.layers, name)(
            units, return_sequences=True, return_state=True, dtype=dtype
        )
        layer.build((None, None, features))
    return layer
