"""`zoo.diagnose`: the gradient over time of a model, with a verdict on each recurrent layer."""

import dataclasses
import math
from typing import Any

import numpy as np

from zoo.diagnosis import subjects
from zoo.diagnosis.clipping import Clipping, clipping
from zoo.diagnosis.layers import LayerDiagnosis, diagnose_layers
from zoo.diagnosis.passes import Passes
from zoo.diagnosis.recording import Recording
from zoo.diagnosis.subjects import Subject
from zoo.diagnosis.training_steps import LossSlice, WeightUpdate, training_steps
from zoo.errors import RequestError
from zoo.training.networks import released_gradients


@dataclasses.dataclass(frozen=True, kw_only=True)
class Diagnosis:
    """The gradient over time of a model.

    Attributes:
        title: what was diagnosed.
        sequences: the number of sequences.
        lag: the lag in timesteps that the task needs, None if unknown.
        fraction: the fraction that defines the effective memory.
        loss: the mean loss of the sequences; None without targets.
        layers: the diagnosis of each recurrent layer and direction.
        clipping: gradient norms and clipping; None without targets.
        noise_scale: the gradient noise scale, in sequences: batches of far fewer have gradients
            of mostly noise. None without targets, or if it is unknown.
        updates: the update of each weight by one training step; empty without targets.
        loss_slice: the loss along this update; None without targets.

    Example:
        >>> import numpy as np, zoo
        >>> layer = zoo.Recurrent("gru", 8)
        >>> diagnosis = zoo.diagnose(layer, np.ones((4, 100, 3)))
        >>> len(diagnosis.layers[0].gradient.mean)
        100
        >>> diagnosis.layers[0].verdict.kind
        'vanishing'
    """

    title: str
    sequences: int
    lag: int | None
    fraction: float
    loss: float | None
    layers: list[LayerDiagnosis]
    clipping: Clipping | None
    noise_scale: float | None
    updates: list[WeightUpdate]
    loss_slice: LossSlice | None

    def to_json(self) -> dict[str, Any]:
        """Return the diagnosis as JSON values; numbers that are not finite become None."""
        return json_value(self)

    @property
    def text(self) -> str:
        """The verdict of each layer, one line each."""
        return "\n".join(
            f"{layer.name} ({layer.cell}, {layer.direction}): {layer.verdict.text}"
            for layer in self.layers
        )


def json_value(value: Any) -> Any:
    """Return dataclasses, named tuples and lists as JSON values, without NaN and infinity."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = dataclasses.fields(value)
        return {field.name: json_value(getattr(value, field.name)) for field in fields}
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return json_value(value._asdict())
    if isinstance(value, dict):
        return {name: json_value(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [json_value(each) for each in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def diagnose(
    subject: Any,
    data: Any = None,
    *,
    length: int | None = None,
    fraction: float = 0.01,
    batch_size: int = 16,
    steps: int = 8,
    seed: int = 0,
) -> Diagnosis:
    """Diagnose the gradient over time of a model, in inference; the model is not changed.

    Args:
        subject: a `zoo.Config`, which is built with its initial weights; the folder of a run; a
            Keras model with `zoo.Recurrent` or `keras.layers.RNN` layers; or such a layer alone.
        data: for a model, a batch `(inputs, targets)`, `(inputs, targets, weights)` or `inputs`, or
            a dataset of batches; for a configuration or a run, a `zoo.Corpus`. None: the training
            data of the configuration.
        length: for a configuration with generated data, its difficulty: the length of sequences.
        fraction: the effective memory is the largest lag whose influence is at least this fraction
            of the largest one.
        batch_size: sequences in a batch of a configuration or a run.
        steps: the maximum number of batches whose gradient norms are measured.
        seed: seed of the random projections.

    Raises:
        RequestError: no recurrent layer, no two valid timesteps, or an invalid argument.
    """
    if not 0 < fraction <= 1:
        raise RequestError(f"fraction={fraction!r} is not in (0, 1]. Give for example 0.01.")
    for name, value in (("batch_size", batch_size), ("steps", steps)):
        if value < 1:
            raise RequestError(f"{name}={value} is not a positive integer. Give for example 8.")
    found = subjects.subject_of(subject, data, length, batch_size, steps)
    if not found.batches:
        raise RequestError("the data has no batches. Give at least one.")
    return _diagnosed(found, fraction, seed)


@released_gradients()
def _diagnosed(found: Subject, fraction: float, seed: int) -> Diagnosis:
    steps = training_steps(found)
    passes = Passes(found, seed)
    _check(passes.recordings)
    return Diagnosis(
        title=found.title,
        sequences=int(passes.recordings[0].x.shape[1]),
        lag=found.lag,
        fraction=fraction,
        loss=passes.loss,
        layers=diagnose_layers(passes, fraction, found.lag, seed),
        clipping=clipping(found.model.optimizer, steps.norms) if steps else None,
        noise_scale=steps.noise_scale if steps else None,
        updates=steps.updates if steps else [],
        loss_slice=steps.loss_slice if steps else None,
    )


def _check(recordings: list[Recording]) -> None:
    """Raise RequestError unless the recurrent layers ran over at least two valid timesteps."""
    if not recordings:
        raise RequestError(
            "the model did not call its recurrent layers on (batch, timesteps, features). Give "
            "inputs on which it does."
        )
    for recording in recordings:
        name, (timesteps, rows) = recording.source.name, recording.x.shape[:2]
        valid = timesteps
        if recording.mask is not None:
            valid = int(np.max(np.sum(recording.mask.numpy(), axis=0), initial=0))
        if not rows:
            raise RequestError("the batch has no sequences. Give at least one.")
        if not valid:
            raise RequestError(
                f"every timestep of the batch is masked in the layer {name!r}, so that it has no "
                "gradient. Give sequences with valid timesteps."
            )
        if valid < 2:
            raise RequestError(
                f"the sequences have one valid timestep in the layer {name!r}, so there is no "
                "gradient over time. Give sequences of at least two timesteps."
            )
