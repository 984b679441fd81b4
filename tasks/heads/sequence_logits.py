"""Logits for a whole sequence."""

import keras
import tensorflow as tf

from tasks.head import Head, class_sums
from tasks.heads import heads


def layer(outputs):
    """(batch, width) to logits (batch, outputs)."""
    return keras.layers.Dense(outputs, dtype="float32")


def loss():
    """Cross entropy, the mean over the batch."""
    return keras.losses.SparseCategoricalCrossentropy(
        from_logits=True, reduction="mean_with_sample_weight"
    )


heads.register("sequence_logits", arrangements=("many_to_one",))(
    Head(layer, sequences=False, loss=loss, sums=class_sums, probabilities=tf.nn.softmax)
)
