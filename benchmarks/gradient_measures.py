"""Trains one configuration for `benchmarks.gradient_prediction`, and measures it on the way.

The measures are taken before training, after a probe of some steps, and at initial weights moved as
Adam would move them if its first update were repeated; the network then has its initial weights
again.
"""

import keras
import numpy as np
import tensorflow as tf

import zoo
from tasks.arrangements import MANY_TO_ONE
from tasks.data.generated import draw
from tasks.datasets import datasets
from zoo.diagnosis.clipping import restored
from zoo.diagnosis.layers import by_lag
from zoo.diagnosis.projections import gradients_of_projection
from zoo.diagnosis.recording import recorded
from zoo.diagnosis.subjects import as_batch, sequences_of
from zoo.models import assembly
from zoo.models.resolve import resolve

STEPS, UNITS, SEQUENCES = 2000, 32, 32
PROBES = (25, 50, 100, 200)  # training steps
MOVES = (10, 50)  # updates of Adam in one direction
LAGS = 24  # lags at which curves are kept


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
    probe = sequences_of(as_batch(next(iter(batches.epoch(0)))), SEQUENCES)[:2]
    diagnosis = zoo.diagnose(model, probe)
    watch = Watch(probe, model)
    record = {**settings, **figures(diagnosis), "start": watch.measure()}
    record |= {f"moved_{steps}": watch.moved(steps) for steps in MOVES}
    for epoch in range(STEPS // len(batches)):
        model.fit(batches.epoch(epoch), verbose=0, callbacks=[watch])
    held_out = draw(builder, settings["delay"], 500, "test")
    scores = evaluated(settings, model, features, held_out, config)
    return {**record, **watch.records, "losses": watch.losses, **scores}


def figures(diagnosis):
    """Return figures of a diagnosis that `Watch.measure` lacks."""
    (layer,) = diagnosis.layers
    spectrum = layer.spectrum
    return {
        "growth": layer.growth.value,
        "lyapunov": layer.lyapunov.value,
        "effective_memory": layer.effective_memory,
        "timesteps": layer.timesteps,
        "spectral_radius": max(spectrum.spectral_radius) if spectrum else None,
        "singular_value": max(spectrum.largest_singular_value) if spectrum else None,
        "saturated": {gate.name: gate.saturated for gate in layer.gates},
    }


class Watch(keras.callbacks.Callback):
    """Measures a model on a probe batch, at the training steps `PROBES`.

    Args:
        probe: inputs and targets.
        model: the model, with one recurrent layer.
    """

    def __init__(self, probe, model):
        super().__init__()
        self.probe, self.model_ = probe, model
        self.records, self.losses, self.seen = {}, [], 0.0
        self._measured = tf.function(self._tensors, autograph=False)

    def on_train_batch_end(self, batch, logs=None):
        steps = int(self.model_.optimizer.iterations)
        if steps <= max(PROBES):  # Keras reports the mean over the batches of the epoch
            total = float(logs["loss"]) * (batch + 1)
            self.losses.append(total - (self.seen if batch else 0.0))
            self.seen = total
        if steps in PROBES:
            self.records[f"probe_{steps}"] = self.measure()

    def _tensors(self):
        model, (inputs, targets) = self.model_, self.probe
        with tf.GradientTape(persistent=True) as tape, recorded(model, tape) as recordings:
            outputs = model(inputs, training=False)
            loss = model.compute_loss(inputs, targets, outputs, training=False)
        (recording,) = recordings
        variables = [weight.value for weight in model.trainable_variables]
        sources = [*variables, recording.x, *recording.perturbations]
        found = tape.gradient(loss, sources, unconnected_gradients="zero")
        gradients = [tf.convert_to_tensor(each) for each in found[: len(variables)]]
        of_input, *of_states = found[len(variables) :]
        size = tf.concat(recording.states, -1)
        curves = {
            "loss_by_state": tf.norm(tf.concat(of_states, -1), axis=-1),
            "loss_by_input": tf.norm(of_input, axis=-1),
            "size": tf.sqrt(tf.reduce_mean(size**2, -1)),
        }
        by_state, by_input = gradients_of_projection(recording, tape, seed=0, last=True)
        curves |= {"by_state": by_state, "by_input": by_input}
        return loss, gradients, curves

    def measure(self):
        """Return loss, norms of the gradients of the weights, and curves against the lag."""
        loss, gradients, curves = self._measured()
        found = {"loss": float(loss)}
        names = [weight.path for weight in self.model_.trainable_variables]
        found["gradients"] = {
            name: [float(tf.norm(each)), float(tf.reduce_mean(tf.abs(each)))]
            for name, each in zip(names, gradients, strict=True)
        }
        for name, norms in curves.items():
            found[name] = curve(by_lag(norms.numpy(), None))
        return found

    def moved(self, steps):
        """Return the measures after `steps` updates of Adam in the direction of the first one."""
        weights, optimizer = self.model_.trainable_variables, self.model_.optimizer
        _, gradients, _ = self._measured()
        with restored(weights):
            for weight, gradient in zip(weights, gradients, strict=True):
                step = gradient / (tf.abs(gradient) + optimizer.epsilon)
                weight.assign_sub(steps * optimizer.learning_rate * step)
            return self.measure()


def curve(norms):
    """Return [lag, mean over the sequences] at lags that are evenly spaced on a log axis.

    Args:
        norms: (lags, sequences).
    """
    lags = np.unique(np.geomspace(1, len(norms), LAGS).round().astype(int)) - 1
    return [[int(lag), float(np.mean(norms[lag], dtype="float64"))] for lag in lags]


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
