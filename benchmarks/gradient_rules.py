"""Sets and scores the rules that predict from gradients what a network learns.

    python -m benchmarks.gradient_rules benchmarks/gradient_prediction.jsonl

Reads the records of `benchmarks.gradient_prediction`. Half of the configurations, drawn with a
fixed seed, set the rules; the other half scores them: balanced accuracy with a 95% bootstrap
interval, the confusion matrix, and the mean over other divisions. A baseline is a single number
with one threshold. A change of a failing configuration is the best-scored one of the same task and
delay. Also prints Kendall's tau-b of effective memory with the longest delay learned, and the
weights for `zoo.diagnosis.forecast`.
"""

import argparse
import pathlib

import numpy as np
from scipy.stats import kendalltau

import zoo
from benchmarks.gradient_prediction import read, settings_of
from zoo.diagnosis.forecast import Setting, features
from zoo.diagnosis.readings import STEPS, Reading

SEED, SPLITS, BOOTSTRAPS, PENALTY = 0, 100, 2000, 0.3
VARIANT = ("cell", "cell_args", "recurrent_initializer", "bias_initializer")


def readings(record, steps=0):
    """Return the readings of a record, with those of training up to `steps`."""
    names = [name for name in record["readings"] if int(f"0{name.partition('step ')[2]}") <= steps]
    return {name: Reading(*record["readings"][name]) for name in names}


def setting(record):
    """Return the setting of a record."""
    one_lag = record["task"] == "delayed_recall"
    return Setting(record["delay"] - (not one_lag), one_lag, is_gated(record))


def is_gated(record):
    """Return whether the cell of a record has the tag `gated`."""
    return "gated" in zoo.cells.entry(record["cell"]).facts["tags"]


def fit(x, y):
    """Return the weights of a logistic regression; both classes have the same total weight.

    Args:
        x: (examples, features).
        y: (examples,) bool.
    """
    scale = x.std(0) + 1e-9
    inputs = np.column_stack([np.ones(len(x)), (x - x.mean(0)) / scale])
    importance = np.where(y, 0.5 / y.mean(), 0.5 / (1 - y.mean()))
    penalty = PENALTY * np.eye(inputs.shape[1])
    penalty[0, 0] = 1e-9
    weights = np.zeros(inputs.shape[1])
    for _ in range(100):
        predicted = 1 / (1 + np.exp(-inputs @ weights))
        gradient = inputs.T @ (importance * (predicted - y)) + penalty @ weights
        curvature = importance * predicted * (1 - predicted)
        weights -= np.linalg.solve((inputs.T * curvature) @ inputs + penalty, gradient)
    slopes = weights[1:] / scale
    return np.concatenate([[weights[0] - slopes @ x.mean(0)], slopes])


def balanced_accuracy(predicted, truth):
    """Return the mean of the shares of learned and of other networks that are predicted rightly."""
    return (np.mean(predicted[truth]) + np.mean(~predicted[~truth])) / 2


def threshold(values, truth):
    """Return the threshold of the highest balanced accuracy of `values >= threshold`."""
    return max(np.unique(values), key=lambda each: balanced_accuracy(values >= each, truth))


def print_score(name, predicted, truth, rng):
    """Print the balanced accuracy of a predictor, its interval and its confusion matrix."""
    samples = (rng.choice(len(truth), len(truth)) for _ in range(BOOTSTRAPS))
    scores = [
        balanced_accuracy(predicted[each], truth[each])
        for each in samples
        if 0 < truth[each].mean() < 1
    ]
    low, high = np.percentile(scores, (2.5, 97.5))
    counts = [np.sum((predicted == p) & (truth == t)) for t in (True, False) for p in (True, False)]
    score = balanced_accuracy(predicted, truth)
    print(f"{name:34} {score:.3f} [{low:.3f}, {high:.3f}]   " + " ".join(f"{n:4d}" for n in counts))


