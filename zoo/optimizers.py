"""The optimizer of every training run: Adam as one fused operation per weight."""

import re
from collections.abc import Iterable
from typing import Any

import keras
import tensorflow as tf

# Names of the weights with weight decay: kernel, recurrent_kernel, output_kernel and the like.
DECAYED_NAMES = re.compile("kernel|recurrent_blocks")


@keras.saving.register_keras_serializable("zoo")
class Adam(keras.optimizers.Adam):
    """`keras.optimizers.Adam` with each weight's update fused into one TensorFlow operation.

    The updates equal those of Keras (Kingma & Ba 2015, arXiv 1412.6980, with epsilon as at the end
    of section 2). Keras applies a dozen element-wise operations to each weight; this class applies
    `tf.raw_ops.ResourceApplyAdam`. Keras' update applies with `amsgrad=True`, and to sparse
    gradients (those of an embedding, unless they are clipped).

    The fused update uses three private attributes of the Keras class: `_get_variable_index`,
    `_momentums` and `_velocities`.

    Args:
        *args: positional arguments of `keras.optimizers.Adam`; the first is `learning_rate`.
        **kwargs: keyword arguments of `keras.optimizers.Adam`.

    Example:
        >>> import keras
        >>> from zoo.optimizers import Adam
        >>> weight = keras.Variable([1.0])
        >>> Adam(learning_rate=0.5).apply([keras.ops.ones((1,))], [weight])
        >>> print(weight.numpy().round(3))
        [0.5]
    """

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """Apply one gradient to one variable.

        Args:
            gradient: a tensor of the shape of `variable`, or `tf.IndexedSlices`.
            variable: the variable to update in place.
            learning_rate: scalar tensor.
        """
        if self.amsgrad or isinstance(gradient, tf.IndexedSlices):
            super().update_step(gradient, variable, learning_rate)
            return
        index = self._get_variable_index(variable)
        step = tf.cast(self.iterations + 1, variable.dtype)
        beta_1, beta_2 = (tf.cast(beta, variable.dtype) for beta in (self.beta_1, self.beta_2))
        tf.raw_ops.ResourceApplyAdam(
            var=_handle(variable),
            m=_handle(self._momentums[index]),
            v=_handle(self._velocities[index]),
            beta1_power=beta_1**step,
            beta2_power=beta_2**step,
            lr=tf.cast(learning_rate, variable.dtype),
            beta1=beta_1,
            beta2=beta_2,
            epsilon=tf.cast(self.epsilon, variable.dtype),
            grad=tf.cast(tf.convert_to_tensor(gradient), variable.dtype),
        )


def without_weight_decay(variables: Iterable[Any]) -> list[Any]:
    """Return the weights that weight decay excludes: all but kernels.

    Biases, scales, initial states and other parameters of a cell, such as time constants, have a
    meaning at values other than zero. The embedding of a rare token would decay at each training
    step, and have a gradient at few of them.

    Args:
        variables: the trainable variables of a model.

    Example:
        >>> import keras
        >>> from zoo.optimizers import without_weight_decay
        >>> layer = keras.layers.LSTM(4)
        >>> layer.build((None, None, 3))
        >>> [variable.name for variable in without_weight_decay(layer.trainable_variables)]
        ['bias']
    """
    return [variable for variable in variables if not DECAYED_NAMES.search(variable.name)]


def _handle(variable: Any) -> Any:
    return (variable.value if isinstance(variable, keras.Variable) else variable).handle
