"""Local derivatives of an elementwise step, for a block of consecutive timesteps at once.

The step runs once on the rows of all timesteps of the block, under a gradient tape. Its recurrent
products return the recorded results. Since the step is elementwise between its products, its
Jacobian is diagonal. The gradient of the sum of an output over all units, rows and timesteps is
that diagonal: the local derivatives.
"""

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from zoo.engine.forward_pass import Scan
from zoo.engine.step import StepInputs, StepOutputs, run_step_with_products
from zoo.engine.tracing import step_trace


@dataclasses.dataclass(frozen=True)
class Block:
    """A block of consecutive timesteps at which the step has been run and differentiated.

    Attributes:
        derivatives: for each step output a `StepInputs` of its local derivatives (timesteps,
            batch, width), with None for an input on which it does not depend.
        operands: index of a product -> operand (timesteps, batch, width), unless it is a state.
        tape: the tape that recorded the step.
        outputs: the step outputs on the tape, (timesteps * batch, width) each.
    """

    derivatives: StepOutputs
    operands: dict[int, tf.Tensor]
    tape: tf.GradientTape
    outputs: StepOutputs

    def at(self, k: int) -> tuple[StepOutputs, dict[int, tf.Tensor]]:
        """Return the local derivatives and the operands of the block's k-th timestep."""
        derivatives = map_tensors(lambda d: d[k], self.derivatives)
        return derivatives, map_tensors(lambda h: h[k], self.operands)

    def weight_gradients(
        self, d_outputs: Sequence[StepOutputs], weights: Sequence[tf.Tensor]
    ) -> list[tf.Tensor]:
        """Return the gradients of the weights that the step reads, summed over the block.

        Args:
            d_outputs: gradients of the step outputs at each timestep, in order of time.
            weights: the tensors that the step reads, in the order of `StepTrace.weights`.
        """
        per_output = zip(*(timestep.flatten() for timestep in d_outputs), strict=True)
        return self.tape.gradient(
            self.outputs.flatten(),
            list(weights),
            output_gradients=[tf.concat(timesteps, 0) for timesteps in per_output],
            unconnected_gradients="zero",
        )


def differentiate_block(scan: Scan, first: tf.Tensor, size: int) -> Block:
    """Run the step at `size` timesteps, starting at `first`, and differentiate it.

    Args:
        scan: a scan of a cell whose step is elementwise, after its forward pass.
        first: the first timestep.
        size: the number of timesteps.
    """
    inputs = StepInputs(
        _rows(scan.inputs.projected, first, size),
        [_rows(state, first, size) for state in scan.before.states],
        [_rows(result, first, size) for result in scan.products],
    )
    weights = scan.inputs.step_weights
    with tf.GradientTape(persistent=True, watch_accessed_variables=False) as tape:
        tape.watch([inputs, list(weights)])
        replacements = list(zip(step_trace(scan.cell).weights, weights, strict=True))
        outputs = run_step_with_products(scan.cell, inputs, replacements)
    outputs = _without_states(scan, outputs)

    def per_timestep(tensor):
        return tf.reshape(tensor, (size, scan.inputs.projected.shape[1] or -1, tensor.shape[-1]))

    def derivatives_of(output):
        return map_tensors(per_timestep, tape.gradient(output, inputs))

    derivatives = map_tensors(derivatives_of, outputs)
    return Block(derivatives, map_tensors(per_timestep, outputs.operands), tape, outputs)


def _rows(tensor: tf.Tensor, first: tf.Tensor, size: int) -> tf.Tensor:
    """Return the rows of `size` timesteps of (timesteps, batch, width): (size * batch, width)."""
    width = tensor.shape[-1]
    block = tensor[first] if size == 1 else tf.slice(tensor, (first, 0, 0), (size, -1, width))
    count = -1 if tensor.shape[1] is None else size * tensor.shape[1]
    return tf.reshape(block, (count, width))


def _without_states(scan: Scan, outputs: StepOutputs) -> StepOutputs:
    """Return the step outputs except the output and the operands that are states."""
    trace = step_trace(scan.cell)
    products = enumerate(trace.structure.operand_states)
    return StepOutputs(
        None if trace.output_is_state else outputs.output,
        outputs.states,
        {k: outputs.operands[k] for k, state in products if state is None},
    )


def map_tensors(function: Callable[[Any], Any], structure: Any) -> Any:
    """Apply a function to each leaf of a nested structure, in order; None remains None."""
    return tf.nest.map_structure(lambda leaf: None if leaf is None else function(leaf), structure)
