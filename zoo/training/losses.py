"""A softmax and its cross-entropy in one, straight from what the softmax's layer reads.

With many classes the logits are the largest tensor of a training step, and whatever passes over them takes time. Here one
exponential serves the loss and the gradient; dividing by the sums, and the bias' gradient, are done on the narrow side of
the products.
"""

import tensorflow as tf


@tf.custom_gradient
def cross_entropy(states, kernel, bias, targets):
    """The mean over all rows of -log softmax(states @ kernel + bias)[target], in nats.

    states (rows, width), kernel (width, classes), bias (classes,), targets (rows,) of integers below classes. Second
    derivatives are not defined through it.
    """
    logits = tf.nn.bias_add(tf.matmul(states, kernel), bias)
    rows = tf.range(tf.shape(states)[0], dtype=targets.dtype)
    places = tf.stack([rows, targets], -1)
    largest = tf.reduce_max(logits, -1, keepdims=True)
    right = tf.gather_nd(logits, places)
    exponentials = tf.exp(logits - largest)
    sums = tf.reduce_sum(exponentials, -1, keepdims=True)
    # Divided by the sums, this is the gradient of the logits: probabilities, less one at the target.
    pulls = tf.tensor_scatter_nd_sub(exponentials, places, sums[:, 0])

    def backward(d):
        factors = d / (sums * tf.cast(tf.shape(states)[0], states.dtype))
        d_states = tf.matmul(pulls, kernel, transpose_b=True) * factors
        # As if the states had a column of ones: the bias is one more row of the kernel.
        d_whole = tf.matmul(tf.concat([states * factors, factors], -1), pulls, transpose_a=True)
        return d_states, d_whole[:-1], d_whole[-1], None

    return tf.reduce_mean(tf.math.log(sums) + largest - right[:, None]), backward
