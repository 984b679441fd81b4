"""Matrix products in layouts that are fast on CPUs.

Three optimizations, none of which changes the result beyond rounding (measured in docs/engine.md):

- Padding: if the distance between the rows of a matrix is a multiple of 1,024 bytes, the rows share
  few cache sets, and a product takes up to twice as long. `pad_columns` appends columns of zeros to
  such a matrix.
- Transposition: the backward pass multiplies by the transposed kernel at every timestep.
  `Kernel.transposed` transposes it once, before the loop; a product that transposes its operand
  takes up to ten times as long.
- One product for a kernel's gradient: `kernel_gradient` sums over all timesteps and rows at once.
"""

import functools
from collections.abc import Callable

import tensorflow as tf

CONFLICTING_STRIDE = 1024  # bytes; products are slow if a multiple of it is the size of a row
PADDING_COLUMNS = 16


@functools.cache
def _on_cpu() -> bool:
    return not tf.config.list_physical_devices("GPU")


def pad_columns(matrix: tf.Tensor) -> tf.Tensor:
    """Append columns of zeros to a matrix whose rows would conflict in the cache.

    Args:
        matrix: (rows, width); the width must be known when the graph is built.

    Returns:
        The matrix unchanged, or padded to (rows, width + PADDING_COLUMNS).
    """
    if not _on_cpu() or matrix.shape[-1] * matrix.dtype.size % CONFLICTING_STRIDE:
        return matrix
    return tf.pad(matrix, ((0, 0), (0, PADDING_COLUMNS)))


class Kernel:
    """A kernel that is multiplied by few rows at every timestep.

    Args:
        kernel: (units, width).
    """

    def __init__(self, kernel: tf.Tensor) -> None:
        self.units, self.width = kernel.shape
        self._kernel, self._padded = kernel, pad_columns(kernel)

    def times(self, h: tf.Tensor) -> tf.Tensor:
        """Return h (rows, units) times the kernel: (rows, width)."""
        return tf.matmul(h, self._padded)[:, : self.width]

    def transposed(self) -> Callable[[tf.Tensor], tf.Tensor]:
        """Transpose the kernel once, for many products.

        Returns:
            A function that maps d (rows, width) to d times the transposed kernel (rows, units).
        """
        padded = pad_columns(tf.transpose(self._kernel))
        return lambda d: tf.matmul(d, padded)[:, : self.units]


def kernel_gradient(inputs: tf.Tensor, d: tf.Tensor) -> tf.Tensor:
    """Return the gradient of the kernel in `inputs @ kernel`, by one product over all rows.

    Args:
        inputs: (..., units).
        d: gradient of the product (..., width).

    Returns:
        The gradient (units, width).
    """
    rows, d = tf.reshape(inputs, (-1, inputs.shape[-1])), tf.reshape(d, (-1, d.shape[-1]))
    return tf.matmul(rows, pad_columns(d), transpose_a=True)[:, : d.shape[-1]]


def matmul(x: tf.Tensor, kernel: tf.Tensor) -> tf.Tensor:
    """Return x @ kernel, with the gradient of the kernel computed by `kernel_gradient`.

    Args:
        x: (..., features).
        kernel: (features, width).

    Returns:
        The product (..., width).
    """
    return _matmul(tf.convert_to_tensor(x), tf.convert_to_tensor(kernel))


@tf.custom_gradient
def _matmul(x, kernel):
    shape, rows = tf.shape(x), tf.reshape(x, (-1, x.shape[-1]))
    product = tf.reshape(tf.matmul(rows, kernel), tf.concat([shape[:-1], [kernel.shape[-1]]], 0))

    def backward(d):
        d_rows = tf.matmul(tf.reshape(d, (-1, kernel.shape[-1])), kernel, transpose_b=True)
        return tf.ensure_shape(tf.reshape(d_rows, shape), x.shape), kernel_gradient(x, d)

    return tf.ensure_shape(product, (*x.shape[:-1], kernel.shape[-1])), backward
