"""On a GPU: training through the stock Keras layer that a cell equals, which there is cuDNN's one kernel for all timesteps.

Not in inference: what is traced for an export must run where there is no GPU.
"""

import functools

import keras
import tensorflow as tf


def is_supported(cell, regularization):
    """Whether a cell in training is to run through its stock layer: there is one, a GPU, and no noise inside the loop.

    A cell that inherits from such a one, to change its step, is not it.
    """
    return (
        vars(type(cell)).get("stock") is not None
        and on_gpu()
        and regularization.key is None
        and not regularization.each_timestep
    )


@functools.cache
def on_gpu():
    return bool(tf.config.list_physical_devices("GPU"))


def cudnn_scan(cell, x, initial, mask, otherwise):
    """The cell over x (timesteps, batch, features), from one (batch, units) per state, if no row is masked anywhere.

    cuDNN knows masks at the end of a row alone, and only the running graph knows where they are: `otherwise`, a function
    of nothing, runs there. Returns outputs (timesteps, batch, units) and the final states.
    """
    whole = functools.partial(_whole, cell, x, initial)
    outputs, *final = (
        whole() if mask is None else tf.cond(tf.reduce_all(mask), whole, lambda: _flat(otherwise()))
    )
    return outputs, final


def _flat(ran):
    outputs, final = ran
    return [outputs, *final]


def _whole(cell, x, initial):
    layer = _layer(cell.keras_layer, x.shape[-1], cell.units, cell.dtype_policy.name)
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
def _layer(kind, features, units, dtype):
    """A stock layer that lends its code; its own weights are not used."""
    with tf.init_scope():
        layer = getattr(keras.layers, kind)(
            units, return_sequences=True, return_state=True, dtype=dtype
        )
        layer.build((None, None, features))
    return layer
