"""The backward pass for elementwise cells, with local derivatives of several timesteps at once.

A step is elementwise if each unit's values depend only on values of the same unit, apart from the
recurrent products (`structure`). Then the Jacobian of the step between its products is diagonal:
the derivative of a step output with respect to a step input (a local derivative) is one value per
row and unit. Local derivatives depend on recorded tensors only, not on gradients from later
timesteps, so one gradient tape computes them for a block of timesteps together.

For each block, from the last to the first:

1. `local_derivatives.differentiate_block` runs the step on the rows of all timesteps of the block,
   and computes the local derivatives of every step output with respect to every step input.
2. `_backward_step`, once per timestep of the block in reverse, applies the chain rule: it
   multiplies gradients by local derivatives, and gradients of products by the transposed kernels.
3. `Block.weight_gradients` computes the gradients of the weights that the step reads.

After the loop, one product over all timesteps computes the gradient of each block of the recurrent
kernel.

The inputs of a step are the projected input, the states and the results of the recurrent products
(`step.StepInputs`). Its outputs are the output (if that is not the first state), the new states and
the left operands of the products (`step.StepOutputs`). An operand that is an unchanged state is not
among the outputs: its gradient is added to that of the state.

The module `scan` lists the conditions of this backward pass.
"""

from collections.abc import Sequence
from typing import NamedTuple

import tensorflow as tf

from zoo.engine.forward_pass import LoopVars, Scan, ScanInputs
from zoo.engine.local_derivatives import differentiate_block, map_tensors
from zoo.engine.step import StepOutputs
from zoo.engine.tracing import step_trace
from zoo.engine.unrolling import UnrolledLoop


class _PerTimestep(NamedTuple):
    """The tensors (batch, width) recorded at each timestep, or arrays of them.

    Attributes:
        d_projected: gradient of the projected input.
        d_products: gradient of each product; empty where they are columns of `d_projected`.
        operands: index of a product -> its left operand, where that is not a state.
    """

    d_projected: tf.Tensor | tf.TensorArray
    d_products: list
    operands: dict[int, tf.Tensor | tf.TensorArray]


class _Gradients(NamedTuple):
    """Loop variables of the backward loop."""

    d_loop_vars: list[tf.Tensor]
    d_step_weights: list[tf.Tensor]
    arrays: _PerTimestep


class _StepGradients(NamedTuple):
    """The gradients at one timestep.

    Attributes:
        d_loop_vars: of the loop variables before the step, as a flat list.
        d_outputs: of the step outputs.
        d_projected: of the projected input.
        d_products: of the products; empty where they are columns of `d_projected`.
    """

    d_loop_vars: list[tf.Tensor]
    d_outputs: StepOutputs
    d_projected: tf.Tensor
    d_products: list[tf.Tensor]


def backward(scan: Scan, d_outputs: tf.Tensor, d_loop_vars: list[tf.Tensor]) -> ScanInputs:
    """Compute the gradients of all inputs of a scan; see `replay_backward.backward`."""
    return _ElementwiseBackward(scan, d_outputs).run(d_loop_vars)


