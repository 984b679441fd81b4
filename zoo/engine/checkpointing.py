"""Gradient checkpointing (rematerialization): training on long sequences in bounded memory.

`scan` records several tensors per timestep for its backward pass. `checkpointed_scan` divides the
sequence into segments of `checkpoint_every` timesteps, and its forward pass stores only the states
between them (the checkpoints). The backward pass visits the segments from the last to the first: it
runs `scan` on a segment again, from its checkpoint, and differentiates this second run. Memory
holds the inputs, the outputs, the checkpoints, and the recording of one segment; the work of the
forward pass doubles.

Dropout masks are functions of key and timestep (`dropout`), so the second run draws the same masks.
"""

from collections.abc import Sequence
from typing import NamedTuple

import keras
import tensorflow as tf

from zoo.engine.dropout import Regularization
from zoo.engine.loops import zero_output
from zoo.engine.scan import scan
from zoo.engine.step import project
from zoo.recurrent_cell import RecurrentCell

# If a scan would record more bytes, gradient checkpointing is on by default.
MAX_RECORDED_BYTES = 2**30


def default_interval(cell: RecurrentCell, shape: Sequence[int | None]) -> int | None:
    """Return the default timesteps between checkpoints, or None for no gradient checkpointing.

    Args:
        cell: a built cell.
        shape: shape (timesteps, batch, ...) of the input.

    Returns:
        None if the recording of the whole sequence is small enough, or the shape is unknown when
        the graph is built. Otherwise an interval near the square root of the timesteps, which
        minimizes the sum of checkpoints and timesteps per segment; a divisor of the timesteps if
        one is near.
    """
    timesteps, batch = shape[:2]
    if timesteps is None or batch is None:
        return None
    # Per timestep and row: projected inputs, products and their gradients; the states.
    floats = 3 * cell.kernel.shape[-1] + sum(cell.state_widths())
    if timesteps * batch * floats * tf.as_dtype(cell.compute_dtype).size <= MAX_RECORDED_BYTES:
        return None
    root = round(timesteps**0.5)
    return next((size for size in range(root, 2 * root) if timesteps % size == 0), root)


def checkpointed_scan(
    cell: RecurrentCell,
    x: tf.Tensor,
    initial: Sequence[tf.Tensor],
    mask: tf.Tensor | None,
    regularization: Regularization,
    checkpoint_every: int,
    unroll_factor: int | None = None,
) -> tuple[tf.Tensor, list[tf.Tensor]]:
    """Run a cell over time as `scan.scan` does, with gradient checkpointing.

    Args:
        cell: a built cell.
        x: inputs (timesteps, batch, features), not projected; each segment projects its own.
        initial: one (batch, width) tensor per state.
        mask: (timesteps, batch, 1) bool, True = valid, or None.
        regularization: dropout and zoneout of this call.
        checkpoint_every: timesteps of a segment; it need not divide the timesteps of `x`.
        unroll_factor: timesteps per loop iteration; None: chosen automatically.

    Returns:
        Outputs (timesteps, batch, output_size) and a list of the final states.
    """
    timesteps = x.shape[0] or tf.shape(x)[0]
    x, mask = _pad(x, mask, checkpoint_every)
    segments = _Segments(cell, mask, regularization, checkpoint_every, unroll_factor, x)
    outputs, final = segments.run(x, initial)
    return outputs[:timesteps], final


def _pad(
    x: tf.Tensor, mask: tf.Tensor | None, checkpoint_every: int
) -> tuple[tf.Tensor, tf.Tensor | None]:
    """Append masked timesteps, so that the last segment is as long as the others."""
    missing = -(x.shape[0] or tf.shape(x)[0]) % checkpoint_every
    if isinstance(missing, int) and missing == 0:
        return x, mask
    if mask is None:
        mask = tf.ones((*tf.unstack(tf.shape(x)[:2]), 1), tf.bool)
    padding = ((0, missing), (0, 0), (0, 0))
    return tf.pad(x, padding), tf.pad(mask, padding)


class _Inputs(NamedTuple):
    """The differentiable inputs of a checkpointed scan, or their gradients."""

    x: tf.Tensor
    states: list[tf.Tensor]
    weights: list[tf.Tensor]


class _Checkpoint(NamedTuple):
    """The tensors that a segment passes to the next, their gradients, or arrays of either."""

    last_output: tf.Tensor | tf.TensorArray
    states: list


class _SegmentInputs(NamedTuple):
    """The differentiable inputs of one segment, or their gradients."""

    x: tf.Tensor
    checkpoint: _Checkpoint
    weights: list[tf.Tensor]


