"""The forward pass of `scan`: a loop over time that records tensors for the backward pass.

The loop runs the step of a cell at each timestep and passes the loop variables to the next one: the
states, and the previous output if a masked timestep has to repeat it. It records the loop variables
before each step and the results of the recurrent products, so that the backward pass does not
compute a recurrent product again.
"""

from collections.abc import Sequence
from typing import NamedTuple

import tensorflow as tf

from zoo.cell_base.step_context import MatrixColumns, Product
from zoo.engine.block_diagonal import make_kernel
from zoo.engine.dropout import Regularization
from zoo.engine.loops import select
from zoo.engine.tracing import step_trace
from zoo.engine.unrolling import UnrolledLoop, choose_unroll_factor, unrolled_loops
from zoo.recurrent_cell import RecurrentCell


class LoopVars(NamedTuple):
    """The tensors that each timestep passes on to the next.

    Attributes:
        output: the previous output (batch, output_size); None if it is the first state, and so is
            not a loop variable of its own.
        states: the states of the cell, (batch, width) each.
    """

    output: tf.Tensor | None
    states: list[tf.Tensor]

    def flatten(self) -> list[tf.Tensor]:
        """Return a list of the output (unless it is None) and the states.

        The first element is the output in either case.
        """
        return [*self.states] if self.output is None else [self.output, *self.states]


class ScanInputs(NamedTuple):
    """The differentiable inputs of a scan, or their gradients.

    Attributes:
        projected: projected inputs (timesteps, batch, width).
        loop_vars: the initial loop variables, as a flat list.
        step_weights: the weights that the step reads, in the order of `StepTrace.weights`.
        kernels: the blocks of the products' matrices, in the order of `loops.kernel_blocks`.
    """

    projected: tf.Tensor
    loop_vars: list[tf.Tensor]
    step_weights: list[tf.Tensor]
    kernels: list[tf.Tensor]


class _Recording(NamedTuple):
    """Loop variables of the forward `tf.while_loop`: those of the recurrence, and the recording."""

    loop_vars: list[tf.Tensor]
    history: list[tf.TensorArray]  # of each loop variable; the initial one is at index 0
    products: list[tf.TensorArray]  # of each recurrent product of a step


