"""Matrix products in the layouts in which a CPU does them fast."""

import functools

import tensorflow as tf

# Rows a multiple of so many bytes apart fall on the same few lines of a cache: the product of (32, 256) and
# (256, 1024) takes twice as long as that with 1040 columns.
CROWDED = 1024
SPARE = 16  # columns of zeros that pull the rows apart


@functools.cache
def _on_cpu():
    return not tf.config.list_physical_devices("GPU")


def spread(matrix):
    """`matrix` (rows, width), with spare columns where its rows would crowd each other out of the cache."""
    if not _on_cpu() or matrix.shape[-1] * matrix.dtype.size % CROWDED:
        return matrix
    return tf.pad(matrix, ((0, 0), (0, SPARE)))


class Kernel:
    """A kernel (units, width) for many products of few rows each."""

    def __init__(self, kernel):
        self.units, self.width = kernel.shape
        self._kernel, self._spread = kernel, spread(kernel)

    def times(self, h):
        """h (rows, units) times the kernel."""
        return tf.matmul(h, self._spread)[:, : self.width]

    def backwards(self):
        """The function from d (rows, width) to d times the turned kernel.

        It is turned once: a product that turns it on the way takes up to ten times as long on a CPU.
        """
        transposed = spread(tf.transpose(self._kernel))
        return lambda d: tf.matmul(d, transposed)[:, : self.units]


def kernel_gradient(inputs, d):
    """The gradient of the kernel in inputs (..., units) @ kernel, from d (..., width): one product over all rows."""
    rows, d = tf.reshape(inputs, (-1, inputs.shape[-1])), tf.reshape(d, (-1, d.shape[-1]))
    return tf.matmul(rows, spread(d), transpose_a=True)[:, : d.shape[-1]]


def matmul(x, kernel):
    """x (..., features) times kernel (features, width), with the gradient of the kernel as above."""
    return _matmul(tf.convert_to_tensor(x), tf.convert_to_tensor(kernel))


@tf.custom_gradient
def _matmul(x, kernel):
    shape, rows = tf.shape(x), tf.reshape(x, (-1, x.shape[-1]))
    product = tf.reshape(tf.matmul(rows, kernel), tf.concat([shape[:-1], [kernel.shape[-1]]], 0))

    def backward(d):
        d_rows = tf.matmul(tf.reshape(d, (-1, kernel.shape[-1])), kernel, transpose_b=True)
        return tf.ensure_shape(tf.reshape(d_rows, shape), x.shape), kernel_gradient(x, d)

    return tf.ensure_shape(product, (*x.shape[:-1], kernel.shape[-1])), backward
