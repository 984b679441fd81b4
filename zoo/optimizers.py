"""The optimizer of every training run: Adam as one fused operation per weight."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import keras
import tensorflow as tf

# The names of the weights with weight decay: kernel, recurrent_kernel, output_kernel and the like.
# Biases, scales, initial states and other parameters of a cell, such as time constants, have a
# meaning at values other than zero. The embedding of a rare token would decay at each training
# step, and have a gradient at few of them.
KERNELS = "kernel|recurrent_blocks"
_ROUNDING = 1e-5  # Keras multiplies by a factor near 1 where the norm is below the threshold


@keras.saving.register_keras_serializable("zoo")
class Adam(keras.optimizers.Adam):
    """`keras.optimizers.Adam` with each weight's update fused into one TensorFlow operation.

    The updates equal those of Keras (Kingma & Ba 2015, arXiv 1412.6980, with epsilon as at the end
    of section 2). Keras applies a dozen element-wise operations to each weight; this class applies
    `tf.raw_ops.ResourceApplyAdam`. Keras' update applies with `amsgrad=True`.

    The gradient of an embedding is the sum over all occurrences of a token, as in the paper. Keras
    squares the gradient of each occurrence for the second moment, unless the gradients are clipped
    by their global norm; so there the clipping changes Adam even if it clips nothing.

    The fused update uses three private attributes of the Keras class: `_get_variable_index`,
    `_momentums` and `_velocities`; `count_clipped_steps` extends `_clip_gradients`.

    Args:
        *args: positional arguments of `keras.optimizers.Adam`; the first is `learning_rate`.
        decayed: regular expression that finds the names of the weights with weight decay; None:
            weight decay applies to all weights, as in Keras.
        **kwargs: keyword arguments of `keras.optimizers.Adam`.

    Example:
        >>> import keras
        >>> from zoo.optimizers import Adam
        >>> weight = keras.Variable([1.0])
        >>> Adam(learning_rate=0.5).apply([keras.ops.ones((1,))], [weight])
        >>> print(weight.numpy().round(3))
        [0.5]
    """

    def __init__(self, *args: Any, decayed: str | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.decayed = decayed
        self._clipped_steps: Any = None

    def build(self, variables: Iterable[Any]) -> None:
        """Create the state of the optimizer for the trainable variables of a model."""
        if self.weight_decay and self.decayed and not self.built:
            # Not in `exclude_from_weight_decay` of a caller: Keras does not save exclusions.
            pattern = re.compile(self.decayed)
            excluded = [each for each in variables if not pattern.search(each.name)]
            self.exclude_from_weight_decay(var_list=excluded)
        super().build(variables)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        return {**super().get_config(), "decayed": self.decayed}

    def count_clipped_steps(self) -> None:
        """Count the steps on which clipping acts, from now on, in a variable on the device."""
        if any((self.clipnorm, self.global_clipnorm, self.clipvalue)):
            # Not a variable of Keras: those of an optimizer are in its checkpoints.
            self._clipped_steps = tf.Variable([0, 0], dtype="int64", trainable=False)

    @property
    def clipped_steps(self) -> dict[str, int] | None:
        """The numbers of steps {"clipped", "counted"}; None if they are not counted."""
        if self._clipped_steps is None:
            return None
        clipped, counted = self._clipped_steps.numpy().tolist()
        return {"clipped": clipped, "counted": counted}

    @clipped_steps.setter
    def clipped_steps(self, counts: Mapping[str, int] | None) -> None:
        if self._clipped_steps is not None:
            values = [counts["clipped"], counts["counted"]] if counts else [0, 0]
            self._clipped_steps.assign(values)

    def _clip_gradients(self, grads: list[Any]) -> list[Any]:
        """Clip the gradients, and count the step if that shortens one of them."""
        clipped = super()._clip_gradients(grads)
        if self._clipped_steps is not None:
            size = _largest if self.clipvalue else tf.nn.l2_loss
            pairs = zip(grads, clipped, strict=True)
            shorter = [_is_shorter(*pair, size) for pair in pairs if pair[0] is not None]
            counts = tf.stack([tf.reduce_any(shorter), True])
            self._clipped_steps.assign_add(tf.cast(counts, "int64"))
        return clipped

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """Apply one gradient to one variable.

        Args:
            gradient: a tensor of the shape of `variable`, or `tf.IndexedSlices`, the gradient of an
                embedding.
            variable: the variable to update in place.
            learning_rate: scalar tensor.
        """
        gradient = tf.convert_to_tensor(gradient)  # sums the rows of equal indices
        if self.amsgrad:
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
            grad=tf.cast(gradient, variable.dtype),
        )


def _is_shorter(gradient: Any, clipped: Any, size: Callable[[tf.Tensor], tf.Tensor]) -> tf.Tensor:
    """Return whether clipping made a gradient smaller, rounding apart."""
    # Keras may sum the rows of equal indices of an embedding's gradient.
    before, after = map(tf.convert_to_tensor, (gradient, clipped))
    return size(after) < (1 - _ROUNDING) * size(before)


def _largest(gradient: tf.Tensor) -> tf.Tensor:
    return tf.reduce_max(tf.abs(gradient))


def _handle(variable: Any) -> Any:
    return (variable.value if isinstance(variable, keras.Variable) else variable).handle
