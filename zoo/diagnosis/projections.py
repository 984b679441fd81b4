"""Random projections of a layer's output, and norms of their gradients."""

from typing import Any

import numpy as np
import tensorflow as tf

from zoo.diagnosis.recording import Recording


def gradients_of_projection(
    recording: Recording, tape: tf.GradientTape, seed: int, last: bool
) -> tuple[tf.Tensor, tf.Tensor]:
    """Return the norms of gradients of a random projection of the layer's output.

    Args:
        recording: the recording.
        tape: the persistent tape.
        seed: seed of the projection, whose elements are 1 or -1.
        last: whether the projection is that of the last output, or the sum over all timesteps.

    Returns:
        The norms with respect to all states together, and with respect to the inputs: (timesteps,
        sequences) each.
    """
    of_x, *of_states = tape.gradient(
        recording.outputs,
        [recording.x, *recording.perturbations],
        output_gradients=projection(recording, seed, last),
        unconnected_gradients="zero",
    )
    return norms_of(of_states), norms_of([of_x])


def projection(recording: Recording, seed: int, last: bool) -> tf.Tensor:
    """Return the factors, 1 or -1, of a layer's output; 0 at timesteps that do not count."""
    if last:  # the same for any number of timesteps
        signs = random_signs(recording.outputs[-1:], seed)
        return tf.concat([tf.zeros_like(recording.outputs[:-1]), signs], 0)
    signs = random_signs(recording.outputs, seed)
    return signs if recording.mask is None else tf.where(recording.mask, signs, 0)


def random_signs(outputs: tf.Tensor, seed: int) -> tf.Tensor:
    """Return a tensor of the shape of `outputs` whose elements are 1 or -1."""
    signs = tf.random.stateless_uniform(tf.shape(outputs), (seed, 2), 0, 2, tf.int32) * 2 - 1
    return tf.cast(signs, outputs.dtype)


def norms_of(gradients: list[Any]) -> tf.Tensor:
    """Return the norm over the last axis of all gradients together; infinity instead of NaN."""
    norms = tf.norm(tf.cast(tf.concat(gradients, -1), "float64"), axis=-1)
    return tf.where(tf.math.is_nan(norms), np.inf * tf.ones_like(norms), norms)
