"""Losses for large vocabularies: fused softmax cross-entropy and sampled softmax.

Both take the input of a softmax layer together with its weights. With many classes the logits are
the largest tensor of a training step, and each pass over them takes time: the fused loss computes
one exponential for both loss and gradient, and a sampled softmax computes only some of the logits.
"""

import math
from typing import Any

import tensorflow as tf

from zoo.engine.batch_parts import parallel_operations, row_ranges


def fused_cross_entropy(
    states: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor, targets: tf.Tensor
) -> tf.Tensor:
    """Return the mean cross-entropy of a dense softmax layer, in nats.

    Equals the mean over all rows of -log softmax(states @ kernel + bias)[target]. If each operation
    has one thread, parts of the rows are computed side by side. Second derivatives are not defined.

    Args:
        states: (rows, width), input of the softmax layer.
        kernel: (width, classes).
        bias: (classes,).
        targets: (rows,), integers below `classes`.

    Returns:
        A scalar.
    """
    targets = tf.convert_to_tensor(targets)
    rows = tf.shape(states)[0] if states.shape[0] is None else states.shape[0]
    losses = [
        _sum_of_cross_entropies(states[first:end], kernel, bias, targets[first:end])
        for first, end in row_ranges(rows, parallel_operations())
    ]
    return tf.add_n(losses) / tf.cast(rows, states.dtype)


@tf.custom_gradient
def _sum_of_cross_entropies(
    states: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor, targets: tf.Tensor
) -> Any:
    logits = tf.nn.bias_add(tf.matmul(states, kernel), bias)
    rows = tf.range(tf.shape(states)[0], dtype=targets.dtype)
    indices = tf.stack([rows, targets], -1)
    largest = tf.reduce_max(logits, -1, keepdims=True)
    target_logits = tf.gather_nd(logits, indices)
    exponentials = tf.exp(logits - largest)
    sums = tf.reduce_sum(exponentials, -1, keepdims=True)
    # Divided by `sums` these are the logit gradients: probabilities, minus 1 at the target.
    logit_gradients = tf.tensor_scatter_nd_sub(exponentials, indices, sums[:, 0])

    def backward(upstream: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor, None]:
        # The division by `sums` scales the narrow matrices, not the (rows, classes) one.
        factors = upstream / sums
        d_states = tf.matmul(logit_gradients, kernel, transpose_b=True) * factors
        # With a column of ones in the states, the bias is the last row of the kernel.
        extended_states = tf.concat([states * factors, factors], -1)
        d_weights = tf.matmul(extended_states, logit_gradients, transpose_a=True)
        return d_states, d_weights[:-1], d_weights[-1], None

    return tf.reduce_sum(tf.math.log(sums) + largest - target_logits[:, None]), backward


def sampled_cross_entropy(
    states: tf.Tensor,
    kernel: tf.Tensor,
    bias: tf.Tensor,
    targets: tf.Tensor,
    sampled: tf.Tensor,
) -> tf.Tensor:
    """Return the mean cross-entropy of a sampled softmax, in nats.

    Each target is compared with the sampled classes only. The logits are corrected by the expected
    counts of the classes under `log_uniform` (Jean et al. 2015, arXiv 1412.2007; Bengio & Senecal
    2008).

    Args:
        states: (rows, width), input of the softmax layer.
        kernel: (width, classes).
        bias: (classes,).
        targets: integers below `classes`, one per row, of any shape.
        sampled: (count,), int64 class ids from `log_uniform`.

    Returns:
        A scalar.
    """
    targets = tf.cast(tf.reshape(targets, (-1, 1)), tf.int64)
    count, classes = sampled.shape[0], bias.shape[0]
    expected = [count * log_uniform_probability(ids, classes) for ids in (targets, sampled)]
    return tf.reduce_mean(
        tf.nn.sampled_softmax_loss(
            tf.transpose(kernel),
            bias,
            targets,
            states,
            count,
            classes,
            sampled_values=(sampled, *expected),
        )
    )


def log_uniform(
    count: int, classes: int, seed: tuple[int | tf.Tensor, int | tf.Tensor]
) -> tf.Tensor:
    """Draw class ids from the log-uniform (Zipfian) distribution, with replacement.

    For classes in order of decreasing frequency, such as the tokens of a vocabulary. The same seed
    gives the same ids.

    Args:
        count: number of ids.
        classes: number of classes.
        seed: two integers.

    Returns:
        int64 ids (count,) below `classes`.
    """
    seed = tf.stack([tf.cast(number, tf.int32) for number in seed])
    uniform = tf.random.stateless_uniform((count,), seed)
    ids = tf.cast(tf.exp(uniform * math.log(classes + 1)), tf.int64) - 1
    return tf.clip_by_value(ids, 0, classes - 1)  # rounding may exceed the range by one


def log_uniform_probability(ids: tf.Tensor, classes: int) -> tf.Tensor:
    """Return the probability of each id: log((id + 2) / (id + 1)) / log(classes + 1)."""
    rank = tf.cast(ids, tf.float32)
    return tf.math.log((rank + 2) / (rank + 1)) / math.log(classes + 1)
