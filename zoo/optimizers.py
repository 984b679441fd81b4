"""The optimizer of all training: Adam, each weight's update one operation."""

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable("zoo")
class Adam(keras.optimizers.Adam):
    """Keras' Adam, to the same numbers (Kingma & Ba 2015, arXiv 1412.6980, with the epsilon of section 2, end).

    Keras updates a weight by a dozen operations, each of which reads and writes all of it; TensorFlow has one operation
    for it. The gradient of an embedding that is not clipped tells of some rows only, and stays with Keras.
    """

    def update_step(self, gradient, variable, learning_rate):
        if isinstance(gradient, tf.IndexedSlices):
            super().update_step(gradient, variable, learning_rate)
            return
        place = self._get_variable_index(variable)
        count = tf.cast(self.iterations + 1, variable.dtype)
        beta_1, beta_2 = (tf.cast(beta, variable.dtype) for beta in (self.beta_1, self.beta_2))
        tf.raw_ops.ResourceApplyAdam(
            var=_handle(variable),
            m=_handle(self._momentums[place]),
            v=_handle(self._velocities[place]),
            beta1_power=beta_1**count,
            beta2_power=beta_2**count,
            lr=tf.cast(learning_rate, variable.dtype),
            beta1=beta_1,
            beta2=beta_2,
            epsilon=tf.cast(self.epsilon, variable.dtype),
            grad=tf.cast(tf.convert_to_tensor(gradient), variable.dtype),
        )


def _handle(variable):
    return (variable.value if isinstance(variable, keras.Variable) else variable).handle
