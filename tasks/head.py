"""A task head: output layer, loss and metric accumulators."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import keras
import tensorflow as tf


@dataclass(frozen=True)
class Head:
    """A task head: output layer, loss and metric accumulators.

    Args:
        layer: function of the number of outputs (classes, tokens or values) that returns a Keras
            layer. The layer maps features (batch, timesteps, width) to predictions (batch,
            timesteps, outputs) if `sequences`, otherwise (batch, width) to (batch, outputs).
        sequences: whether the head predicts at every timestep, rather than once per sequence.
        loss: zero-argument callable that returns a Keras loss, which accepts sample weights.
        sums: function of `(targets, predictions, weights)` that returns scalar tensors by name.
            They are summed over batches; metrics are computed from the totals. See `class_sums`.
        probabilities: function that maps predictions to the values that a user sees, of the same
            shape: logits to probabilities; numbers are unchanged.
        mean_loss: function of the totals of `sums` that returns the mean of `loss`, for the
            validation loss. None: `loss` is computed from the predictions.

    Example:
        >>> import numpy as np
        >>> from tasks import heads
        >>> head = heads.get("token_logits")
        >>> head.layer(3)(np.ones((2, 4, 5), "float32")).shape
        TensorShape([2, 4, 3])
    """

    layer: Callable[[int], keras.layers.Layer]
    sequences: bool
    loss: Callable[[], keras.losses.Loss]
    sums: Callable[[tf.Tensor, tf.Tensor, tf.Tensor], dict[str, tf.Tensor]]
    probabilities: Callable[[tf.Tensor], tf.Tensor]
    mean_loss: Callable[[Mapping[str, Any]], float] | None = None


def dense_layer(outputs: int) -> keras.layers.Layer:
    """Return a dense layer that computes in float32 even under a mixed-precision policy."""
    return keras.layers.Dense(outputs, dtype="float32")


def cross_entropy() -> keras.losses.Loss:
    """Return the cross-entropy from logits, a weighted mean over the targets."""
    return keras.losses.SparseCategoricalCrossentropy(
        from_logits=True, reduction="mean_with_sample_weight"
    )


def squared_error() -> keras.losses.Loss:
    """Return the squared error, a weighted mean over the targets."""
    return keras.losses.MeanSquaredError(reduction="mean_with_sample_weight")


def classification_head(sequences: bool) -> Head:
    """Return a head of logits over classes, or over the tokens of a vocabulary.

    Args:
        sequences: whether the head predicts at every timestep, rather than once per sequence.
    """
    return Head(
        dense_layer,
        sequences=sequences,
        loss=cross_entropy,
        sums=class_sums,
        probabilities=tf.nn.softmax,
        mean_loss=mean_nats,
    )


def class_sums(targets: tf.Tensor, logits: tf.Tensor, weights: tf.Tensor) -> dict[str, tf.Tensor]:
    """Return sums over classified items, from which accuracy and perplexity are computed.

    Args:
        targets: int (...), class ids; -1 stands for a class that is not in the training data, is
            never predicted correctly and has no likelihood.
        logits: float (..., classes).
        weights: (...), 1 for each target, 0 for padding.

    Returns:
        Scalars: "nats", the negative log-likelihood of the targets; "correct", the number of
        correct predictions; "count", the number of items; "known", the number of items whose class
        is in the training data.
    """
    nats = tf.nn.sparse_softmax_cross_entropy_with_logits(
        tf.maximum(targets, 0), tf.cast(logits, "float32")
    )
    predicted = tf.argmax(logits, -1, output_type=targets.dtype)
    correct = tf.cast(tf.equal(predicted, targets), "float32")
    weights = tf.cast(weights, "float32")
    known = weights * tf.cast(targets >= 0, "float32")
    return {
        "nats": tf.reduce_sum(nats * known),
        "correct": tf.reduce_sum(correct * weights),
        "count": tf.reduce_sum(weights),
        "known": tf.reduce_sum(known),
    }


def mean_nats(sums: Mapping[str, Any]) -> float:
    """Return the mean negative log-likelihood of the targets, NaN without a target.

    Args:
        sums: totals of `class_sums`, or those of a trivial baseline, which may lack "known".
    """
    known = sums.get("known", sums["count"])
    return sums["nats"] / known if known else math.nan


def mean_squared_error(sums: Mapping[str, Any]) -> float:
    """Return the mean of the squared errors from the totals of `number_sums`."""
    return sums["squared_error"] / sums["count"]


def number_sums(
    targets: tf.Tensor, predictions: tf.Tensor, weights: tf.Tensor
) -> dict[str, tf.Tensor]:
    """Return sums over predicted values, from which the mean squared error is computed.

    Args:
        targets: float32 (batch, 1).
        predictions: (batch, 1).
        weights: float32 (batch,).

    Returns:
        Scalars: "squared_error", the sum of the squared errors; "count", the number of values.
    """
    error = tf.square(tf.cast(predictions, "float32") - targets)[:, 0]
    return {"squared_error": tf.reduce_sum(error * weights), "count": tf.reduce_sum(weights)}
