"""The plain loops: a `tf.while_loop` for inference and exports, and a Python loop for unrolling."""

import tensorflow as tf

from zoo.engine.matmul import Kernel
from zoo.engine.step import step_signature


def select(mask, new, old):
    """Masked rows keep the old tensors: mask (batch, 1) bool or None."""
    return new if mask is None else [tf.where(mask, n, o) for n, o in zip(new, old, strict=True)]


def _step(projected, state, output, mask, regularization, t, product, values):
    """One masked step at time t; `output` is what a masked row repeats."""
    y, new = regularization.step(t, projected[t], state, product, values)
    y, *new = select(None if mask is None else mask[t], [y, *new], [output, *state])
    return y, new


def kernel_parts(cell, regularization):
    """The blocks of columns that the cell's products use, cut once and not at every timestep."""
    if cell.recurrent_shape != "full":
        return {}
    kernel = regularization.kernel()
    whole = kernel.shape[-1]
    return {
        (c.start, c.stop): kernel if c.stop - c.start == whole else kernel[:, c]
        for c in step_signature(cell).columns
    }


def while_loop(cell, projected, initial, mask, regularization):
    """Runs `cell` over time-major input, one step per turn of a loop in the graph.

    projected (timesteps, batch, gates * units); initial: one (batch, units) per state; mask (timesteps, batch, 1) bool
    or None; noise: a `regularization.Noise`. Returns outputs (timesteps, batch, units) and the final states.
    """
    kernels = {key: Kernel(part) for key, part in kernel_parts(cell, regularization).items()}
    values, steps = regularization.values(), tf.shape(projected)[0]

    def body(t, output, state, outputs):
        output, state = _step(
            projected,
            state,
            output,
            mask,
            regularization,
            t,
            lambda h, columns: kernels[columns.start, columns.stop].times(h),
            values,
        )
        return t + 1, output, state, outputs.write(t, output)

    outputs = tf.TensorArray(projected.dtype, steps, element_shape=initial[0].shape)
    _, _, state, outputs = tf.while_loop(
        lambda t, *_: t < steps,
        body,
        (0, tf.zeros_like(initial[0]), list(initial), outputs),
        maximum_iterations=steps,
    )
    return outputs.stack(), state


def python_loop(cell, projected, initial, mask, regularization):
    """The same, unrolled: every timestep is a part of the graph of its own. Needs a known number of timesteps."""
    parts, values, outputs = kernel_parts(cell, regularization), regularization.values(), []
    state, output = list(initial), tf.zeros_like(initial[0])
    for t in range(projected.shape[0]):
        output, state = _step(
            projected,
            state,
            output,
            mask,
            regularization,
            t,
            lambda h, columns: tf.matmul(h, parts[columns.start, columns.stop]),
            values,
        )
        outputs.append(output)
    return tf.stack(outputs), state
