"""Long sequences in bounded memory: nothing is kept but the states between segments; going back, each is run again."""

import keras
import tensorflow as tf

from zoo.engine.scan import scan
from zoo.engine.step import project

LIMIT = 2**30  # bytes of a recurrence's saved numbers above which it is cut into segments by itself


def default_interval(cell, shape):
    """The timesteps of a segment for x of this shape (timesteps, batch, features), where all of them would be too much
    to keep; else None, also where the shape is not known when the graph is made."""
    timesteps, batch = shape[:2]
    if timesteps is None or batch is None:
        return None
    numbers = 3 * cell.kernel.shape[-1] + len(cell.state_names) * cell.units
    if timesteps * batch * numbers * tf.as_dtype(cell.compute_dtype).size <= LIMIT:
        return None
    root = round(timesteps**0.5)  # as many states between segments as there are timesteps in one
    return next((size for size in range(root, 2 * root) if timesteps % size == 0), root)


def checkpointed_scan(cell, x, initial, mask, regularization, timesteps, unroll_factor=None):
    """As `engine.scan` of the projected x (timesteps, batch, features), by segments of `timesteps`.

    Twice the forward work, for memory that grows with the inputs and outputs alone.
    """
    whole = x.shape[0] or tf.shape(x)[0]
    x, mask = _padded(x, mask, timesteps)
    outputs, final = _Segments(cell, x, mask, regularization, timesteps, unroll_factor).run(initial)
    return outputs[:whole], final


def _padded(x, mask, timesteps):
    """x and mask with masked timesteps at the end that make the last segment as long as the others."""
    missing = -(x.shape[0] or tf.shape(x)[0]) % timesteps
    if isinstance(missing, int) and not missing:
        return x, mask
    if mask is None:
        mask = tf.ones((*tf.unstack(tf.shape(x)[:2]), 1), tf.bool)
    ends = ((0, missing), (0, 0), (0, 0))
    return tf.pad(x, ends), tf.pad(mask, ends)


class _Segments:
    def __init__(self, cell, x, mask, regularization, timesteps, unroll_factor):
        self.cell, self.x, self.mask, self.regularization = cell, x, mask, regularization
        self.timesteps, self.unroll_factor = timesteps, unroll_factor
        self.count = (x.shape[0] or tf.shape(x)[0]) // timesteps
        self.variables = cell.trainable_weights

    def _cut(self, tensor, number):
        size = [self.timesteps, tensor.shape[1] or -1, tensor.shape[2]]
        return tf.slice(tensor, (number * self.timesteps, 0, 0), size)

    def _segment(self, number, x, states, last, weights):
        """Outputs and final states of one segment; masked rows that were never valid repeat `last`."""
        regularization = self.regularization.part(number * self.timesteps, self.timesteps)
        mask = None if self.mask is None else self._cut(self.mask, number)
        with keras.StatelessScope(state_mapping=list(zip(self.variables, weights, strict=True))):
            return scan(
                self.cell,
                project(self.cell, x),
                states,
                mask,
                regularization,
                last=last,
                unroll_factor=self.unroll_factor,
            )

    def run(self, initial):
        weights = [tf.convert_to_tensor(variable.value) for variable in self.variables]

        @tf.custom_gradient
        def over_segments(x, *tensors):
            states, weights = list(tensors[: len(initial)]), tensors[len(initial) :]
            outputs, final, saved = self._forward(x, states, weights)
            return (outputs, *final), lambda d_outputs, *d_final: self._backward(
                x, saved, weights, d_outputs, d_final
            )

        outputs, *final = over_segments(self.x, *initial, *weights)
        return outputs, final

    def _forward(self, x, initial, weights):
        def body(number, states, last, saved, outputs):
            saved = [
                array.write(number, state)
                for array, state in zip(saved, [last, *states], strict=True)
            ]
            made, states = self._segment(number, self._cut(x, number), states, last, weights)
            return number + 1, states, made[-1], saved, outputs.write(number, made)

        rows, units = initial[0].shape
        arrays = [
            tf.TensorArray(initial[0].dtype, self.count, element_shape=(rows, units))
            for _ in range(1 + len(initial))
        ]
        made = tf.TensorArray(
            initial[0].dtype, self.count, element_shape=(self.timesteps, rows, units)
        )
        _, final, _, saved, outputs = tf.while_loop(
            lambda number, *_: number < self.count,
            body,
            (0, initial, tf.zeros_like(initial[0]), arrays, made),
            maximum_iterations=self.count,
        )
        return self._joined(outputs), final, [array.stack() for array in saved]

    def _backward(self, x, saved, weights, d_outputs, d_final):
        def body(number, d_states, d_last, d_weights, d_x):
            part, states = self._cut(x, number), [each[number] for each in saved]
            with tf.GradientTape(watch_accessed_variables=False) as tape:
                tape.watch([part, states, list(weights)])
                made, new = self._segment(number, part, states[1:], states[0], weights)
                last = made[-1]
            d_part, (d_last, *d_states), more = tape.gradient(
                [made, last, *new],
                [part, states, list(weights)],
                unconnected_gradients="zero",
                output_gradients=[self._cut(d_outputs, number), d_last, *d_states],
            )
            return (
                number - 1,
                d_states,
                d_last,
                [a + b for a, b in zip(d_weights, more, strict=True)],
                d_x.write(number, d_part),
            )

        d_x = tf.TensorArray(x.dtype, self.count, element_shape=(self.timesteps, *x.shape[1:]))
        _, d_states, _, d_weights, d_x = tf.while_loop(
            lambda number, *_: number >= 0,
            body,
            (
                self.count - 1,
                list(d_final),
                tf.zeros_like(d_final[0]),
                [tf.zeros_like(weight) for weight in weights],
                d_x,
            ),
            maximum_iterations=self.count,
        )
        return [self._joined(d_x), *d_states, *d_weights]

    def _joined(self, array):
        """The segments in a TensorArray, one after another."""
        stacked = array.stack()
        return tf.reshape(
            stacked,
            (
                self.count * self.timesteps,
                stacked.shape[2] or tf.shape(stacked)[2],
                stacked.shape[3],
            ),
        )
