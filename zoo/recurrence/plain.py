"""The plain loops: a `tf.while_loop` for inference and exports, and a Python loop for unrolling."""

import tensorflow as tf

from zoo.recurrence.stepping import Supply, anatomy, run_step


def select(mask, new, old):
    """Masked rows keep the old tensors: mask (batch, 1) bool or None."""
    return new if mask is None else [tf.where(mask, n, o) for n, o in zip(new, old, strict=True)]


def _step(cell, projected, state, output, mask, dropout, t, parts):
    """One masked step at time t; `output` is what a masked row repeats."""
    supply = Supply(lambda h, columns: tf.matmul(h, parts[columns.start, columns.stop]),
                    None if dropout is None else dropout[t])
    y, new = run_step(cell, projected[t], state, supply)
    y, *new = select(None if mask is None else mask[t], [y, *new], [output, *state])
    return y, new


def kernel_parts(cell):
    """The blocks of columns that the cell's products use, cut once and not at every timestep."""
    if cell.diagonal:
        return {}
    kernel = tf.convert_to_tensor(cell.recurrent_kernel)
    whole = kernel.shape[-1]
    return {(c.start, c.stop): kernel if c.stop - c.start == whole else kernel[:, c] for c in anatomy(cell).columns}


def while_loop(cell, projected, initial, mask, dropout):
    """Runs `cell` over time-major input, one step per turn of a loop in the graph.

    projected (timesteps, batch, gates * units); initial: one (batch, units) per state; mask (timesteps, batch, 1) bool
    or None; dropout (timesteps, batch, units) or None. Returns outputs (timesteps, batch, units) and the final states.
    """
    parts, steps = kernel_parts(cell), tf.shape(projected)[0]

    def turn(t, output, state, outputs):
        output, state = _step(cell, projected, state, output, mask, dropout, t, parts)
        return t + 1, output, state, outputs.write(t, output)

    outputs = tf.TensorArray(projected.dtype, steps, element_shape=initial[0].shape)
    _, _, state, outputs = tf.while_loop(
        lambda t, *_: t < steps, turn, (0, tf.zeros_like(initial[0]), list(initial), outputs),
        maximum_iterations=steps)
    return outputs.stack(), state


def python_loop(cell, projected, initial, mask, dropout):
    """The same, unrolled: every timestep is a part of the graph of its own. Needs a known number of timesteps."""
    parts, state, output, outputs = kernel_parts(cell), list(initial), tf.zeros_like(initial[0]), []
    for t in range(projected.shape[0]):
        output, state = _step(cell, projected, state, output, mask, dropout, t, parts)
        outputs.append(output)
    return tf.stack(outputs), state
