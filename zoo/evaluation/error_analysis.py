"""Analysis of a model's errors on a split: scores by class, confusions, most confident errors."""

import collections
import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf

from tasks.data.cleaning import valid_text
from tasks.data.roles import Example
from tasks.library import tasks
from tasks.text.features import Features
from zoo.config import Config
from zoo.graph_functions import graph_function
from zoo.models.builder import head_of

ERRORS = 10  # number of errors that an analysis lists
TEXT_LIMIT = 300  # characters of a text
CONTEXT = 7  # tokens before and after a wrong tag


class _Item(NamedTuple):
    """A predicted class: the example, the timestep (0 for a text), names and probability."""

    example: int
    timestep: int
    true: str
    predicted: str
    confidence: float


def error_analysis(
    model: keras.Model, config: Config, features: Features, examples: Sequence[Example]
) -> dict[str, Any] | None:
    """Return the errors of a model on examples, as JSON values.

    Args:
        model: the model.
        config: its resolved configuration.
        features: its features.
        examples: the examples.

    Returns:
        For classes and tags: "macro_f1", "classes" (a record of each class: "class", "precision",
        "recall", "f1", "support", "predicted", "correct"; a score without a denominator is None),
        "confusions" (records "true", "predicted", "count", the most frequent first) and "errors"
        (the ten wrong predictions with the largest probabilities). For numbers: "errors", the ten
        largest. None for other tasks.
    """
    decoding = tasks.get(config.task).decoding
    if decoding == "numbers":
        return {"errors": _largest_errors(model, config, features, examples)}
    if decoding not in ("classes", "tags"):
        return None
    items = list(_items(model, config, features, examples))
    wrong = sorted(
        (item for item in items if item.true != item.predicted),
        key=lambda item: (-item.confidence, item.example, item.timestep),
    )
    return {
        **class_scores(_class_names(features), [(item.true, item.predicted) for item in items]),
        "errors": [_error(item, config, features, examples) for item in wrong[:ERRORS]],
    }


