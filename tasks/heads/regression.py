"""A number for a whole sequence."""

import keras
import tensorflow as tf

from tasks.head import Head, number_sums
from tasks.heads import heads


def layer(outputs):
    """(batch, width) to numbers (batch, outputs)."""
    return keras.layers.Dense(outputs, dtype="float32")


def loss():
    """Mean squared error."""
    return keras.losses.MeanSquaredError(reduction="mean_with_sample_weight")


heads.register("regression", arrangements=("many_to_one",))(
    Head(layer, sequences=False, loss=loss, sums=number_sums, probabilities=tf.identity)
)