class Scan:
    """One forward pass over time, with its recording.

    Args:
        cell: a built cell.
        inputs: the tensors that the scan reads.
        kernel_keys: the columns of each block of the products' matrices.
        mask: (timesteps, batch, 1) bool, True = valid, or None.
        regularization: dropout and zoneout of this call.
        unroll_factor: timesteps per loop iteration; None: chosen automatically.
        separate_output: True if the previous output is a loop variable in addition to the states.
        column_blocks: whether large kernels are cut into blocks, see `matmul.column_blocks`.

    Attributes:
        kernels: columns of a block -> the block, as a `Kernel` or a `HeadsKernel`.
        before: `LoopVars` before each step, (timesteps, batch, width) each; set by `forward`.
        products: result of each recurrent product (timesteps, batch, width); set by `forward`.
        product_keys: the key of each recurrent product's block in `kernels`.
    """

    def __init__(
        self,
        cell: RecurrentCell,
        inputs: ScanInputs,
        kernel_keys: Sequence[MatrixColumns],
        mask: tf.Tensor | None,
        regularization: Regularization,
        unroll_factor: int | None,
        separate_output: bool,
        column_blocks: bool,
    ) -> None:
        self.cell, self.inputs, self.mask = cell, inputs, mask
        self.regularization, self.unroll_factor = regularization, unroll_factor
        self.separate_output = separate_output
        rows = inputs.projected.shape[1]
        self.kernels = {
            key: make_kernel(cell, key, kernel, rows, column_blocks)
            for key, kernel in zip(kernel_keys, inputs.kernels, strict=True)
        }
        self.timesteps = inputs.projected.shape[0] or tf.shape(inputs.projected)[0]
        self.product_keys = list(step_trace(cell).products)

    def unflatten(self, tensors: Sequence[tf.Tensor]) -> LoopVars:
        """Return the `LoopVars` whose flat list is `tensors`."""
        if self.separate_output:
            return LoopVars(tensors[0], list(tensors[1:]))
        return LoopVars(None, list(tensors))

    def array(self, width: int, extra: int = 0) -> tf.TensorArray:
        """Return an empty array for one (batch, width) tensor per timestep, plus `extra` ones."""
        rows = self.inputs.loop_vars[0].shape[0]
        size = self.timesteps + extra
        return tf.TensorArray(self.inputs.projected.dtype, size, element_shape=(rows, width))

    def product_arrays(self) -> list[tf.TensorArray]:
        """Return an empty array for each recurrent product's results or their gradients."""
        return [self.array(key.stop - key.start) for key in self.product_keys]

    def loops(self) -> list[UnrolledLoop]:
        """Return the loops that together run over all timesteps, in order of time."""
        factor = choose_unroll_factor(self.inputs.projected.shape[0], self.unroll_factor)
        return unrolled_loops(self.timesteps, factor)

    def mask_at(self, t: tf.Tensor) -> tf.Tensor | None:
        """Return the mask (batch, 1) of timestep t, or None."""
        return None if self.mask is None else self.mask[t]

    def step(
        self,
        t: tf.Tensor,
        projected: tf.Tensor,
        loop_vars: Sequence[tf.Tensor],
        product: Product,
    ) -> list[tf.Tensor]:
        """Run the step at timestep t, with mask and regularization.

        Args:
            t: the timestep.
            projected: projected input (batch, width).
            loop_vars: the loop variables before the step, as a flat list.
            product: (h, columns) -> h times these columns of a matrix.

        Returns:
            The loop variables after the step, as a flat list.
        """
        states = self.unflatten(loop_vars).states
        output, new_states = self.regularization.step(
            t, projected, states, product, self.inputs.step_weights
        )
        new = LoopVars(output if self.separate_output else None, new_states)
        return select(self.mask_at(t), new.flatten(), loop_vars)

    def forward(self) -> tuple[tf.Tensor, ...]:
        """Run the loops and set `before` and `products`.

        Returns:
            The outputs (timesteps, batch, output_size), then each final state.
        """
        recording = _Recording(
            self.inputs.loop_vars,
            [self.array(v.shape[-1], extra=1).write(0, v) for v in self.inputs.loop_vars],
            self.product_arrays(),
        )
        for loop in self.loops():
            recording = self._run_loop(loop, recording)
        history = [array.stack() for array in recording.history]
        self.before = self.unflatten([tensor[:-1] for tensor in history])
        self.products = [array.stack() for array in recording.products]
        return history[0][1:], *self.unflatten(recording.loop_vars).states

    def _run_loop(self, loop: UnrolledLoop, recording: _Recording) -> _Recording:
        def body(iteration, recording):
            factor = loop.unroll_factor
            for t in [loop.first_timestep + iteration * factor + k for k in range(factor)]:
                recording = self._recorded_step(t, recording)
            return iteration + 1, recording

        _, recording = tf.while_loop(
            lambda iteration, *_: iteration < loop.iterations,
            body,
            (0, recording),
            maximum_iterations=loop.iterations,
        )
        return recording

    def _recorded_step(self, t: tf.Tensor, recording: _Recording) -> _Recording:
        results = []

        def product(h, columns):
            results.append(self.kernels[columns].times(h))
            return results[-1]

        new = self.step(t, self.inputs.projected[t], recording.loop_vars, product)
        return _Recording(
            new,
            write_all(recording.history, t + 1, new),
            write_all(recording.products, t, results),
        )

    def kernel_gradients(
        self, operands: Sequence[tf.Tensor], d_products: Sequence[tf.Tensor]
    ) -> list[tf.Tensor]:
        """Return the gradient of each block of the products' matrices.

        Args:
            operands: the left operand of each recurrent product (timesteps, batch, rows).
            d_products: the gradient of each product (timesteps, batch, width).
        """
        gradients: dict[MatrixColumns, tf.Tensor] = {}
        for key, operand, d_product in zip(self.product_keys, operands, d_products, strict=True):
            gradient = self.kernels[key].gradient(operand, d_product)
            gradients[key] = gradients[key] + gradient if key in gradients else gradient
        return [gradients[key] for key in self.kernels]


def write_all(
    arrays: Sequence[tf.TensorArray], index: tf.Tensor, tensors: Sequence[tf.Tensor]
) -> list[tf.TensorArray]:
    """Write a tensor to each array at the same index, and return the arrays."""
    return [array.write(index, tensor) for array, tensor in zip(arrays, tensors, strict=True)]
