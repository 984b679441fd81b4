"""The diagnosis of one recurrent layer, from the passes of a model."""

import dataclasses

import numpy as np

from zoo.diagnosis import gates as gate_activations
from zoo.diagnosis import jacobians
from zoo.diagnosis.gates import Gate
from zoo.diagnosis.growth import Estimate, effective_memory, growth_rate, lyapunov_exponent
from zoo.diagnosis.jacobians import Spectrum
from zoo.diagnosis.passes import Passes
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


def diagnose_layers(
    passes: Passes, fraction: float, lag: int | None, seed: int
) -> list[LayerDiagnosis]:
    """Return the diagnosis of each layer.

    Args:
        passes: the passes of the model.
        fraction: the fraction of the effective memory.
        lag: the lag that the task needs, or None.
        seed: seed of the Lyapunov exponent.
    """
    of_loss = [None] * len(passes.recordings) if passes.loss is None else passes.of_loss()
    return [
        _layer(passes, number, norms, fraction, lag, seed) for number, norms in enumerate(of_loss)
    ]


def _layer(
    passes: Passes,
    number: int,
    of_loss: np.ndarray | None,
    fraction: float,
    lag: int | None,
    seed: int,
) -> LayerDiagnosis:
    recording = passes.recordings[number]
    mask = None if recording.mask is None else recording.mask.numpy()[..., 0]
    last, influence = (by_lag(each, mask) for each in passes.of_projection(number, last=True))
    of_all, _ = passes.of_projection(number, last=False)
    curve_of_loss = None
    if of_loss is not None:  # of one sequence: the loss is a mean over sequences
        curve_of_loss = Curve.of(by_lag(of_loss * recording.x.shape[1], mask))
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
        gradient_of_all=Curve.of(by_lag(of_all, mask)),
        gradient_of_loss=curve_of_loss,
        influence=influence.tolist(),
        growth=growth,
        lyapunov=lyapunov_exponent(jacobians.log_growth(_first_rows(recording), seed)),
        effective_memory=memory,
        spectrum=jacobians.spectrum(recording),
        gates=found,
        verdict=NO_LOSS if curve_of_loss is not None and not any(curve_of_loss.mean) else judged,
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
