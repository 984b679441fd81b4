"""Forward and backward passes of a model on one batch, by one traced function.

An argument of the function chooses what is differentiated. TensorFlow thus traces one backward pass
for all losses and layers; to trace a pass takes longer than to run it.
"""

import dataclasses
from typing import Any

import numpy as np
import tensorflow as tf

from zoo.diagnosis.projections import norms_of, projection
from zoo.diagnosis.recording import Recording, recorded, recurrent_layers
from zoo.diagnosis.subjects import Subject
from zoo.graph_functions import graph_function


class Passes:
    """The passes of a model on the first batch of its data.

    Args:
        subject: the model and its data.
        seed: seed of the random projections.

    Attributes:
        loss: the mean loss of the sequences; None without targets.
        recordings: the recording of each recurrent layer that the model calls.
    """

    def __init__(self, subject: Subject, seed: int) -> None:
        self._subject, self._seed = subject, seed
        self._traced: list[Recording] = []
        self._first: list[tuple[tf.Tensor, tf.Tensor]]
        self._size = 2 * len(recurrent_layers(subject.model)) + 1
        is_eager = getattr(subject.model, "run_eagerly", False)
        self._run = self._passes if is_eager else graph_function(self._passes)
        loss, tensors, self._first = self._run(self._only(0), subject.batches[0])
        self.loss = float(loss) if subject.has_loss else None
        pairs = zip(self._traced, tensors, strict=True)
        self.recordings = [dataclasses.replace(each, **values) for each, values in pairs]

    def of_projection(self, layer: int, last: bool) -> tuple[np.ndarray, np.ndarray]:
        """Return the norms of gradients of a random projection of a layer's output.

        Args:
            layer: the position of the layer in `recordings`.
            last: whether the projection is that of the last output, or the sum over all timesteps.

        Returns:
            The norms with respect to all states together, and with respect to the inputs:
            (timesteps, sequences) each.
        """
        number = 2 * layer + (0 if last else 1)
        norms = (
            self._run(self._only(number), self._subject.batches[0])[2] if number else self._first
        )
        states, inputs = norms[layer]
        return states.numpy(), inputs.numpy()

    def of_loss(self) -> list[np.ndarray]:
        """Return the norms, with respect to the states of each layer, of the model's loss."""
        _, _, norms = self._run(self._only(self._size - 1), self._subject.batches[0])
        return [states.numpy() for states, _ in norms]

    def _only(self, number: int) -> tf.Tensor:
        return tf.one_hot(number, self._size)

    def _passes(self, weights: tf.Tensor, batch: Any) -> tuple[Any, list[dict], list]:
        """Return the loss, the tensors of each recording, and the norms of gradients.

        Args:
            weights: factors of what is differentiated: of the projections of the last output and of
                all outputs of each layer, and of the loss.
            batch: inputs, targets, weights.
        """
        model = self._subject.model
        with tf.GradientTape() as tape, recorded(model, tape) as recordings:
            outputs = model(batch[0], training=False)
            loss = tf.constant(0.0)
            if self._subject.has_loss:
                loss = model.compute_loss(*batch[:2], outputs, batch[2], training=False)
        self._traced = recordings
        if not recordings:
            return loss, [], []
        gradients = tape.gradient(
            [loss, *(each.outputs for each in recordings)],
            [[each.x, each.perturbations] for each in recordings],
            [tf.cast(weights[-1], loss.dtype), *self._projections(recordings, weights)],
            unconnected_gradients="zero",
        )
        norms = [(norms_of(of_states), norms_of([of_x])) for of_x, of_states in gradients]
        return loss, [_tensors(each) for each in recordings], norms

    def _projections(self, recordings: list[Recording], weights: tf.Tensor) -> list[tf.Tensor]:
        return [
            sum(
                tf.cast(weights[2 * number + k], each.outputs.dtype)
                * projection(each, self._seed, last)
                for k, last in enumerate((True, False))
            )
            for number, each in enumerate(recordings)
        ]


def _tensors(recording: Recording) -> dict[str, Any]:
    names = ("x", "mask", "initial_states", "states", "perturbations", "outputs")
    return {name: getattr(recording, name) for name in names}
