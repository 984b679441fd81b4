"""The Jacobian of the state of a recurrent layer along its trajectory.

A step treats the rows of a batch independently. So one backward pass over copies of a state, each
with another unit vector as the gradient of its result, yields a whole Jacobian.
"""

from typing import NamedTuple

import numpy as np
import tensorflow as tf

from zoo.diagnosis.cell_step import CellStep, StepFunction
from zoo.diagnosis.recording import Recording
from zoo.graph_functions import graph_function

MAX_WIDTH = 1024  # of all states together; the eigenvalues of wider Jacobians take too long
_DOUBLINGS = 20  # of the exponent in Gelfand's formula
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
    # The threads of TensorFlow's products do not wait actively, unlike those of NumPy's.
    tensor = tf.constant(matrices, "float64")
    return Spectrum(
        chosen.tolist(),
        spectral_radius(tensor).numpy().tolist(),
        tf.linalg.svd(tensor, compute_uv=False)[..., 0].numpy().tolist(),
    )


def spectral_radius(matrices: tf.Tensor) -> tf.Tensor:
    """Return the largest modulus of an eigenvalue of each matrix.

    It is the limit of |A^k|^(1/k) (Gelfand's formula), by repeated squares: for wide matrices much
    faster than the eigenvalues. The relative error is about 1e-5 or less.

    Args:
        matrices: square matrices of finite numbers (..., width, width), float64.
    """
    power, log = matrices, tf.zeros(matrices.shape[:-2], matrices.dtype)
    for doubling in range(_DOUBLINGS + 1):
        if doubling:
            power = power @ power
        norm = tf.norm(power, axis=(-2, -1))
        log += tf.math.log(norm) / 2**doubling  # -infinity for a nilpotent matrix
        power = tf.math.divide_no_nan(power, norm[..., None, None])
    return tf.exp(log)


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
    width = sum(state.shape[-1] for state in recording.initial_states)
    vector = tf.random.stateless_normal(
        (recording.x.shape[1], width), (seed, 1), dtype=recording.initial_states[0].dtype
    )
    traced = graph_function(_log_growth)
    mask, before = recording.mask, recording.states_before()
    if mask is None:
        mask = tf.ones((*recording.x.shape[:2], 1), "bool")
    return traced(recording.step, recording.x, mask, before, vector).numpy()[::-1, :, 0]


def _log_growth(
    step: CellStep, x: tf.Tensor, mask: tf.Tensor, before: list[tf.Tensor], vector: tf.Tensor
) -> tf.Tensor:
    """Return the logs of the growth in the order of the timesteps, (timesteps, sequences, 1)."""
    function = step.function()

    def earlier(carried: tuple[tf.Tensor, tf.Tensor], at: tuple) -> tuple[tf.Tensor, tf.Tensor]:
        vector, (prepared, valid, states) = carried[0], at
        vector = tf.math.divide_no_nan(vector, tf.norm(vector, axis=-1, keepdims=True))
        product = _vector_products(function, prepared, list(states), vector)
        norm = tf.norm(product, axis=-1, keepdims=True)
        moved = valid & (norm > 0)
        log = tf.where(valid, tf.math.log(norm), np.nan * norm)
        return tf.where(moved, product, vector), log

    timesteps = (step.prepare(x), mask, tuple(before))
    first = (vector, tf.zeros((*vector.shape[:1], 1), vector.dtype))
    return tf.scan(earlier, timesteps, first, reverse=True)[1]
