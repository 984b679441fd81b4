"""The way back for any cell: each step is replayed under a tape on what the forward loop saved."""

import tensorflow as tf

from zoo.engine.matmul import kernel_gradient
from zoo.engine.step import step_signature


def backward(run, d_outputs, d_along):
    """From the gradients of the outputs and of the last states to those of the input's products, the first states,
    the step's weights and the kernels. run: an `engine.OverTime` that has run forward."""
    transposed = {key: kernel.backwards() for key, kernel in run.kernels.items()}

    def body(t, d_state, d_values, d_projected, d_results, operands):
        x, state = run.projected[t], [states[t] for states in run.before]
        taps = [
            result[t] for result in run.results
        ]  # they stand for the products, whose gradients are theirs
        seen = []
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch([x, state, taps, list(run.values)])
            new = run.step(t, x, state, _replay(transposed, taps, seen))
        d_x, d_state, d_taps, d_more = tape.gradient(
            new,
            [x, state, taps, list(run.values)],
            unconnected_gradients="zero",
            output_gradients=[d_state[0] + d_outputs[t], *d_state[1:]],
        )
        return (
            t - 1,
            d_state,
            [a + b for a, b in zip(d_values, d_more, strict=True)],
            d_projected.write(t, d_x),
            [array.write(t, d) for array, d in zip(d_results, d_taps, strict=True)],
            [array.write(t, h) for array, h in zip(operands, seen, strict=True)],
        )

    _, d_initial, d_values, d_projected, d_results, operands = tf.while_loop(
        lambda t, *_: t >= 0,
        body,
        (
            run.steps - 1,
            d_along,
            [tf.zeros_like(value) for value in run.values],
            run.array(run.projected.shape[-1]),
            [run.array(stop - start) for start, stop in run.keys],
            [run.array(width) for width in step_signature(run.cell).operand_widths],
        ),
        maximum_iterations=run.steps,
    )
    pairs = [(h.stack(), d.stack()) for h, d in zip(operands, d_results, strict=True)]
    return d_projected.stack(), d_initial, d_values, kernel_gradients(run, pairs)


def _replay(transposed, taps, seen):
    """Products that are the saved results going forward, and one true product going back."""

    def product(h, columns):
        seen.append(h)
        backwards = transposed[columns.start, columns.stop]

        @tf.custom_gradient
        def replayed(h, tap):
            return tf.identity(tap), lambda d: (backwards(d), d)

        return replayed(h, taps[len(seen) - 1])

    return product


def kernel_gradients(run, pairs):
    """The gradient of each part of the recurrent kernel, from the operand and the gradient of each product."""
    gradients = {}
    for key, (h, d) in zip(run.keys, pairs, strict=True):
        part = kernel_gradient(h, d)
        gradients[key] = gradients[key] + part if key in gradients else part
    return [gradients[key] for key in run.kernels]
