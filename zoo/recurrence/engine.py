"""The engine: a recurrence of any cell under one custom gradient, for training.

The forward loop saves the states and the results of the recurrent products. The backward loop replays each step on
what was saved, so that no product is done twice, and collects the gradients of the products' results; each recurrent
weight's gradient is then ONE product over all timesteps instead of a sum of as many full matrices.
"""

import tensorflow as tf

from zoo.recurrence.plain import kernel_parts, select
from zoo.recurrence.stepping import anatomy


def scan(cell, projected, initial, mask, noise, starts_at_zero=False):
    """As `plain.while_loop`, with the gradients of input, initial states and all weights by the scheme above.

    starts_at_zero: the initial states are known to be zeros. Second derivatives are not defined through it.
    """
    parts, weights = kernel_parts(cell, noise), noise.values()
    # A masked row repeats its last output, zeros at first. Where that is not its state, it goes along as one.
    apart = not anatomy(cell).output_is_state or (mask is not None and not starts_at_zero)

    @tf.custom_gradient
    def run(projected, *tensors):
        states, values = tensors[:len(initial)], tensors[len(initial):len(initial) + len(weights)]
        kernels = dict(zip(parts, tensors[len(initial) + len(weights):], strict=True))
        over_time = _OverTime(cell, projected, states, values, kernels, mask, noise, apart)
        return over_time.forward(), over_time.backward

    outputs, *final = run(projected, *initial, *weights, *parts.values())
    return outputs, final


class _OverTime:
    """One run over time, forward and back."""

    def __init__(self, cell, projected, initial, values, kernels, mask, noise, apart):
        self.cell, self.projected, self.values, self.kernels = cell, projected, values, kernels
        self.mask, self.noise, self.apart = mask, noise, int(apart)
        self.initial = [tf.zeros_like(initial[0])] * self.apart + list(initial)
        self.steps = tf.shape(projected)[0]
        self.keys = [(columns.start, columns.stop) for columns in anatomy(cell).columns]
        self.operand_widths = anatomy(cell).operand_widths

    def _array(self, width):
        return tf.TensorArray(self.projected.dtype, self.steps, element_shape=(self.initial[0].shape[0], width))

    def _step(self, t, x, state, product):
        """The masked step on the states that go along, of which the first is the output."""
        output, new = self.noise.step(t, x, state[self.apart:], product, self.values)
        return select(None if self.mask is None else self.mask[t], [output] * self.apart + new, state)

    def forward(self):
        def turn(t, state, saved, results):
            made = []

            def product(h, columns):
                made.append(tf.matmul(h, self.kernels[columns.start, columns.stop]))
                return made[-1]

            saved = [array.write(t, s) for array, s in zip(saved, state, strict=True)]
            state = self._step(t, self.projected[t], state, product)
            return t + 1, state, saved, [array.write(t, m) for array, m in zip(results, made, strict=True)]

        _, final, saved, results = tf.while_loop(
            lambda t, *_: t < self.steps, turn,
            (0, self.initial, [self._array(s.shape[-1]) for s in self.initial],
             [self._array(stop - start) for start, stop in self.keys]),
            maximum_iterations=self.steps)
        self.saved = [array.stack() for array in saved]
        self.results = [array.stack() for array in results]
        return tf.concat([self.saved[0][1:], final[0][None]], 0), *final[self.apart:]

    def backward(self, d_outputs, *d_final):
        def turn(t, d_state, d_values, d_projected, d_results, operands):
            x, state = self.projected[t], [saved[t] for saved in self.saved]
            taps = [result[t] for result in self.results]  # they stand for the products, whose gradients are theirs
            seen = []
            with tf.GradientTape(watch_accessed_variables=False) as tape:
                tape.watch([x, state, taps, list(self.values)])
                new = self._step(t, x, state, self._replay(taps, seen))
            d_x, d_state, d_taps, d_more = tape.gradient(
                new, [x, state, taps, list(self.values)], unconnected_gradients="zero",
                output_gradients=[d_state[0] + d_outputs[t], *d_state[1:]])
            return (t - 1, d_state, [a + b for a, b in zip(d_values, d_more, strict=True)], d_projected.write(t, d_x),
                    [array.write(t, d) for array, d in zip(d_results, d_taps, strict=True)],
                    [array.write(t, h) for array, h in zip(operands, seen, strict=True)])

        _, d_state, d_values, d_projected, d_results, operands = tf.while_loop(
            lambda t, *_: t >= 0, turn,
            (self.steps - 1, [tf.zeros_like(self.initial[0])] * self.apart + list(d_final),
             [tf.zeros_like(value) for value in self.values], self._array(self.projected.shape[-1]),
             [self._array(stop - start) for start, stop in self.keys],
             [self._array(width) for width in self.operand_widths]),
            maximum_iterations=self.steps)
        return [d_projected.stack(), *d_state[self.apart:], *d_values, *self._kernel_gradients(d_results, operands)]

    def _replay(self, taps, seen):
        """Products that are the saved results going forward, and one true product going back."""
        def product(h, columns):
            seen.append(h)
            kernel = self.kernels[columns.start, columns.stop]

            @tf.custom_gradient
            def replayed(h, tap):
                return tf.identity(tap), lambda d: (tf.matmul(d, kernel, transpose_b=True), d)

            return replayed(h, taps[len(seen) - 1])

        return product

    def _kernel_gradients(self, d_results, operands):
        gradients = {}
        for key, width, d, h in zip(self.keys, self.operand_widths, d_results, operands, strict=True):
            part = tf.matmul(tf.reshape(h.stack(), (-1, width)), tf.reshape(d.stack(), (-1, key[1] - key[0])),
                             transpose_a=True)
            gradients[key] = gradients[key] + part if key in gradients else part
        return [gradients[key] for key in self.kernels]
