"""Does the gradient before training predict what a network learns?

    python -m benchmarks.gradient_prediction results.jsonl
    python -m benchmarks.gradient_prediction results.jsonl --score

The first command diagnoses and trains each configuration (cells x initializers x delays x tasks,
32 units, 2,000 steps of Adam) and appends a line per configuration; repeated, it resumes. The
second one chooses a threshold for each predictor on one half of the configurations, drawn with a
fixed seed, and scores it on the other half: balanced accuracy with a bootstrap interval, beside
Kendall's tau-b of effective memory and the longest delay learned.
"""

import itertools
import json
import pathlib
import sys

import keras
import numpy as np
from scipy.stats import kendalltau

import zoo
from tasks.arrangements import MANY_TO_ONE
from tasks.data.generated import draw
from tasks.datasets import datasets
from zoo.diagnosis.growth import relative_norm
from zoo.models import assembly
from zoo.models.resolve import resolve

CELLS = (
    ("simple_rnn", ({}, {"recurrent_initializer": "glorot_uniform"})),
    ("simple_rnn", ({"cell_args": {"activation": "relu"}, "recurrent_initializer": "identity"},)),
    ("simple_rnn", ({"recurrent_initializer": "scaled_identity:0.5"},)),
    ("lstm", ({}, {"bias_initializer": "zeros"}, {"bias_initializer": "chrono:100"})),
    *((name, ({},)) for name in ("gru", "mgu", "gru_reset_before", "coupled_lstm", "rhn", "ran")),
    *((name, ({},)) for name in ("peephole_lstm", "ind_rnn", "exprnn", "lru", "min_gru")),
)
DELAYS = (10, 20, 40, 80, 160, 320)
TASKS = ("delayed_recall", "adding")
STEPS, UNITS, SEED = 2000, 32, 0
PREDICTORS = ("influence", "ratio", "growth", "effective_memory_of_lag", "spectral_radius", "gated")


def configurations():
    for (cell, variants), task, delay in itertools.product(CELLS, TASKS, DELAYS):
        for arguments in variants:
            yield {"cell": cell, "task": task, "delay": delay, **arguments}


def measured(settings):
    """Return the record of one configuration: figures before training, and whether it learned."""
    keras.backend.clear_session()
    arguments = {name: value for name, value in settings.items() if name != "delay"}
    config = resolve(zoo.Config(units=UNITS, difficulty=settings["delay"], **arguments))
    diagnosis = zoo.diagnose(config, steps=1, batch_size=16)
    (layer,) = diagnosis.layers
    builder = datasets.get(f"zoo_{settings['task']}")
    train = draw(builder, settings["delay"], 10_000)
    features = assembly.as_features(config, None, zoo.Corpus("", {"train": train}, {}))
    model = assembly.network(config, features)
    batches = MANY_TO_ONE.batches(features, train, config, True)
    for epoch in range(-(-STEPS // len(batches))):
        left = STEPS - epoch * len(batches)
        model.fit(batches.epoch(epoch).take(min(left, len(batches))), verbose=0)
    lag = min(diagnosis.lag, layer.timesteps - 1)
    return {
        **settings,
        "influence": layer.influence[lag],
        "ratio": relative_norm(np.array(layer.gradient.mean), lag)[0],
        "growth": layer.growth.value,
        "effective_memory": layer.effective_memory,
        "effective_memory_of_lag": (layer.effective_memory or 0) / lag,
        "spectral_radius": max(layer.spectrum.spectral_radius) if layer.spectrum else None,
        "gated": float("gated" in zoo.cells.entry(settings["cell"]).facts["tags"]),
        "learned": learned(settings, model, features, config, builder),
    }


def learned(settings, model, features, config, builder):
    """Return whether accuracy is above 0.5, or the error below a tenth of the baseline's."""
    examples = draw(builder, settings["delay"], 500, "test")
    hits = errors = 0.0
    for inputs, targets, _ in MANY_TO_ONE.batches(features, examples, config, False).epoch(0):
        predictions = np.asarray(model(inputs, training=False))
        targets = np.asarray(targets)
        hits += float(np.sum(predictions.argmax(-1) == targets))
        errors += float(np.sum((predictions.reshape(len(targets), -1)[:, 0] - targets) ** 2))
    return hits > 250 if settings["task"] == "delayed_recall" else errors / 500 < 1 / 60


def balanced_accuracy(predicted, truth):
    return (np.mean(predicted[truth]) + np.mean(~predicted[~truth])) / 2


def score(records):
    """Print the balanced accuracy of each predictor on the half that did not set its threshold."""
    rng = np.random.default_rng(SEED)
    order = rng.permutation(len(records))
    halves = np.split(order, [len(order) // 2])
    truth = np.array([record["learned"] for record in records])
    print(f"{len(records)} configurations, {truth.mean():.0%} learned")
    for name in PREDICTORS:
        values = np.array([np.nan if (v := record[name]) is None else v for record in records])
        values = np.nan_to_num(values, nan=-np.inf)
        first, second = halves
        thresholds = np.unique(values[first])
        best = max(thresholds, key=lambda t: balanced_accuracy(values[first] >= t, truth[first]))
        predicted = values[second] >= best
        samples = [rng.choice(len(second), len(second)) for _ in range(2000)]
        scores = [
            balanced_accuracy(predicted[sample], truth[second][sample])
            for sample in samples
            if truth[second][sample].any() and not truth[second][sample].all()
        ]
        low, high = np.percentile(scores, (2.5, 97.5))
        value = balanced_accuracy(predicted, truth[second])
        confusion = [
            int(np.sum((predicted == p) & (truth[second] == t)))
            for t in (True, False)
            for p in (True, False)
        ]
        print(f"{name}: {value:.3f} [{low:.3f}, {high:.3f}], threshold {best:.3g}, {confusion}")
    print(f"Kendall's tau-b, effective memory and longest delay learned: {tau(records):.3f}")


def tau(records):
    groups = {}
    for record in records:
        names = ("cell", "cell_args", "recurrent_initializer", "bias_initializer", "task")
        groups.setdefault(str([record.get(name) for name in names]), []).append(record)
    memory = [max(record["effective_memory"] or 0 for record in group) for group in groups.values()]
    longest = [
        max((record["delay"] for record in group if record["learned"]), default=0)
        for group in groups.values()
    ]
    return kendalltau(memory, longest).statistic


def main():
    path = pathlib.Path(sys.argv[1])
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    records = [json.loads(line) for line in lines]
    if "--score" in sys.argv:
        score(records)
        return
    done = {json.dumps({**record}, sort_keys=True) for record in map(_settings, records)}
    for settings in configurations():
        if json.dumps(settings, sort_keys=True) in done:
            continue
        record = measured(settings)
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(record) + "\n")


def _settings(record):
    names = ("cell", "task", "delay", "cell_args", "recurrent_initializer", "bias_initializer")
    return {name: record[name] for name in names if name in record}


if __name__ == "__main__":
    main()