class _ElementwiseBackward:
    def __init__(self, scan: Scan, d_outputs: tf.Tensor) -> None:
        self.scan, self.d_outputs = scan, d_outputs
        self.trace = step_trace(scan.cell)
        self.structure = self.trace.structure
        self.multiply_transposed = [scan.kernels[key].transposed() for key in scan.product_keys]

    def run(self, d_loop_vars: list[tf.Tensor]) -> ScanInputs:
        gradients = _Gradients(
            d_loop_vars,
            [tf.zeros_like(weight) for weight in self.scan.inputs.step_weights],
            self._new_arrays(),
        )
        for loop in reversed(self.scan.loops()):
            gradients = self._run_loop(loop, gradients)
        recorded = map_tensors(lambda array: array.stack(), gradients.arrays)
        d_kernels = self._kernel_gradients(recorded)
        return ScanInputs(
            recorded.d_projected, gradients.d_loop_vars, gradients.d_step_weights, d_kernels
        )

    def _new_arrays(self) -> _PerTimestep:
        scan, products = self.scan, enumerate(self.structure.operand_states)
        widths = self.trace.operand_widths
        return _PerTimestep(
            scan.array(scan.inputs.projected.shape[-1]),
            [] if self.structure.shares_gradients else scan.product_arrays(),
            {k: scan.array(widths[k]) for k, state in products if state is None},
        )

    def _run_loop(self, loop: UnrolledLoop, gradients: _Gradients) -> _Gradients:
        """Run the backward loop over the blocks of a forward loop, in reverse order."""

        def body(iteration, gradients):
            first = loop.first_timestep + iteration * loop.unroll_factor
            gradients = self._backward_block(first, loop.unroll_factor, gradients)
            return iteration - 1, gradients

        _, gradients = tf.while_loop(
            lambda iteration, *_: iteration >= 0,
            body,
            (loop.iterations - 1, gradients),
            maximum_iterations=loop.iterations,
        )
        return gradients

    def _backward_block(self, first: tf.Tensor, size: int, gradients: _Gradients) -> _Gradients:
        """Run the backward pass over `size` timesteps from timestep `first` on."""
        d_loop_vars, d_step_weights, arrays = gradients
        block = differentiate_block(self.scan, first, size)
        d_step_outputs = []  # of the block's timesteps, the last one first
        for k in reversed(range(size)):
            derivatives, operands = block.at(k)
            step = self._backward_step(first + k, derivatives, d_loop_vars)
            values = _PerTimestep(step.d_projected, step.d_products, operands)
            arrays = _write(arrays, first + k, values)
            d_loop_vars = step.d_loop_vars
            d_step_outputs.append(step.d_outputs)
        if d_step_weights:
            more = block.weight_gradients(d_step_outputs[::-1], self.scan.inputs.step_weights)
            d_step_weights = [a + b for a, b in zip(d_step_weights, more, strict=True)]
        return _Gradients(d_loop_vars, d_step_weights, arrays)

    def _backward_step(
        self, t: tf.Tensor, derivatives: StepOutputs, d_loop_vars: list[tf.Tensor]
    ) -> _StepGradients:
        """Apply the chain rule to the step at timestep t.

        Args:
            t: the timestep.
            derivatives: local derivatives of the step.
            d_loop_vars: gradients of the loop variables after the step, as a flat list.
        """
        d_after, d_before = self._split_by_mask(t, d_loop_vars)
        d_outputs = self._d_step_outputs(d_after)
        d_states, d_products = d_before.states, [None] * len(self.scan.product_keys)
        rows = derivatives.flatten()
        # The last product first: its operand may be computed from the results of earlier ones.
        for k, state in reversed(list(enumerate(self.structure.operand_states))):
            d_products[k] = _chain_rule([row.products[k] for row in rows], d_outputs)
            d_operand = self.multiply_transposed[k](d_products[k])
            if state is None:  # the operand is a step output of its own
                d_outputs.operands[k] = d_operand
            else:
                d_states[state] = _add(d_states[state], d_operand)
        for i in range(len(d_states)):
            d_state = _chain_rule([row.states[i] for row in rows], d_outputs)
            d_states[i] = _add(d_states[i], d_state)
        d_before_step = [
            tf.zeros_like(after) if d is None else d
            for d, after in zip(self._flat(d_before), d_loop_vars, strict=True)
        ]
        if self.structure.shares_gradients:
            return _StepGradients(d_before_step, d_outputs, self._join(d_products), [])
        d_projected = _chain_rule([row.projected for row in rows], d_outputs)
        return _StepGradients(d_before_step, d_outputs, d_projected, d_products)

    def _split_by_mask(
        self, t: tf.Tensor, d_loop_vars: list[tf.Tensor]
    ) -> tuple[LoopVars, LoopVars]:
        """Split the gradients at timestep t into those of the step and those that bypass it.

        In masked rows, the loop variables bypass the step. Without a mask, the second result holds
        None for each loop variable.
        """
        unflatten = self.scan.unflatten
        gradients = [d_loop_vars[0] + self.d_outputs[t], *d_loop_vars[1:]]
        mask = self.scan.mask_at(t)
        if mask is None:
            return unflatten(gradients), unflatten([None] * len(gradients))
        entering = [tf.where(mask, d, tf.zeros_like(d)) for d in gradients]
        bypassing = [tf.where(mask, tf.zeros_like(d), d) for d in gradients]
        return unflatten(entering), unflatten(bypassing)

    def _flat(self, d_loop_vars: LoopVars) -> list[tf.Tensor | None]:
        """Return the flat list of the gradients of loop variables; it may contain None."""
        output = [d_loop_vars.output] if self.scan.separate_output else []
        return [*output, *d_loop_vars.states]

    def _d_step_outputs(self, d_after: LoopVars) -> StepOutputs:
        """Return the gradients of the step outputs, with None for the operands."""
        d_output, d_states = d_after
        if self.trace.output_is_state and self.scan.separate_output:
            d_states[0] = d_states[0] + d_output
            d_output = None
        operands = {k: None for k, s in enumerate(self.structure.operand_states) if s is None}
        return StepOutputs(d_output, d_states, operands)

    def _join(self, d_products: Sequence[tf.Tensor]) -> tf.Tensor:
        """Concatenate the products' gradients by columns: the projected input's gradient."""
        starts = [columns.start for columns in self._projected_columns()]
        ordered = [d_products[k] for k in sorted(range(len(starts)), key=starts.__getitem__)]
        return ordered[0] if len(ordered) == 1 else tf.concat(ordered, -1)

    def _projected_columns(self) -> list[slice]:
        """Return the columns of the projected input that each product is added to."""
        return [each for each in self.trace.projected_columns if each is not None]

    def _kernel_gradients(self, recorded: _PerTimestep) -> list[tf.Tensor]:
        """Return the gradients of the kernels from the recorded tensors of all timesteps."""
        scan, d_products = self.scan, recorded.d_products
        if self.structure.shares_gradients:
            columns = self._projected_columns()
            d_products = [recorded.d_projected[:, :, each] for each in columns]
        operands = [
            recorded.operands[k] if state is None else scan.before.states[state]
            for k, state in enumerate(self.structure.operand_states)
        ]
        return scan.kernel_gradients(operands, d_products)


def _write(arrays: _PerTimestep, t: tf.Tensor, values: _PerTimestep) -> _PerTimestep:
    return tf.nest.map_structure(lambda array, value: array.write(t, value), arrays, values)


def _chain_rule(
    derivatives: Sequence[tf.Tensor | None], d_outputs: StepOutputs
) -> tf.Tensor | None:
    """Return the gradient of a step input: the sum of gradient times local derivative.

    Args:
        derivatives: local derivative of each step output with respect to the input; None is zero.
        d_outputs: gradient of each step output; the sum skips None.

    Returns:
        The gradient, or None if it is zero.
    """
    total = None
    for derivative, d_output in zip(derivatives, d_outputs.flatten(), strict=True):
        if derivative is not None and d_output is not None:
            gates = derivative.shape[-1] // d_output.shape[-1]
            if gates > 1:
                d_output = tf.concat([d_output] * gates, -1)
            total = _add(total, derivative * d_output)
    return total


def _add(a: tf.Tensor | None, b: tf.Tensor | None) -> tf.Tensor | None:
    """Return a + b, where None is zero."""
    if a is None or b is None:
        return b if a is None else a
    return a + b
