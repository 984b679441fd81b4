"""The training loop of any cell: a recurrence over time with a custom gradient.

`scan` returns the same results as `loops.while_loop`. The engine computes its gradients, instead of
TensorFlow's automatic differentiation of the loop:

1. Forward pass (`forward_pass.Scan`): a `tf.while_loop` over time, several timesteps per iteration
   (`unrolling`). It records the states and the results of the recurrent products.
2. Backward pass: a `tf.while_loop` over time in reverse. It reads the recorded products instead of
   computing them again, and multiplies by kernels that were transposed once, before the loop.
3. Kernel gradients: one matrix product over all timesteps for each block of the recurrent kernel,
   after the loop, instead of a sum of one full-size gradient per timestep.

Which backward pass runs when:

| backward pass          | runs for                                                               |
|------------------------|------------------------------------------------------------------------|
| `elementwise_backward` | a cell whose step is elementwise apart from its recurrent products     |
|                        | (`structure`) and has few local derivatives, without zoneout,          |
|                        | recurrent or variational dropout                                       |
| `replay_backward`      | every other cell, and every cell with zoneout, recurrent or            |
|                        | variational dropout                                                    |
| `checkpointing`        | gradient checkpointing: runs one of the above for each segment         |
| `linear_scan`          | a cell that is linear in its state: the recurrence in reverse          |
| `cudnn`                | on a GPU, a cell with an equivalent Keras layer: the gradient of cuDNN |
| TensorFlow's own       | `loops.python_loop` (`unroll=True`, a single timestep) and             |
|                        | `loops.while_loop` (inference)                                         |

`scan` chooses between the first two; `zoo.layers.Recurrent` chooses among the others.
"""

from collections.abc import Callable, Sequence

import tensorflow as tf

from zoo.engine import elementwise_backward, replay_backward
from zoo.engine.dropout import Regularization
from zoo.engine.forward_pass import LoopVars, Scan, ScanInputs
from zoo.engine.loops import kernel_blocks, zero_output
from zoo.engine.tracing import step_trace
from zoo.recurrent_cell import RecurrentCell

# With more local derivatives, to run each step again takes less time than to compute them.
MAX_LOCAL_DERIVATIVES = 9


def scan(
    cell: RecurrentCell,
    projected: tf.Tensor,
    initial: Sequence[tf.Tensor],
    mask: tf.Tensor | None,
    regularization: Regularization,
    starts_at_zero: bool = False,
    last_output: tf.Tensor | None = None,
    unroll_factor: int | None = None,
    column_blocks: bool = True,
) -> tuple[tf.Tensor, list[tf.Tensor]]:
    """Run a cell over time, differentiable in the inputs, the initial states and all weights.

    Second derivatives are not defined.

    Args:
        cell: a built cell.
        projected: projected inputs (timesteps, batch, width), from `step.project`.
        initial: one (batch, width) tensor per state.
        mask: (timesteps, batch, 1) bool, True = valid, or None.
        regularization: dropout and zoneout of this call.
        starts_at_zero: True if the initial states are known to be zeros.
        last_output: output (batch, output_size) before the first timestep; None: zeros.
        unroll_factor: timesteps per loop iteration; None: chosen automatically.
        column_blocks: whether large kernels are cut into blocks, see `matmul.column_blocks`.

    Returns:
        Outputs (timesteps, batch, output_size) and a list of the final states.
    """
    blocks, step_weights = kernel_blocks(cell, regularization), regularization.step_weights()
    loop_vars = _initial_loop_vars(cell, initial, mask, starts_at_zero, last_output)
    separate_output = loop_vars.output is not None
    inputs = ScanInputs(projected, loop_vars.flatten(), step_weights, list(blocks.values()))

    options = (unroll_factor, separate_output, column_blocks)

    def make_scan(tensors):
        return Scan(cell, tensors, list(blocks), mask, regularization, *options)

    return _run(make_scan, inputs)


def _run(
    make_scan: Callable[[ScanInputs], Scan], inputs: ScanInputs
) -> tuple[tf.Tensor, list[tf.Tensor]]:
    """Run a scan of the inputs, with a backward pass of this package as its gradient."""

    @tf.custom_gradient
    def run(*tensors):
        forward_pass = make_scan(tf.nest.pack_sequence_as(inputs, tensors))
        return forward_pass.forward(), lambda *d: _backward(forward_pass, *d)

    outputs, *final = run(*tf.nest.flatten(inputs))
    return outputs, final


def _initial_loop_vars(
    cell: RecurrentCell,
    initial: Sequence[tf.Tensor],
    mask: tf.Tensor | None,
    starts_at_zero: bool,
    last_output: tf.Tensor | None,
) -> LoopVars:
    """Return the loop variables before the first timestep.

    A masked timestep repeats the previous output, initially zeros or `last_output`. The output is a
    loop variable of its own, unless it is the first state and either no timestep is masked or the
    initial states are zeros.
    """
    output = zero_output(cell, initial) if last_output is None else last_output
    output_is_state = step_trace(cell).output_is_state
    if output_is_state and (mask is None or starts_at_zero):
        return LoopVars(None, list(initial))
    return LoopVars(output, list(initial))


def _backward(forward_pass: Scan, d_outputs: tf.Tensor, *d_final: tf.Tensor) -> list[tf.Tensor]:
    """Return the gradients of all inputs, in the order of the flattened `ScanInputs`."""
    module = elementwise_backward if _is_elementwise(forward_pass) else replay_backward
    # The final output is that of the last timestep: `d_outputs` contains its gradient.
    d_last_output = tf.zeros_like(forward_pass.inputs.loop_vars[0])
    d_loop_vars = LoopVars(
        d_last_output if forward_pass.separate_output else None, list(d_final)
    ).flatten()
    return tf.nest.flatten(module.backward(forward_pass, d_outputs, d_loop_vars))


def _is_elementwise(forward_pass: Scan) -> bool:
    """Return whether the backward pass computes local derivatives of several timesteps at once."""
    regularization, trace = forward_pass.regularization, step_trace(forward_pass.cell)
    if not trace.structure.elementwise:
        return False
    if regularization.varies_over_time or regularization.operand_masks:
        return False
    return _local_derivatives(forward_pass.cell) <= MAX_LOCAL_DERIVATIVES


def _local_derivatives(cell: RecurrentCell) -> float:
    """Return how many (batch, units) tensors hold the local derivatives of a step, at most.

    Those with respect to the projected input and to the products are the same tensors if the step
    reads only their sums.
    """
    trace = step_trace(cell)
    outputs = len(cell.state_names) + (not trace.output_is_state)
    outputs += trace.structure.operand_states.count(None)
    products = sum(width for _, width in trace.product_shapes)
    inputs = products if trace.structure.shares_gradients else products + cell.kernel.shape[-1]
    return outputs * inputs / cell.units
