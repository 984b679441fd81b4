"""The matrix products of a cell: with the input, and recurrent ones that the engine can replace."""

import numpy as np
from keras import ops

from zoo.cell_base.step_context import MatrixColumns, Tensor, step_context
from zoo.cell_base.weights import CellWeights


class CellProducts(CellWeights):
    """Base class of `RecurrentCell`: the products that `step` is made of.

    While an engine runs the cell, it supplies recurrent products and dropout masks by a
    `StepContext`.
    """

    elapsed_time: bool = False

    @property
    def recurrent_heads(self) -> int:
        """The number of heads of the recurrent matrix, which has zeros between heads.

        Override this property in a cell whose derived matrix has such blocks for each gate.
        """
        return self._heads if self.recurrent_shape == "full" else 1

    def recurrent_matrix(self) -> Tensor:
        """Return the recurrent kernel as the products use it; computed once per call of a layer.

        Override this method in a cell whose recurrent kernel is derived from other weights.
        """
        if self.recurrent_heads == 1:
            return self.recurrent_kernel
        return block_diagonal(self.recurrent_kernel, self.units, self._heads)

    def project(self, x: Tensor) -> Tensor:
        """Return the input projection: the product of the input and the kernel, plus the bias.

        Args:
            x: (..., features); all timesteps at once if there is a time axis.

        Returns:
            (..., width of the input gates).
        """
        affine = step_context(self).affine or _affine
        return affine(x, self.kernel, self.input_bias())

    def input_bias(self) -> Tensor | None:
        """Return the bias that `project` adds, with zeros for input gates without one; or None.

        Override this method in a cell that adds its bias elsewhere.
        """
        input_gates, bias_gates = self.gates_of("kernel"), self.gates_of("bias")
        if self.bias is None or not self.use_bias:
            return None
        bias = self.bias if self.bias_rows == 1 else self.bias[0]
        if input_gates == bias_gates:
            return bias
        blocks = [
            bias[self.adjacent_columns(bias_gates, (gate,))]
            if gate in bias_gates
            else ops.zeros((width,), self.compute_dtype)
            for gate, width in zip(input_gates, self.widths(input_gates), strict=True)
        ]
        return ops.concatenate(blocks)

    def project_all(self, x: Tensor, elapsed: Tensor | None = None) -> Tensor:
        """Return what `step` takes: the input projection, with the elapsed time if it is used.

        Args:
            x: (..., features).
            elapsed: (..., 1), time since the previous timestep; None: 1.
        """
        projected = self.project(x)
        if not self.elapsed_time:
            return projected
        elapsed = ops.ones_like(projected[..., :1]) if elapsed is None else elapsed
        return ops.concatenate([projected, ops.cast(elapsed, projected.dtype)], -1)

    def split(self, x: Tensor, *gates: str) -> dict[str, Tensor]:
        """Split (..., width of the gates) into a dict gate -> (..., width of the gate).

        Args:
            x: the projected input (without a column of elapsed time), or another tensor with one
                block of columns per gate.
            *gates: the gates in the order of the columns; default: the input gates.
        """
        names = gates or self.gates_of("kernel")
        ends = np.cumsum(self.widths(names))[:-1].tolist()
        blocks = ops.split(x, ends, -1) if ends else [x]
        return dict(zip(names, blocks, strict=True))

    def columns(self, *gates: str) -> slice:
        """Return the slice of the recurrent kernel's columns of adjacent `gates` (default: all)."""
        return self.adjacent_columns(self.gates_of("recurrent_kernel"), gates)

    def input_columns(self, *gates: str) -> slice:
        """Return the slice of the projected input's columns of adjacent `gates` (default: all)."""
        return self.adjacent_columns(self.gates_of("kernel"), gates)

    def recur(self, h: Tensor, *gates: str) -> Tensor:
        """Return the recurrent product: `h` times the recurrent kernel.

        Args:
            h: (batch, width of the first state).
            *gates: names of adjacent recurrent gates; selects their columns. All by default.

        Returns:
            (batch, width of the gates).
        """
        columns = self.columns(*gates)
        if self.recurrent_shape == "diagonal":
            h = self._drop_operand(h)
            copies = (columns.stop - columns.start) // self.units
            return (ops.tile(h, (1, copies)) if copies > 1 else h) * self.recurrent_kernel[columns]
        return self._product(h, MatrixColumns("recurrent_kernel", columns.start, columns.stop))

    def multiply(self, h: Tensor, name: str) -> Tensor:
        """Return `h` (batch, rows) times the cell's further weight `name` (rows, width)."""
        return self._product(h, MatrixColumns(name, 0, getattr(self, name).shape[-1]))

    def _product(self, h: Tensor, columns: MatrixColumns) -> Tensor:
        product = step_context(self).product
        if product is not None:
            return product(self._drop_operand(h), columns)
        is_recurrent = columns.name == "recurrent_kernel"
        matrix = self.recurrent_matrix() if is_recurrent else getattr(self, columns.name)
        return ops.matmul(h, matrix[:, columns.start : columns.stop])

    def _drop_operand(self, h: Tensor) -> Tensor:
        masks = step_context(self).operand_masks
        return h * masks[h.shape[-1]] if masks else h

    def candidate_dropout(self, candidate: Tensor) -> Tensor:
        """Apply recurrent dropout (arXiv 1603.05118) to the candidate (batch, width)."""
        drop = step_context(self).drop_candidate
        return candidate if drop is None else drop(candidate)


def block_diagonal(kernel: Tensor, units: int, heads: int) -> Tensor:
    """Return the matrix (units, gates * units) of the heads' blocks, zeros between heads.

    Args:
        kernel: (units / heads, gates * units); of each gate, the columns of one head after another.
        units: number of rows of the matrix.
        heads: number of heads.
    """
    rows = ops.reshape(kernel, (1, units // heads, -1, heads, units // heads))
    on_diagonal = ops.reshape(ops.eye(heads, dtype=rows.dtype), (heads, 1, 1, heads, 1))
    return ops.reshape(rows * on_diagonal, (units, -1))


def _affine(x: Tensor, kernel: Tensor, bias: Tensor | None) -> Tensor:
    product = ops.matmul(x, kernel)
    return product if bias is None else product + bias
