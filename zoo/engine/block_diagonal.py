"""Products with a recurrent matrix of heads: one block per head, zeros between heads.

With `heads=4`, a quarter of the elements of the recurrent matrix are not zero, and on a CPU the
loops over time multiply by no others. Each head is a product of its own, so that TensorFlow runs
the heads side by side.
"""

from collections.abc import Callable, Sequence

import tensorflow as tf

from zoo.cell_base.step_context import MatrixColumns
from zoo.engine.matmul import Kernel, kernel_gradient, on_cpu
from zoo.recurrent_cell import RecurrentCell


def make_kernel(
    cell: RecurrentCell,
    columns: MatrixColumns,
    kernel: tf.Tensor,
    rows: int | None = None,
    in_blocks: bool = False,
) -> "Kernel | HeadsKernel":
    """Return a kernel for the products of a loop over time.

    Args:
        cell: a built cell.
        columns: the columns of one of its matrices that `kernel` holds.
        kernel: (units, width).
        rows: number of rows that are multiplied by it in training; None: unknown.
        in_blocks: whether a large kernel is cut into blocks, see `matmul.column_blocks`.
    """
    # On a GPU each product is a launch of its own, so there the full matrix is multiplied.
    if columns.name == "recurrent_kernel" and cell.recurrent_heads > 1 and on_cpu():
        return HeadsKernel(kernel, cell.recurrent_heads)
    return Kernel(kernel, rows, in_blocks)


class HeadsKernel:
    """A kernel of heads that is multiplied by few rows at every timestep; as `matmul.Kernel`.

    Args:
        kernel: (units, gates * units); for each gate, only the block (units / heads, units / heads)
            of each head is read.
        heads: number of heads.
    """

    def __init__(self, kernel: tf.Tensor, heads: int) -> None:
        self._units, self._heads = kernel.shape[0], heads
        self._gates = kernel.shape[1] // kernel.shape[0]
        self._blocks = [
            self._of_gates(rows)[head] for head, rows in enumerate(tf.split(kernel, heads))
        ]
        self._times = [Kernel(block).times for block in self._blocks]

    def _of_gates(self, d: tf.Tensor) -> list[tf.Tensor]:
        """Split (rows, gates * units) into the columns of each head, (rows, gates * width)."""
        width = self._units // self._heads
        by_head = tf.unstack(tf.reshape(d, (-1, self._gates, self._heads, width)), axis=2)
        return [tf.reshape(each, (-1, self._gates * width)) for each in by_head]

    def _by_gate(self, columns: Sequence[tf.Tensor]) -> tf.Tensor:
        """Return (rows, gates * units) from the columns of each head."""
        width = self._units // self._heads
        by_gate = [tf.reshape(each, (-1, self._gates, width)) for each in columns]
        return tf.reshape(tf.concat(by_gate, -1), (-1, self._gates * self._units))

    def times(self, h: tf.Tensor) -> tf.Tensor:
        """Return h (rows, units) times the kernel: (rows, gates * units)."""
        parts = tf.split(h, self._heads, -1)
        product = self._by_gate(
            [times(part) for times, part in zip(self._times, parts, strict=True)]
        )
        return tf.ensure_shape(product, (h.shape[0], self._gates * self._units))

    def transposed(self) -> Callable[[tf.Tensor], tf.Tensor]:
        """Transpose the blocks once, for many products.

        Returns:
            A function that maps d (rows, gates * units) to d times the transposed kernel
            (rows, units).
        """
        blocks = [Kernel(tf.transpose(block)).times for block in self._blocks]

        def product(d: tf.Tensor) -> tf.Tensor:
            parts = self._of_gates(d)
            return tf.concat([times(part) for times, part in zip(blocks, parts, strict=True)], -1)

        return product

    def gradient(self, operands: tf.Tensor, d: tf.Tensor) -> tf.Tensor:
        """Return the gradient of the kernel, zeros between heads.

        Args:
            operands: the left operands of the products (..., units).
            d: gradient of the products (..., gates * units).
        """
        rows = tf.reshape(operands, (-1, self._units))
        parts = zip(tf.split(rows, self._heads, -1), self._of_gates(d), strict=True)
        gradients = [kernel_gradient(part, d_part) for part, d_part in parts]
        zeros = tf.zeros_like(gradients[0])
        return tf.concat(
            [
                self._by_gate([zeros] * head + [each] + [zeros] * (self._heads - head - 1))
                for head, each in enumerate(gradients)
            ],
            0,
        )
