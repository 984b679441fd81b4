"""Matrix products in layouts that are fast on CPUs.

Five optimizations, none of which changes the result beyond rounding (measured in docs/engine.md):

- Padding: if the distance between the rows of a matrix is a multiple of 1,024 bytes, the rows share
  few cache sets, and a product takes up to twice as long. `pad_columns` appends columns of zeros to
  such a matrix.
- Transposition: the backward pass multiplies by the transposed kernel at every timestep.
  `Kernel.transposed` transposes it once, before the loop; a product that transposes its operand
  takes up to ten times as long.
- Column blocks: a product of few rows gains little from a second thread, which waits for the first
  one in every product. `column_blocks` cuts a kernel into blocks of columns. Their products do not
  depend on each other, so that TensorFlow runs them side by side, each on one thread.
- One product for a kernel's gradient: `kernel_gradient` sums over all timesteps and rows at once.
- One pass for a bias' gradient: the sum that TensorFlow derives for `+` takes twice as long.
"""

import functools
import itertools
import os
from collections.abc import Callable

import tensorflow as tf

CONFLICTING_STRIDE = 1024  # bytes; products are slow if a multiple of it is the size of a row
PADDING_COLUMNS = 16
BLOCK_ELEMENTS = 24 * 1024  # of a kernel; a smaller block costs more than its thread gains
MAX_BLOCK_ELEMENTS = 64 * 1024  # a larger block does not fit into the cache of one core
MAX_BLOCKS = 8
MAX_BLOCK_ROWS = 64  # more rows keep all threads busy in one product
_REGISTER = 8  # float32 values


@functools.cache
def on_cpu() -> bool:
    """Return whether TensorFlow computes on a CPU."""
    return not tf.config.list_physical_devices("GPU")


def pad_columns(matrix: tf.Tensor) -> tf.Tensor:
    """Append columns of zeros to a matrix whose rows would conflict in the cache.

    Args:
        matrix: (rows, width); the width must be known when the graph is built.

    Returns:
        The matrix unchanged, or padded to (rows, width + PADDING_COLUMNS).
    """
    if not on_cpu() or matrix.shape[-1] * matrix.dtype.size % CONFLICTING_STRIDE:
        return matrix
    return tf.pad(matrix, ((0, 0), (0, PADDING_COLUMNS)))


def column_blocks(kernel: tf.Tensor, rows: int | None) -> list[tf.Tensor]:
    """Cut a kernel into blocks of columns whose products run side by side.

    Args:
        kernel: (units, width).
        rows: number of rows that are multiplied by the kernel; None: unknown.

    Returns:
        The blocks from left to right; or the kernel alone where one product is faster.
    """
    units, width = kernel.shape
    count = min(units * width // BLOCK_ELEMENTS, width // PADDING_COLUMNS, MAX_BLOCKS)
    is_large = units * width > MAX_BLOCKS * MAX_BLOCK_ELEMENTS or (rows or 0) > MAX_BLOCK_ROWS
    if count < 2 or is_large or not on_cpu() or os.cpu_count() == 1:
        return [kernel]
    # Blocks of whole vector registers; only the last one may be wider by less than a register.
    ends = [width * k // count // _REGISTER * _REGISTER for k in range(1, count)]
    return [kernel[:, a:b] for a, b in itertools.pairwise([0, *ends, width])]


class Kernel:
    """A kernel that is multiplied by few rows at every timestep.

    Args:
        kernel: (units, width).
        rows: number of rows that are multiplied by it in training; None: unknown.
        in_blocks: whether a large kernel is cut into blocks whose products run side by side.
    """

    def __init__(self, kernel: tf.Tensor, rows: int | None = None, in_blocks: bool = False) -> None:
        self._kernel, self._rows, self._in_blocks = kernel, rows, in_blocks
        self._times = self._product(kernel)

    def times(self, h: tf.Tensor) -> tf.Tensor:
        """Return h (rows, units) times the kernel: (rows, width)."""
        return self._times(h)

    def transposed(self) -> Callable[[tf.Tensor], tf.Tensor]:
        """Transpose the kernel once, for many products.

        Returns:
            A function that maps d (rows, width) to d times the transposed kernel (rows, units).
        """
        return self._product(tf.transpose(self._kernel))

    def gradient(self, operands: tf.Tensor, d: tf.Tensor) -> tf.Tensor:
        """Return the gradient of the kernel, as `kernel_gradient`."""
        return kernel_gradient(operands, d)

    def _product(self, kernel: tf.Tensor) -> Callable[[tf.Tensor], tf.Tensor]:
        blocks = column_blocks(kernel, self._rows) if self._in_blocks else [kernel]
        if len(blocks) == 1:
            padded = pad_columns(kernel)
            return lambda h: tf.matmul(h, padded)[:, : kernel.shape[-1]]
        return lambda h: tf.concat([tf.matmul(h, block) for block in blocks], -1)


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


def affine(x: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor | None) -> tf.Tensor:
    """Return x @ kernel + bias, with gradients of kernel and bias by one operation each.

    Args:
        x: (..., features).
        kernel: (features, width).
        bias: (width,), or None for zeros.

    Returns:
        (..., width).
    """
    if bias is None:
        bias = tf.zeros(kernel.shape[-1:], kernel.dtype)
    return _affine(*map(tf.convert_to_tensor, (x, kernel, bias)))


@tf.custom_gradient
def _affine(x, kernel, bias):
    shape, rows = tf.shape(x), tf.reshape(x, (-1, x.shape[-1]))
    width = kernel.shape[-1]
    product = tf.nn.bias_add(tf.matmul(rows, kernel), bias)

    def backward(d):
        d_product = tf.reshape(d, (-1, width))
        d_rows = tf.matmul(d_product, kernel, transpose_b=True)
        d_x = tf.ensure_shape(tf.reshape(d_rows, shape), x.shape)
        d_bias = tf.raw_ops.BiasAddGrad(out_backprop=d_product)
        return d_x, kernel_gradient(x, d), d_bias

    product = tf.reshape(product, tf.concat([shape[:-1], [width]], 0))
    return tf.ensure_shape(product, (*x.shape[:-1], width)), backward
