"""Logits of the next target token for every timestep of a decoder."""

import keras
import tensorflow as tf

from tasks.head import Head, class_sums
from tasks.heads import heads


def layer(outputs):
    """(batch, timesteps, width) to logits (batch, timesteps, target tokens)."""
    return keras.layers.Dense(outputs, dtype="float32")


def loss():
    """Cross entropy, the mean over the target tokens that count."""
    return keras.losses.SparseCategoricalCrossentropy(
        from_logits=True, reduction="mean_with_sample_weight"
    )


heads.register("decoder_logits", arrangements=("encoder_decoder",))(
    Head(layer, sequences=True, loss=loss, sums=class_sums, probabilities=tf.nn.softmax)
)
