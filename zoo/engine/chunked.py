"""Runs a function over chunks of consecutive timesteps, in bounded memory.

The forward pass stores the states between the chunks only. The backward pass visits the chunks from
the last to the first: it runs the function on a chunk again, from its stored states, and
differentiates this second run. Memory holds the inputs, the outputs, the states between the chunks,
and what one chunk computes; the work of the forward pass doubles.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias

import tensorflow as tf


class ChunkInputs(NamedTuple):
    """The differentiable inputs of a run over chunks or of one chunk, or their gradients.

    Attributes:
        sequences: tensors (timesteps, batch, width).
        states: (batch, width) tensors before the first timestep.
        weights: tensors that all timesteps read.
    """

    sequences: list[tf.Tensor]
    states: list[tf.Tensor]
    weights: list[tf.Tensor]


ChunkOutputs: TypeAlias = tuple[tf.Tensor, list[tf.Tensor]]  # outputs (timesteps, ...), states
# (first timestep of the chunk, inputs) -> outputs and the states after the chunk
ChunkFunction: TypeAlias = Callable[[tf.Tensor, ChunkInputs], ChunkOutputs]


def chunked(
    function: ChunkFunction, inputs: ChunkInputs, timesteps: int, output_width: int
) -> ChunkOutputs:
    """Run a function over chunks, differentiable in all inputs.

    Args:
        function: runs one chunk.
        inputs: the inputs; `timesteps` divides the length of the sequences.
        timesteps: timesteps of a chunk.
        output_width: width of the outputs.

    Returns:
        Outputs (timesteps, batch, output_width) and a list of the final states.
    """
    return _Chunks(function, inputs, timesteps, output_width).run(inputs)


def slice_timesteps(tensor: tf.Tensor, first: tf.Tensor, timesteps: int) -> tf.Tensor:
    """Return `timesteps` timesteps of (timesteps, batch, width), from `first` on."""
    size = [timesteps, tensor.shape[1] or -1, tensor.shape[2]]
    return tf.slice(tensor, (first, 0, 0), size)


class _Chunks:
    """The chunks of a run: their forward and their backward pass."""

    def __init__(
        self, function: ChunkFunction, inputs: ChunkInputs, timesteps: int, output_width: int
    ) -> None:
        self.function, self.timesteps = function, timesteps
        sequence = inputs.sequences[0]
        self.count = (sequence.shape[0] or tf.shape(sequence)[0]) // timesteps
        self.rows, self.dtype, self.output_width = sequence.shape[1], sequence.dtype, output_width

    def run(self, inputs: ChunkInputs) -> ChunkOutputs:
        """Return the outputs and the final states, with the gradient of `backward`."""

        @tf.custom_gradient
        def run(*tensors):
            inputs_inside = tf.nest.pack_sequence_as(inputs, tensors)
            outputs, final, stored = self.forward(inputs_inside)

            def backward(d_outputs, *d_final):
                gradients = self.backward(inputs_inside, stored, d_outputs, d_final)
                return tf.nest.flatten(gradients)

            return (outputs, *final), backward

        outputs, *final = run(*tf.nest.flatten(inputs))
        return outputs, final

    def forward(self, inputs: ChunkInputs) -> tuple[tf.Tensor, list[tf.Tensor], list[tf.Tensor]]:
        """Run all chunks; return the outputs, the final states, and all states before a chunk."""

        def body(index, states, stored, outputs):
            stored = _write(stored, index, states)
            chunk = self._chunk(index, inputs, states)
            chunk_outputs, states = self.function(index * self.timesteps, chunk)
            return index + 1, states, stored, outputs.write(index, chunk_outputs)

        stored = [self._array(state.shape) for state in inputs.states]
        outputs = self._array((self.timesteps, self.rows, self.output_width))
        _, states, stored, outputs = tf.while_loop(
            lambda index, *_: index < self.count,
            body,
            (0, list(inputs.states), stored, outputs),
            maximum_iterations=self.count,
        )
        return self._join(outputs), states, [array.stack() for array in stored]

    def backward(
        self,
        inputs: ChunkInputs,
        stored: Sequence[tf.Tensor],
        d_outputs: tf.Tensor,
        d_final: Sequence[tf.Tensor],
    ) -> ChunkInputs:
        """Run the chunks again in reverse order, and return the gradients of all inputs."""

        def body(index, d_states, d_weights, d_sequences):
            chunk = self._chunk(index, inputs, [states[index] for states in stored])
            d_chunk_outputs = slice_timesteps(d_outputs, index * self.timesteps, self.timesteps)
            gradients = self._chunk_gradients(index, chunk, d_chunk_outputs, d_states)
            d_weights = [a + b for a, b in zip(d_weights, gradients.weights, strict=True)]
            d_sequences = _write(d_sequences, index, gradients.sequences)
            return index - 1, gradients.states, d_weights, d_sequences

        d_sequences = [self._array((self.timesteps, *each.shape[1:])) for each in inputs.sequences]
        _, d_states, d_weights, d_sequences = tf.while_loop(
            lambda index, *_: index >= 0,
            body,
            (
                self.count - 1,
                list(d_final),
                [tf.zeros_like(w) for w in inputs.weights],
                d_sequences,
            ),
            maximum_iterations=self.count,
        )
        return ChunkInputs([self._join(array) for array in d_sequences], d_states, d_weights)

    def _chunk(
        self, index: tf.Tensor, inputs: ChunkInputs, states: Sequence[tf.Tensor]
    ) -> ChunkInputs:
        first = index * self.timesteps
        sequences = [slice_timesteps(each, first, self.timesteps) for each in inputs.sequences]
        return ChunkInputs(sequences, list(states), list(inputs.weights))

    def _chunk_gradients(
        self,
        index: tf.Tensor,
        chunk: ChunkInputs,
        d_outputs: tf.Tensor,
        d_states: Sequence[tf.Tensor],
    ) -> ChunkInputs:
        """Run chunk `index` again, and differentiate it."""
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(chunk)
            results = self.function(index * self.timesteps, chunk)
        return tape.gradient(
            results,
            chunk,
            unconnected_gradients="zero",
            output_gradients=(d_outputs, list(d_states)),
        )

    def _array(self, shape: Sequence[int | None]) -> tf.TensorArray:
        return tf.TensorArray(self.dtype, self.count, element_shape=shape)

    def _join(self, chunks: tf.TensorArray) -> tf.Tensor:
        """Concatenate an array of chunks to one tensor (timesteps, batch, width)."""
        stacked = chunks.stack()
        batch = stacked.shape[2] or tf.shape(stacked)[2]
        return tf.reshape(stacked, (self.count * self.timesteps, batch, stacked.shape[3]))


def _write(
    arrays: Sequence[tf.TensorArray], index: tf.Tensor, tensors: Sequence[tf.Tensor]
) -> list[tf.TensorArray]:
    return [array.write(index, tensor) for array, tensor in zip(arrays, tensors, strict=True)]
