"""Trivial baselines, to compare the scores of a model with.

A baseline is a function of `(features, train, test)`: the features and two lists of examples. It
returns sums over the test examples, from which the metrics are computed as for a model. Most
baselines ignore the features.
"""

import collections
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from tasks.data.roles import UNTAGGED, Example
from tasks.text.features import Features

Examples = Sequence[Example]


def most_frequent_tag(features: Features, train: Examples, test: Examples) -> dict[str, Any]:
    """Predict the most frequent tag of each word; for unknown words, the most frequent of all tags.

    Example:
        >>> from tasks import baselines
        >>> train = [{"words": ["a", "b", "a"], "tags": ["X", "Y", "X"]}]
        >>> baselines.most_frequent_tag(None, train, [{"words": ["b", "c"], "tags": ["Y", "Y"]}])
        {'correct': 1, 'count': 2}
    """
    tags_by_word: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    all_tags: collections.Counter[str] = collections.Counter()
    for word, tag in _tagged_words(train):
        tags_by_word[word][tag] += 1
        all_tags[tag] += 1
    default = all_tags.most_common(1)[0][0]
    prediction = {word: tags.most_common(1)[0][0] for word, tags in tags_by_word.items()}
    tagged = _tagged_words(test)
    return {
        "correct": sum(prediction.get(word, default) == tag for word, tag in tagged),
        "count": len(tagged),
    }


def most_frequent_class(features: Features, train: Examples, test: Examples) -> dict[str, Any]:
    """Predict the most frequent class of the training examples."""
    predicted = collections.Counter(example["label"] for example in train).most_common(1)[0][0]
    return {"correct": sum(example["label"] == predicted for example in test), "count": len(test)}


def unigram(features: Features, train: Examples, test: Examples) -> dict[str, Any]:
    """Predict tokens by their frequencies in the training text, with add-one smoothing."""
    counts = np.ones(features.inputs[0].size)
    ids, _ = features.stream(train)
    np.add.at(counts, ids, 1)
    ids, characters = features.stream(test)
    nats = -np.log(counts / counts.sum())[ids[1:]]
    return {
        "nats": float(nats.sum()),
        "correct": float((ids[1:] == counts.argmax()).sum()),
        "count": len(ids) - 1,
        "characters": characters,
    }


def mean_number(features: Features, train: Examples, test: Examples) -> dict[str, Any]:
    """Predict the mean of the training targets."""
    mean = np.mean([example["target"] for example in train])
    return {
        "squared_error": float(sum((example["target"] - mean) ** 2 for example in test)),
        "count": len(test),
    }


def chance(features: Features, train: Examples, test: Examples) -> dict[str, Any]:
    """Predict all classes of the training examples with equal probability."""
    classes = len({example["label"] for example in train})
    return {
        "correct": len(test) / classes,
        "nats": len(test) * math.log(classes),
        "count": len(test),
    }


def memoryless(features: Features, train: Examples, test: Examples) -> dict[str, Any]:
    """Predict every blank of the targets correctly, and all other symbols by chance.

    The blank is the most frequent symbol of the training targets; the other symbols have equal
    probability. For copy memory with a delay of T timesteps, the result is 10 ln 8 / (T + 20) nats
    per token.
    """
    symbols, counts = np.unique(_target_ids(features, train), return_counts=True)
    blank, others = symbols[counts.argmax()], max(1, len(symbols) - 1)
    targets = _target_ids(features, test)
    guessed = int((targets != blank).sum())
    return {
        "nats": guessed * math.log(others),
        "correct": len(targets) - guessed + guessed / others,
        "count": len(targets),
    }


def copy_source(features: Features, train: Examples, test: Examples) -> dict[str, Any]:
    """Return each source as its translation; the nats are those of a unigram model of targets."""
    counts = np.ones(features.outputs)
    np.add.at(counts, _target_ids(features, train), 1)
    nats = -np.log(counts / counts.sum())[_target_ids(features, test)]
    return {
        "hypotheses": [example["source"] for example in test],
        "references": [example["target"] for example in test],
        "nats": float(nats.sum()),
        "count": len(nats),
    }


def _tagged_words(examples: Examples) -> list[tuple[str, str]]:
    """Return the pairs (word, tag) of all words that have a tag."""
    return [
        (word, tag)
        for example in examples
        for word, tag in zip(example["words"], example["tags"], strict=True)
        if tag != UNTAGGED
    ]


def _target_ids(features: Features, examples: Examples) -> np.ndarray:
    return features.encode_examples(examples).targets.flat_values.numpy()
