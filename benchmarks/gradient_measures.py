"""Trains one configuration for `benchmarks.gradient_prediction`, and reads it on the way."""

import keras
import numpy as np

import zoo
from tasks.arrangements import MANY_TO_ONE
from tasks.data.generated import draw
from tasks.datasets import datasets
from zoo.diagnosis.readings import STEPS, Reader, readings
from zoo.diagnosis.subjects import as_batch, sequences_of
from zoo.models import assembly
from zoo.models.resolve import resolve

TRAINING_STEPS, UNITS, SEQUENCES = 2000, 32, 32


def trained(settings):
    """Return the record of one configuration.

    Args:
        settings: dict of cell, task, delay and further fields of the configuration.
    """
    keras.backend.clear_session()
    arguments = {name: value for name, value in settings.items() if name != "delay"}
    config = resolve(zoo.Config(units=UNITS, difficulty=settings["delay"], **arguments))
    builder = datasets.get(f"zoo_{settings['task']}")
    examples = draw(builder, settings["delay"], 10_000)
    features = assembly.as_features(config, None, zoo.Corpus("", {"train": examples}, {}))
    model = assembly.network(config, features)
    batches = MANY_TO_ONE.batches(features, examples, config, True)
    probe = sequences_of(as_batch(next(iter(batches.epoch(0)))), SEQUENCES)
    (layer,) = zoo.diagnose(model, probe[:2]).layers
    reader = Reader(model, probe, builder(config=str(settings["delay"])).lag)
    found = readings(reader)
    for epoch in range(TRAINING_STEPS // len(batches)):
        model.fit(batches.epoch(epoch), shuffle=False, verbose=0, callbacks=[Watch(reader, found)])
    return {
        **settings,
        "effective_memory": layer.effective_memory or 0,
        "spectral_radius": max(layer.spectrum.spectral_radius) if layer.spectrum else None,
        "readings": found,
        **evaluated(
            settings, model, features, draw(builder, settings["delay"], 500, "test"), config
        ),
    }


class Watch(keras.callbacks.Callback):
    """Reads a model at the training steps `STEPS`.

    Args:
        reader: the reader of the model.
        found: the dict to which readings are added.
    """

    def __init__(self, reader, found):
        super().__init__()
        self.reader, self.found = reader, found

    def on_train_batch_end(self, batch, logs=None):
        steps = int(self.reader.model.optimizer.iterations)
        if steps in STEPS:
            self.found[f"step {steps}"] = self.reader.read()


def evaluated(settings, model, features, examples, config):
    """Return the score; learned: an accuracy above 0.5, or an error below a tenth of 1/6."""
    hits = errors = 0.0
    for inputs, targets, _ in MANY_TO_ONE.batches(features, examples, config, False).epoch(0):
        predictions, targets = np.asarray(model(inputs, training=False)), np.asarray(targets)
        hits += float(np.sum(predictions.argmax(-1) == targets))
        if settings["task"] == "adding":
            errors += float(np.sum((predictions.reshape(-1) - targets.reshape(-1)) ** 2))
    if settings["task"] == "delayed_recall":
        return {"score": hits / len(examples), "learned": hits / len(examples) > 0.5}
    return {"score": errors / len(examples), "learned": errors / len(examples) < 1 / 60}