def class_scores(names: Sequence[str], pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Return "macro_f1", "classes" and "confusions" (see `error_analysis`).

    Args:
        names: the classes of the training data; others follow them.
        pairs: (true class, predicted class) of each item.

    Example:
        >>> from zoo.evaluation.error_analysis import class_scores
        >>> scores = class_scores(["no", "yes"], [("no", "no"), ("no", "yes"), ("yes", "yes")])
        >>> [(each["class"], each["precision"], each["recall"]) for each in scores["classes"]]
        [('no', 1.0, 0.5), ('yes', 0.5, 1.0)]
        >>> scores["confusions"]
        [{'true': 'no', 'predicted': 'yes', 'count': 1}]
    """
    counts = collections.Counter(pairs)
    support: collections.Counter[str] = collections.Counter()
    predicted: collections.Counter[str] = collections.Counter()
    for (true, guess), count in counts.items():
        support[true] += count
        predicted[guess] += count
    classes = [
        _class_record(name, counts[name, name], support[name], predicted[name])
        for name in dict.fromkeys([*names, *sorted(support)])
    ]
    scores = [record["f1"] for record in classes if record["f1"] is not None]
    confused = sorted((-count, *pair) for pair, count in counts.items() if pair[0] != pair[1])
    return {
        "macro_f1": sum(scores) / len(scores) if scores else None,
        "classes": classes,
        "confusions": [
            {"true": true, "predicted": guess, "count": -count} for count, true, guess in confused
        ],
    }


def _class_record(name: str, correct: int, support: int, predicted: int) -> dict[str, Any]:
    return {
        "class": name,
        "precision": _ratio(correct, predicted),
        "recall": _ratio(correct, support),
        "f1": _ratio(2 * correct, support + predicted),
        "support": support,
        "predicted": predicted,
        "correct": correct,
    }


def _ratio(numerator: int, denominator: int) -> float | None:
    return numerator / denominator if denominator else None


def _class_names(features: Features) -> list[str]:
    return [valid_text(name) for name in features.tables[features.names[-1]].tokens]


def _items(
    model: keras.Model, config: Config, features: Features, examples: Sequence[Example]
) -> Iterator[_Item]:
    """Yield each scored item of the examples."""
    names = _class_names(features)
    for example, probabilities, targets, weights in _predictions(model, config, features, examples):
        best = probabilities.argmax(-1)
        for timestep in map(int, np.flatnonzero(weights)):
            target, guess = int(targets[timestep]), int(best[timestep])
            true = names[target] if target >= 0 else _unknown(config, examples[example], timestep)
            confidence = float(probabilities[timestep, guess])
            yield _Item(example, timestep, true, names[guess], confidence)


def _predictions(
    model: keras.Model, config: Config, features: Features, examples: Sequence[Example]
) -> Iterator[tuple[int, np.ndarray, np.ndarray, np.ndarray]]:
    """Yield (example, values (items, outputs), targets (items,), weights (items,)).

    The items of an example are its timesteps, or the example itself.
    """
    head = head_of(config)
    batches: Any = tasks.get(config.task).arrangement.batches(features, examples, config, False)
    run = graph_function(
        lambda inputs: head.probabilities(model(inputs, training=False)),
        batches.epoch(0).element_spec[:1],
    )
    order = iter(batches.examples_of_epoch(0))
    for inputs, targets, weights in batches.epoch(0):
        for row in zip(run(inputs).numpy(), targets.numpy(), weights.numpy(), strict=True):
            values, target, weight = map(np.atleast_1d, row)
            yield int(next(order)), values.reshape(len(weight), -1), target, weight


def _unknown(config: Config, example: Example, timestep: int) -> str:
    """Return the class of an item that is not in the training data."""
    role = tasks.get(config.task).roles[-1]
    value = example[role.name]
    if role.kind == "tags":
        value = value[timestep]
    return valid_text(value) if role.kind in ("tags", "label") else "(unknown)"


def _error(
    item: _Item, config: Config, features: Features, examples: Sequence[Example]
) -> dict[str, Any]:
    record = {"example": item.example + 1, **_text(item, config, features, examples)}
    names = {"true": item.true, "predicted": item.predicted}
    return {**record, **names, "confidence": round(item.confidence, 4)}


def _text(
    item: _Item, config: Config, features: Features, examples: Sequence[Example]
) -> dict[str, Any]:
    """Return "text" and, for a tag, "token" and its "position", counted from 1."""
    task = tasks.get(config.task)
    value = examples[item.example][task.roles[0].name]
    if task.decoding == "classes":
        return {"text": _shortened(value)}
    separator = " "
    if isinstance(value, str):
        tokens = features.tokenize(tf.constant([value]))[0].numpy()
        value = [token.decode("utf-8", "replace") for token in tokens]
        separator = " " if config.token == "word" else ""
    first, last = max(0, item.timestep - CONTEXT), item.timestep + CONTEXT + 1
    text = separator.join(map(valid_text, value[first:last]))
    text = ("… " if first else "") + text + (" …" if last < len(value) else "")
    position = item.timestep + 1
    return {"text": text, "token": _shortened(value[item.timestep]), "position": position}


def _largest_errors(
    model: keras.Model, config: Config, features: Features, examples: Sequence[Example]
) -> list[dict[str, Any]]:
    found = [
        {"example": example + 1, "true": float(target[0]), "predicted": float(values[0, 0])}
        for example, values, target, _ in _predictions(model, config, features, examples)
    ]
    found = [each for each in found if all(map(math.isfinite, each.values()))]
    found.sort(key=lambda each: (-abs(each["true"] - each["predicted"]), each["example"]))
    return found[:ERRORS]


def _shortened(text: str) -> str:
    text = valid_text(text)
    return text if len(text) <= TEXT_LIMIT else text[: TEXT_LIMIT - 2] + " …"
