"""A softmax and its cross-entropy in one, straight from what the softmax's layer reads.

With many classes the logits are the largest tensor of a training step, and whatever passes over them takes time. Here
nothing does but the three products, a maximum, one exponential and its sum: what is left of the softmax is done on the
narrow side of the products.
"""

import tensorflow as tf


@tf.custom_gradient
def cross_entropy(states, kernel, bias, targets):
    """The mean over all rows of -log softmax(states @ kernel + bias)[target], in nats.

    states (rows, width), kernel (width, classes), bias (classes,), targets (rows,) of integers below classes. Second
    derivatives are not defined through it.
    """
    logits = tf.nn.bias_add(tf.matmul(states, kernel), bias)
    largest = tf.reduce_max(logits, -1, keepdims=True)
    right = tf.gather(logits, targets, batch_dims=1)
    exponentials = tf.exp(logits - largest)
    sums = tf.reduce_sum(exponentials, -1, keepdims=True)
    turned = tf.transpose(kernel)

    def backward(d):
        share = d / tf.cast(tf.shape(states)[0], states.dtype)
        d_states = tf.matmul(exponentials, turned) / sums - tf.gather(turned, targets)
        ones = tf.ones_like(sums)
        # The row of ones makes the bias one more row of the kernel.
        d_whole = tf.matmul(tf.concat([states, ones], -1) / sums, exponentials, transpose_a=True)
        at_targets = tf.math.unsorted_segment_sum(tf.concat([states, ones], -1), targets, bias.shape[0])
        d_whole = (d_whole - tf.transpose(at_targets)) * share
        return d_states * share, d_whole[:-1], d_whole[-1], None

    return tf.reduce_mean(tf.math.log(sums) + largest - right[:, None]), backward
