"""A number for a whole sequence."""

import keras
import tensorflow as tf

from tasks.head import Head, number_sums
from tasks.heads import heads


def apply(features, outputs):
    """(batch, width) to numbers (batch, outputs)."""
    return keras.layers.Dense(outputs, dtype="float32", name="number")(features)


def loss():
    """Mean squared error."""
    return keras.losses.MeanSquaredError(reduction="mean_with_sample_weight")


heads.register("regression", arrangements=("many_to_one",))(
    Head(apply, sequences=False, loss=loss, sums=number_sums, probabilities=tf.identity))
