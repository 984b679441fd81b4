"""Training steps at fixed weights: gradient norms, noise scale, updates, the loss along one."""

import contextlib
import dataclasses
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from zoo.diagnosis.clipping import loss_and_gradients, measure, restored
from zoo.diagnosis.recording import recurrent_layers
from zoo.diagnosis.subjects import Batch, Subject
from zoo.graph_functions import graph_function
from zoo.layers.recurrent import Recurrent

MULTIPLES = (-4, -2, -1, 0, 1, 2, 4, 8, 16, 32, 64)


@dataclasses.dataclass(frozen=True)
class WeightUpdate:
    """The update of a weight by one training step.

    Attributes:
        name: the path of the weight.
        ratio: norm of the update over the norm of the weight; None for a weight of zeros.
    """

    name: str
    ratio: float | None


@dataclasses.dataclass(frozen=True)
class LossSlice:
    """The loss of the first batch along the update that it causes.

    Attributes:
        multiples: multiples of the update that are added to the weights; 0: the weights as they
            are, 1: after one training step.
        losses: the loss at each multiple, with the same dropout.
    """

    multiples: list[int]
    losses: list[float]


class TrainingSteps(NamedTuple):
    """What the training batches show; the weights do not change in between.

    Attributes:
        norms: what the optimizer's clipping compares with its threshold, for each batch.
        noise_scale: the gradient noise scale, in sequences; None if it is unknown.
        updates: the update of each weight by a step on the first batch.
        loss_slice: the loss along this update.
    """

    norms: list[float]
    noise_scale: float | None
    updates: list[WeightUpdate]
    loss_slice: LossSlice


def training_steps(found: Subject) -> TrainingSteps | None:
    """Differentiate the loss of each batch, as in training; None without a loss."""
    if not found.has_loss:
        return None
    model, batches = found.model, found.batches
    traced = graph_function(lambda *batch: loss_and_gradients(model, batch))
    norms: list[float] = []
    noise, updates = NoiseScale(), []
    # A call in training changes states: of stateful layers, batch normalization, random seeds.
    with restored(model.variables):
        with _short_loops(model):
            traced.get_concrete_function(*_signature(batches))
        for batch in batches:
            _, gradients = traced(*batch)
            norms.append(float(measure(model.optimizer, gradients)))
            noise.add(gradients, len(tf.nest.flatten(batch[0])[0]))
            if len(norms) == 1:
                updates = _updates(model, gradients)
    ratios = [
        WeightUpdate(weight.path, _ratio(np.array(weight), update))
        for weight, update in zip(model.trainable_variables, updates, strict=True)
    ]
    losses = _losses(model, updates, lambda: traced(*batches[0])[0])
    return TrainingSteps(norms, noise.value(), ratios, LossSlice(list(MULTIPLES), losses))


@contextlib.contextmanager
def _short_loops(model: Any) -> Iterator[None]:
    """Trace loops of one timestep per iteration: few calls take less time than a longer trace."""
    layers = [found.layer for found in recurrent_layers(model)]
    factors = {layer: layer.unroll_factor for layer in layers if isinstance(layer, Recurrent)}
    for layer in factors:
        layer.unroll_factor = 1
    try:
        yield
    finally:
        for layer, factor in factors.items():
            layer.unroll_factor = factor


class NoiseScale:
    """The simple gradient noise scale: variance of the gradient of a sequence over its square.

    A batch of far fewer sequences than that has a gradient of mostly noise; one of far more hardly
    trains in fewer steps. Source: McCandlish et al. 2018, arXiv 1812.06162, section 2.2.
    """

    def __init__(self) -> None:
        self._total: list[tf.Tensor] | None = None
        self._squares: list[float] = []
        self._sizes: list[int] = []

    def add(self, gradients: Sequence[tf.Tensor], sequences: int) -> None:
        """Add the gradient of the mean loss over a batch of some sequences."""
        before = self._total or [tf.zeros_like(each) for each in gradients]
        self._total = [total + each for total, each in zip(before, gradients, strict=True)]
        self._squares.append(float(tf.linalg.global_norm(gradients)) ** 2)
        self._sizes.append(sequences)

    def value(self) -> float | None:
        """Return the scale in sequences; None if it is unknown.

        It is unknown with fewer than two batches, with batches of different sizes, without finite
        gradients, and where the gradient cannot be told from noise.
        """
        count = len(self._squares)
        if count < 2 or len(set(self._sizes)) > 1 or not np.isfinite(self._squares).all():
            return None
        assert self._total is not None
        square_of_mean = float(tf.linalg.global_norm(self._total)) ** 2 / count**2
        # Both are unbiased: of the variance of a batch's gradient, and of the squared gradient.
        variance = (np.mean(self._squares) - square_of_mean) * count / (count - 1)
        signal = square_of_mean - variance / count
        return float(self._sizes[0] * variance / signal) if min(signal, variance) > 0 else None


def _updates(model: Any, gradients: Sequence[tf.Tensor]) -> list[np.ndarray]:
    """Return the update of each weight by one step of the model's optimizer, and undo the step."""
    weights, optimizer = model.trainable_variables, model.optimizer
    if not optimizer.built:
        optimizer.build(weights)
    with restored([*weights, *optimizer.variables]) as before:
        optimizer.apply(list(gradients), weights)
        pairs = zip(weights, before[: len(weights)], strict=True)
        with np.errstate(invalid="ignore"):  # infinity - infinity
            return [np.array(weight).astype("float64") - old for weight, old in pairs]


def _ratio(weight: np.ndarray, update: np.ndarray) -> float | None:
    norm = float(np.linalg.norm(weight.astype("float64")))
    return float(np.linalg.norm(update)) / norm if norm else None


def _losses(
    model: Any, updates: Sequence[np.ndarray], loss: Callable[[], tf.Tensor]
) -> list[float]:
    """Return the loss at each of `MULTIPLES` of the updates; the model is restored."""
    losses = []
    for multiple in MULTIPLES:
        with restored(model.variables):
            for weight, update in zip(model.trainable_variables, updates, strict=True):
                weight.assign_add(multiple * update)
            losses.append(float(loss()))
    return losses


def _signature(batches: Sequence[Batch]) -> tuple[Any, ...]:
    """Return the shapes and types of all batches, so that they share one trace."""

    def spec(*tensors: Any) -> tf.TensorSpec | None:
        if tensors[0] is None:
            return None
        sizes = zip(*(each.shape for each in tensors), strict=True)
        shape = [size[0] if len(set(size)) == 1 else None for size in sizes]
        return tf.TensorSpec(shape, tensors[0].dtype)

    return tf.nest.map_structure(spec, *batches)
