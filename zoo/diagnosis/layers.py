"""The diagnosis of one recurrent layer, from its recording and a tape."""

import dataclasses
from typing import Any

import numpy as np
import tensorflow as tf

from zoo.diagnosis import gates as gate_activations
from zoo.diagnosis import jacobians
from zoo.diagnosis.gates import Gate
from zoo.diagnosis.growth import Estimate, effective_memory, growth_rate, lyapunov_exponent
from zoo.diagnosis.jacobians import Spectrum
from zoo.diagnosis.recording import Recording
from zoo.diagnosis.verdict import NO_LOSS, Verdict, verdict

_SEQUENCES = 8  # sequences of the Lyapunov exponent, at most


@dataclasses.dataclass(frozen=True)
class Curve:
    """A norm against the lag: mean and spread over the sequences of a batch.

    Attributes:
        mean: the mean at each lag, from lag 0, the last timestep.
        low: the 10th percentile.
        high: the 90th percentile.
    """

    mean: list[float]
    low: list[float]
    high: list[float]

    @classmethod
    def of(cls, norms: np.ndarray) -> "Curve":
        """Return the curve of norms (lags, sequences); NaN where a sequence is shorter."""
        low, high = np.nanpercentile(norms, (10, 90), axis=1, method="nearest")
        return cls(np.nanmean(norms, 1).tolist(), low.tolist(), high.tolist())


@dataclasses.dataclass(frozen=True, kw_only=True)
class LayerDiagnosis:
    """The diagnosis of one direction of a recurrent layer. Lag 0 is the last timestep.

    Attributes:
        name: the name of the layer.
        direction: "forward" or "backward".
        cell: the class of the cell, without the suffix "Cell".
        timesteps: the length of the longest sequence.
        gradient: norm of the gradient of a loss at the last timestep with respect to the states
            after each timestep. The loss is a random projection of the layer's output.
        gradient_of_all: the same for the sum of such losses at all timesteps.
        gradient_of_loss: the same for the loss of the model, of one sequence; None without a loss.
        influence: Frobenius norm of the derivative of the last output with respect to the input at
            each lag, estimated by random projections.
        growth: factor by which `gradient` grows per timestep of lag.
        lyapunov: leading Lyapunov exponent in nats per timestep.
        effective_memory: largest lag whose influence is at least a fraction of the largest.
        spectrum: size of the state Jacobian; None for states wider than 1,024.
        gates: the gates.
        verdict: the verdict.
    """

    name: str
    direction: str
    cell: str
    timesteps: int
    gradient: Curve
    gradient_of_all: Curve
    gradient_of_loss: Curve | None
    influence: list[float]
    growth: Estimate
    lyapunov: Estimate
    effective_memory: int | None
    spectrum: Spectrum | None
    gates: list[Gate]
    verdict: Verdict


def diagnose_layer(
    recording: Recording,
    tape: tf.GradientTape,
    loss: tf.Tensor | None,
    fraction: float,
    lag: int | None,
    seed: int,
) -> LayerDiagnosis:
    """Return the diagnosis of a layer.

    Args:
        recording: the recording of an eager call.
        tape: a persistent tape of the call.
        loss: the mean loss over the sequences, or None.
        fraction: the fraction of the effective memory.
        lag: the lag that the task needs, or None.
        seed: seed of the random projections.
    """
    last, influence = gradient_norms(recording, tape, seed, last=True)
    of_loss = None if loss is None else Curve.of(_loss_norms(recording, tape, loss))
    influence = np.sqrt(np.nanmean(influence**2, 1))
    growth, curve, memory = growth_rate(last), Curve.of(last), effective_memory(influence, fraction)
    found = gate_activations.gates(recording)
    judged = verdict(np.array(curve.mean), growth, memory, found, lag)
    return LayerDiagnosis(
        name=recording.source.name,
        direction=recording.source.direction,
        cell=recording.step.cell_name,
        timesteps=len(last),
        gradient=curve,
        gradient_of_all=Curve.of(gradient_norms(recording, tape, seed, last=False)[0]),
        gradient_of_loss=of_loss,
        influence=influence.tolist(),
        growth=growth,
        lyapunov=lyapunov_exponent(jacobians.log_growth(_first_rows(recording), seed)),
        effective_memory=memory,
        spectrum=jacobians.spectrum(recording),
        gates=found,
        verdict=NO_LOSS if of_loss is not None and not any(of_loss.mean) else judged,
    )


