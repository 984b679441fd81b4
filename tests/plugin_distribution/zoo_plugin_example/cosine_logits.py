"""Plugin head: a dense layer whose weight vector of each class has unit norm."""

import keras
import tensorflow as tf

from tasks.head import Head, class_sums
from tasks.heads import heads


def layer(outputs):
    """Return a layer from (batch, timesteps, features) to logits (batch, timesteps, outputs)."""
    return keras.layers.Dense(
        outputs, use_bias=False, kernel_constraint="unit_norm", dtype="float32"
    )


def loss():
    """Return the cross-entropy, averaged over the valid timesteps."""
    return keras.losses.SparseCategoricalCrossentropy(
        from_logits=True, reduction="mean_with_sample_weight"
    )


heads.register("cosine_logits")(
    Head(layer, sequences=True, loss=loss, sums=class_sums, probabilities=tf.nn.softmax)
)
