"""The Jacobian of the state of a recurrent layer along its trajectory.

A step treats the rows of a batch independently. So one backward pass over copies of a state, each
with another unit vector as the gradient of its result, yields a whole Jacobian.
"""

from typing import NamedTuple

import numpy as np
import tensorflow as tf

from zoo.diagnosis.cell_step import StepFunction
from zoo.diagnosis.recording import Recording

MAX_WIDTH = 1024  # of all states together; the eigenvalues of wider Jacobians take too long
_MOST, _WORK = 10, 2 * 256**3  # timesteps; their number times the cube of the width


class Spectrum(NamedTuple):
    """Size of the state Jacobian at some timesteps.

    Attributes:
        timesteps: the timesteps, in the order of processing.
        spectral_radius: the largest modulus of an eigenvalue, at each of them.
        largest_singular_value: the largest factor by which the Jacobian stretches a vector.
    """

    timesteps: list[int]
    spectral_radius: list[float]
    largest_singular_value: list[float]


def spectrum(recording: Recording) -> Spectrum | None:
    """Return the size of the Jacobian along the first sequence; None if the states are too wide."""
    width = sum(state.shape[-1] for state in recording.initial_states)
    if width > MAX_WIDTH:
        return None
    valid = _valid_timesteps(recording)
    count = int(np.clip(_WORK / width**3, 1, min(_MOST, len(valid))))
    chosen = valid[np.linspace(0, len(valid) - 1, count).round().astype(int)]
    matrices = jacobians(recording, chosen)
    if not np.isfinite(matrices).all():
        return None
    return Spectrum(
        chosen.tolist(),
        [float(np.abs(np.linalg.eigvals(matrix)).max()) for matrix in matrices],
        [float(np.linalg.norm(matrix, 2)) for matrix in matrices],
    )


def _valid_timesteps(recording: Recording) -> np.ndarray:
    """Return the valid timesteps of the first sequence."""
    if recording.mask is None:
        return np.arange(recording.x.shape[0])
    return np.flatnonzero(recording.mask.numpy()[:, 0, 0])


def jacobians(recording: Recording, timesteps: np.ndarray, sequence: int = 0) -> np.ndarray:
    """Return d(states after) / d(states before), all states joined, of one sequence.

    Args:
        recording: a recording of an eager call.
        timesteps: the timesteps, (count,).
        sequence: the row of the batch.

    Returns:
        (count, width, width); element [k, i, j] is the derivative of element i after timestep k
        with respect to element j before it.
    """
    width = sum(state.shape[-1] for state in recording.initial_states)

    def rows(tensor: tf.Tensor) -> tf.Tensor:
        return tf.repeat(tf.gather(tensor[:, sequence], timesteps), width, axis=0)

    prepared = recording.step.prepare(recording.x[:, sequence : sequence + 1])
    states = [rows(state) for state in recording.states_before()]
    x = tf.repeat(tf.gather(prepared[:, 0], timesteps), width, axis=0)
    cotangents = tf.tile(tf.eye(width, dtype=states[0].dtype), (len(timesteps), 1))
    gradients = _vector_products(recording.step.function(), x, states, cotangents)
    return gradients.numpy().reshape(len(timesteps), width, width)


def _vector_products(
    function: StepFunction, x: tf.Tensor, states: list[tf.Tensor], cotangents: tf.Tensor
) -> tf.Tensor:
    """Return cotangents (rows, width) times the Jacobian of each row."""
    widths = [state.shape[-1] for state in states]
    with tf.GradientTape() as tape:
        tape.watch(states)
        _, new_states = function(x, states)
    gradients = tape.gradient(
        new_states,
        states,
        output_gradients=tf.split(cotangents, widths, -1),
        unconnected_gradients=tf.UnconnectedGradients.ZERO,
    )
    return tf.concat(gradients, -1)


def log_growth(recording: Recording, seed: int = 0) -> np.ndarray:
    """Return the log of the growth of a vector that each Jacobian, from the last one, multiplies.

    The vector is a gradient with respect to the states, normalized after each timestep, so that it
    neither vanishes nor overflows. Its mean growth is the leading Lyapunov exponent.

    Args:
        recording: a recording of an eager call.
        seed: seed of the first vector.

    Returns:
        (timesteps, sequences), the last timestep first; NaN at masked timesteps.
    """
    function, before = recording.step.function(), recording.states_before()
    prepared = recording.step.prepare(recording.x)
    timesteps, rows = prepared.shape[:2]
    width = sum(state.shape[-1] for state in before)
    vector = tf.random.stateless_normal((rows, width), (seed, 1), dtype=before[0].dtype)
    vector /= tf.norm(vector, axis=-1, keepdims=True)
    result = np.full((timesteps, rows), np.nan)
    for row, t in enumerate(reversed(range(timesteps))):
        product = _vector_products(function, prepared[t], [each[t] for each in before], vector)
        norm = tf.norm(product, axis=-1, keepdims=True)
        valid = tf.ones_like(norm, "bool") if recording.mask is None else recording.mask[t]
        moved = valid & (norm > 0)
        vector = tf.where(moved, tf.math.divide_no_nan(product, norm), vector)
        result[row] = tf.where(valid, tf.math.log(norm), np.nan * norm).numpy()[:, 0]
    return result
