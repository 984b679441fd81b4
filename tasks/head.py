"""What a head is: a value that turns the recurrence's output into predictions, and knows their loss."""

from collections.abc import Callable
from dataclasses import dataclass

import tensorflow as tf


@dataclass(frozen=True)
class Head:
    """layer: (outputs) -> a Keras layer from features to predictions of that width; the features are (batch,
    timesteps, width) if `sequences`, else (batch, width). loss: () -> a Keras loss that takes sample weights.
    sums: (targets, predictions, weights) -> what is counted for the metrics. probabilities: predictions -> the scores
    that a user sees."""

    layer: Callable
    sequences: bool
    loss: Callable
    sums: Callable
    probabilities: Callable


def class_sums(targets, logits, weights):
    """Sums over classified items: nats of the targets, how many are right, how many there are.

    targets int (...), -1 for a class that training did not have: never right. logits (..., classes); weights (...).
    """
    nats = tf.nn.sparse_softmax_cross_entropy_with_logits(
        tf.maximum(targets, 0), tf.cast(logits, "float32")
    )
    right = tf.cast(tf.equal(tf.argmax(logits, -1, output_type=targets.dtype), targets), "float32")
    weights = tf.cast(weights, "float32")
    return {
        "nats": tf.reduce_sum(nats * weights),
        "correct": tf.reduce_sum(right * weights),
        "count": tf.reduce_sum(weights),
    }


def number_sums(targets, predictions, weights):
    """Sums over predicted numbers: their squared errors, how many there are. targets, predictions (batch, 1)."""
    error = tf.square(tf.cast(predictions, "float32") - targets)[:, 0]
    return {"squared_error": tf.reduce_sum(error * weights), "count": tf.reduce_sum(weights)}