class _Segments:
    """The segments of a sequence: their forward and their backward pass."""

    def __init__(
        self,
        cell: RecurrentCell,
        mask: tf.Tensor | None,
        regularization: Regularization,
        timesteps: int,
        unroll_factor: int | None,
        x: tf.Tensor,
    ) -> None:
        self.cell, self.mask, self.regularization = cell, mask, regularization
        self.timesteps, self.unroll_factor = timesteps, unroll_factor  # of one segment
        self.count = (x.shape[0] or tf.shape(x)[0]) // timesteps

    def run(self, x: tf.Tensor, initial: Sequence[tf.Tensor]) -> tuple[tf.Tensor, list[tf.Tensor]]:
        """Return the outputs and the final states, with the gradient of `backward`."""
        weights = [tf.convert_to_tensor(weight.value) for weight in self.cell.trainable_weights]
        inputs = _Inputs(x, list(initial), weights)

        @tf.custom_gradient
        def run(*tensors):
            inputs_inside = tf.nest.pack_sequence_as(inputs, tensors)
            outputs, final, checkpoints = self.forward(inputs_inside)

            def backward(d_outputs, *d_final):
                gradients = self.backward(inputs_inside, checkpoints, d_outputs, d_final)
                return tf.nest.flatten(gradients)

            return (outputs, *final), backward

        outputs, *final = run(*tf.nest.flatten(inputs))
        return outputs, final

    def _slice(self, tensor: tf.Tensor, index: tf.Tensor) -> tf.Tensor:
        """Return the timesteps of segment `index` of (timesteps, batch, width)."""
        size = [self.timesteps, tensor.shape[1] or -1, tensor.shape[2]]
        return tf.slice(tensor, (index * self.timesteps, 0, 0), size)

    def _run_segment(
        self, index: tf.Tensor, inputs: _SegmentInputs
    ) -> tuple[tf.Tensor, _Checkpoint]:
        """Run segment `index`, and return its outputs and the next checkpoint."""
        first = index * self.timesteps
        regularization = self.regularization.segment(first, self.timesteps)
        mask = None if self.mask is None else self._slice(self.mask, index)
        replacement = list(zip(self.cell.trainable_weights, inputs.weights, strict=True))
        with keras.StatelessScope(state_mapping=replacement):
            outputs, states = scan(
                self.cell,
                project(self.cell, inputs.x),
                inputs.checkpoint.states,
                mask,
                regularization,
                last_output=inputs.checkpoint.last_output,
                unroll_factor=self.unroll_factor,
            )
        return outputs, _Checkpoint(outputs[-1], states)

    def forward(self, inputs: _Inputs) -> tuple[tf.Tensor, list[tf.Tensor], _Checkpoint]:
        """Run all segments.

        Returns:
            The outputs, the final states, and the checkpoint before each segment, stacked.
        """

        def body(index, checkpoint, checkpoints, outputs):
            checkpoints = _write(checkpoints, index, checkpoint)
            segment = _SegmentInputs(self._slice(inputs.x, index), checkpoint, inputs.weights)
            segment_outputs, checkpoint = self._run_segment(index, segment)
            return index + 1, checkpoint, checkpoints, outputs.write(index, segment_outputs)

        initial = inputs.states
        zeros = zero_output(self.cell, initial)
        checkpoints = _Checkpoint(self._array(zeros), list(map(self._array, initial)))
        segment_shape = (self.timesteps, *zeros.shape)
        outputs = tf.TensorArray(zeros.dtype, self.count, element_shape=segment_shape)
        checkpoint = _Checkpoint(zeros, initial)
        _, checkpoint, checkpoints, outputs = tf.while_loop(
            lambda index, *_: index < self.count,
            body,
            (0, checkpoint, checkpoints, outputs),
            maximum_iterations=self.count,
        )
        stacked = tf.nest.map_structure(lambda array: array.stack(), checkpoints)
        return self._join(outputs), checkpoint.states, stacked

    def _array(self, state: tf.Tensor) -> tf.TensorArray:
        return tf.TensorArray(state.dtype, self.count, element_shape=state.shape)

    def backward(
        self,
        inputs: _Inputs,
        checkpoints: _Checkpoint,
        d_outputs: tf.Tensor,
        d_final: Sequence[tf.Tensor],
    ) -> _Inputs:
        """Run the segments again in reverse order, and return the gradients of all inputs."""

        def body(index, d_checkpoint, d_weights, d_x):
            segment = _SegmentInputs(
                self._slice(inputs.x, index),
                tf.nest.map_structure(lambda tensor: tensor[index], checkpoints),
                list(inputs.weights),
            )
            d_segment_outputs = self._slice(d_outputs, index)
            gradients = self._segment_gradients(index, segment, d_segment_outputs, d_checkpoint)
            d_weights = [a + b for a, b in zip(d_weights, gradients.weights, strict=True)]
            return index - 1, gradients.checkpoint, d_weights, d_x.write(index, gradients.x)

        d_checkpoint = _Checkpoint(tf.zeros_like(d_outputs[0]), list(d_final))
        d_weights = [tf.zeros_like(weight) for weight in inputs.weights]
        segment_shape = (self.timesteps, *inputs.x.shape[1:])
        d_x = tf.TensorArray(inputs.x.dtype, self.count, element_shape=segment_shape)
        _, d_checkpoint, d_weights, d_x = tf.while_loop(
            lambda index, *_: index >= 0,
            body,
            (self.count - 1, d_checkpoint, d_weights, d_x),
            maximum_iterations=self.count,
        )
        return _Inputs(self._join(d_x), d_checkpoint.states, d_weights)

    def _segment_gradients(
        self,
        index: tf.Tensor,
        inputs: _SegmentInputs,
        d_outputs: tf.Tensor,
        d_checkpoint: _Checkpoint,
    ) -> _SegmentInputs:
        """Run segment `index` again, and differentiate it."""
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(inputs)
            results = self._run_segment(index, inputs)
        return tape.gradient(
            results,
            inputs,
            unconnected_gradients="zero",
            output_gradients=(d_outputs, d_checkpoint),
        )

    def _join(self, segments: tf.TensorArray) -> tf.Tensor:
        """Concatenate an array of segments to one tensor (timesteps, batch, width)."""
        stacked = segments.stack()
        batch = stacked.shape[2] or tf.shape(stacked)[2]
        shape = (self.count * self.timesteps, batch, stacked.shape[3])
        return tf.reshape(stacked, shape)


def _write(arrays: _Checkpoint, index: tf.Tensor, checkpoint: _Checkpoint) -> _Checkpoint:
    return tf.nest.map_structure(
        lambda array, tensor: array.write(index, tensor), arrays, checkpoint
    )