def split_score(x, truth, seed):
    """Return the balanced accuracy of a rule with another division into halves."""
    order = np.random.default_rng(seed).permutation(len(x))
    first, second = np.split(order, [len(x) // 2])
    predicted = np.column_stack([np.ones(len(x)), x]) @ fit(x[first], truth[first]) > 0
    return balanced_accuracy(predicted[second], truth[second])


def single_numbers(record, spectral_radius):
    """Return the baselines' numbers of a record."""
    start = readings(record)["start"]
    variant = str([record.get(name) for name in VARIANT])
    return {
        "influence, one threshold": start.influence,
        "spectral radius, one threshold": spectral_radius.get((variant, record["task"]), 0.0),
        "gated or not": float(is_gated(record)),
    }


def tau(records):
    """Return tau-b of effective memory at the longest delay with the longest delay learned."""
    groups = {}
    for record in records:
        key = str([record.get(name) for name in (*VARIANT, "task")])
        groups.setdefault(key, []).append(record)
    last = [max(group, key=lambda record: record["delay"]) for group in groups.values()]
    memory = [record["effective_memory"] for record in last]
    longest = [
        max((record["delay"] for record in group if record["learned"]), default=0)
        for group in groups.values()
    ]
    return kendalltau(memory, longest).statistic


def advice(records, scores):
    """Print how often the best-scored configuration of the same task and delay learned.

    Args:
        records: the records.
        scores: the score of each record, by the rule that the other half set.
    """
    failing = [n for n, record in enumerate(records) if not record["learned"]]
    for keeps_cell in (False, True):
        outcomes = []
        for number in failing:
            same = [n for n in range(len(records)) if _is_change(records, number, n, keeps_cell)]
            if same:
                outcomes.append(records[max(same, key=lambda n: scores[n])]["learned"])
        which = "that keeps the cell" if keeps_cell else "of any cell"
        print(f"    the best change {which} learned: {sum(outcomes)} of {len(outcomes)} failing")


def _is_change(records, number, other, keeps_cell):
    record, changed = records[number], records[other]
    if other == number or any(record[name] != changed[name] for name in ("task", "delay")):
        return False
    return not keeps_cell or record["cell"] == changed["cell"]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("path", type=pathlib.Path, help="file of the records")
    records = sorted(read(parser.parse_args().path), key=lambda each: str(settings_of(each)))
    truth = np.array([record["learned"] for record in records])
    order = np.random.default_rng(SEED).permutation(len(records))
    first, second = np.split(order, [len(order) // 2])
    print(f"{len(records)} configurations, {truth.mean():.0%} learned; rules set on {len(first)}")
    print("other half: balanced accuracy [95%], learned (predicted, not), not learned (same)")
    radius = {}
    for record in sorted(records, key=lambda each: each["delay"]):
        if record.get("spectral_radius") is not None:
            variant = str([record.get(name) for name in VARIANT])
            radius[variant, record["task"]] = record["spectral_radius"]
    numbers = [single_numbers(record, radius) for record in records]
    for name in numbers[0]:
        values = np.array([each[name] for each in numbers])
        predicted = values >= threshold(values[first], truth[first])
        print_score(name, predicted[second], truth[second], np.random.default_rng(SEED))
    for steps in (0, *STEPS):
        x = np.array([features(readings(record, steps), setting(record)) for record in records])
        weights = fit(x[first], truth[first])
        predicted = np.column_stack([np.ones(len(x)), x]) @ weights > 0
        name = f"rule after {steps} training steps" if steps else "rule before training"
        print_score(name, predicted[second], truth[second], np.random.default_rng(SEED))
        others = [split_score(x, truth, seed) for seed in range(1, SPLITS + 1)]
        print(
            f"    mean over {SPLITS} other halves: {np.mean(others):.3f} (sd {np.std(others):.3f})"
        )
        swapped = np.column_stack([np.ones(len(x)), x]) @ fit(x[second], truth[second])
        scores = np.column_stack([np.ones(len(x)), x]) @ weights
        scores[first] = swapped[first]
        advice(records, scores)
        print("    weights: " + ", ".join(f"{each:.3f}" for each in weights))
    print(f"tau-b of effective memory with the longest delay learned: {tau(records):.3f}")


if __name__ == "__main__":
    main()
