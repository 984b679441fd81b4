"""Readings of the gradient over time at few moments: before training, and in its first steps.

`zoo.diagnosis.forecast` predicts from them whether a network learns.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from zoo.diagnosis.clipping import loss_and_gradients, restored
from zoo.diagnosis.probe import Probe
from zoo.diagnosis.subjects import Batch

MOVES = (10, 50)  # updates in the direction of the first one
STEPS = (50, 100, 200)  # training steps at which a network is read


class Reading(NamedTuple):
    """What is read of a network at one moment.

    Attributes:
        loss: the loss of the batch.
        baseline: the loss of the best constant prediction: the entropy of classes, or the variance
            of numbers.
        influence: norm of the derivative of the last output of a recurrent layer with respect to
            its input at the lag of the task, relative to the largest one of any lag; of the layer
            in which it is smallest. NaN if it is not finite.
    """

    loss: float
    baseline: float
    influence: float


class Reader:
    """Reads a compiled model on a batch.

    Args:
        model: a compiled Keras model with recurrent layers.
        batch: (inputs, targets, weights).
        lag: the lag that the task needs; None: the largest one of the batch.

    Attributes:
        longest: the largest lag of the batch, once it has been read.
    """

    def __init__(self, model: Any, batch: Batch, lag: int | None = None) -> None:
        self.model, self.batch, self.lag = model, batch, lag
        self.baseline = baseline(np.asarray(batch[1]))
        self.longest = 0
        self._probe = Probe(model)

    def read(self) -> Reading:
        """Return the reading of the model as it is."""
        inputs, targets, weights = self.batch
        outputs, layers = self._probe.measure(inputs)
        loss = self.model.compute_loss(inputs, targets, outputs, weights, training=False)
        influence = min(self._influence(each.influence) for each in layers)
        return Reading(float(loss), self.baseline, influence)

    def read_moved(self, updates: int) -> Reading:
        """Return the reading after updates of Adam that all have the direction of the first one.

        The weights are then restored. The first update of Adam has the same size, the learning
        rate, for each element of a weight.
        """
        _, gradients = loss_and_gradients(self.model, self.batch)
        weights, optimizer = self.model.trainable_variables, self.model.optimizer
        with restored(self.model.variables):
            for weight, gradient in zip(weights, gradients, strict=True):
                direction = gradient / (tf.abs(gradient) + optimizer.epsilon)
                weight.assign_sub(updates * optimizer.learning_rate * direction)
            return self.read()

    def _influence(self, norms: np.ndarray) -> float:
        """Return the influence at the lag of a layer, from its norms (lags, sequences)."""
        curve = np.nanmean(norms, axis=1)
        largest, self.longest = curve.max(), len(curve) - 1
        if not np.isfinite(largest):
            return float("nan")
        lag = self.longest if self.lag is None else min(self.lag, self.longest)
        return float(curve[lag] / largest) if largest > 0 else 0.0


def baseline(targets: np.ndarray) -> float:
    """Return the loss of the best constant prediction of some targets.

    Args:
        targets: classes (integers), for the cross-entropy; or numbers, for the squared error.

    Example:
        >>> import numpy as np
        >>> from zoo.diagnosis.readings import baseline
        >>> baseline(np.array([0.0, 2.0]))
        1.0
    """
    if np.issubdtype(targets.dtype, np.integer):
        _, counts = np.unique(targets, return_counts=True)
        shares = counts / counts.sum()
        return float(-np.sum(shares * np.log(shares)))
    return float(np.var(targets))


def readings(reader: Reader, batches: Sequence[Batch] = ()) -> dict[str, Reading]:
    """Read a model before training, and while it is trained on batches.

    Args:
        reader: the reader of the model, whose weights are changed if there are batches.
        batches: a batch for each training step.

    Returns:
        "start", "moved 10" and "moved 50", and "step 50" to "step 200" where training gets there.
    """
    found = {"start": reader.read()}
    found |= {f"moved {updates}": reader.read_moved(updates) for updates in MOVES}
    for step, (inputs, targets, weights) in enumerate(batches, 1):
        reader.model.train_on_batch(inputs, targets, sample_weight=weights)
        if step in STEPS:
            found[f"step {step}"] = reader.read()
    return found