def _first_rows(recording: Recording) -> Recording:
    """Return the recording of the first few sequences."""
    part = slice(0, _SEQUENCES)
    return dataclasses.replace(
        recording,
        x=recording.x[:, part],
        mask=None if recording.mask is None else recording.mask[:, part],
        initial_states=[each[part] for each in recording.initial_states],
        states=[each[:, part] for each in recording.states],
    )


def gradient_norms(
    recording: Recording, tape: tf.GradientTape, seed: int, last: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Return the norms of gradients of a random projection of the layer's output.

    Args:
        recording: the recording.
        tape: the persistent tape.
        seed: seed of the projection, whose elements are 1 or -1.
        last: whether the projection is that of the last output, or the sum over all timesteps.

    Returns:
        The norms with respect to all states together, and with respect to the inputs: (lags,
        sequences) each.
    """
    mask = None if recording.mask is None else recording.mask.numpy()[..., 0]
    of_states, of_inputs = gradients_of_projection(recording, tape, seed, last)
    return by_lag(of_states.numpy(), mask), by_lag(of_inputs.numpy(), mask)


def gradients_of_projection(
    recording: Recording, tape: tf.GradientTape, seed: int, last: bool
) -> tuple[tf.Tensor, tf.Tensor]:
    """Return the norms of `gradient_norms` as tensors (timesteps, sequences)."""
    if last:  # the same for any number of timesteps
        signs = random_signs(recording.outputs[-1:], seed)
        projection = tf.concat([tf.zeros_like(recording.outputs[:-1]), signs], 0)
    else:
        projection = random_signs(recording.outputs, seed)
    if not last and recording.mask is not None:
        projection = tf.where(recording.mask, projection, tf.zeros_like(projection))
    of_x, *of_states = tape.gradient(
        recording.outputs,
        [recording.x, *recording.perturbations],
        output_gradients=projection,
        unconnected_gradients="zero",
    )
    return _norms(of_states), _norms([of_x])


def random_signs(outputs: tf.Tensor, seed: int) -> tf.Tensor:
    """Return a tensor of the shape of `outputs` whose elements are 1 or -1."""
    signs = tf.random.stateless_uniform(tf.shape(outputs), (seed, 2), 0, 2, tf.int32) * 2 - 1
    return tf.cast(signs, outputs.dtype)


def _norms(gradients: list[Any]) -> tf.Tensor:
    """Return the norm over the last axis of all gradients together; infinity instead of NaN."""
    norms = tf.norm(tf.cast(tf.concat(gradients, -1), "float64"), axis=-1)
    return tf.where(tf.math.is_nan(norms), np.inf * tf.ones_like(norms), norms)


def _loss_norms(recording: Recording, tape: tf.GradientTape, loss: tf.Tensor) -> np.ndarray:
    gradients = tape.gradient(loss, recording.perturbations, unconnected_gradients="zero")
    norms = _norms(gradients).numpy() * recording.x.shape[1]  # the loss is a mean over sequences
    return by_lag(norms, None if recording.mask is None else recording.mask.numpy()[..., 0])


def by_lag(values: np.ndarray, mask: np.ndarray | None) -> np.ndarray:
    """Return values (timesteps, sequences) by lag: row 0 is the last valid timestep of each.

    The rows number as many as the longest sequence has valid timesteps; NaN where one is shorter.

    Example:
        >>> import numpy as np
        >>> from zoo.diagnosis.layers import by_lag
        >>> by_lag(np.array([[1.0], [2.0], [3.0]]), np.array([[True], [True], [False]])).tolist()
        [[2.0], [1.0]]
    """
    if mask is None:
        return values[::-1]
    result = np.full((int(mask.sum(0).max()), values.shape[1]), np.nan)
    for column, valid in enumerate(mask.T):
        kept = values[valid, column][::-1]
        result[: len(kept), column] = kept
    return result
