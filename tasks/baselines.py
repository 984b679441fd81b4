"""Trivial predictors: what a score has to be compared with. Each returns the sums that the metrics are computed from."""

import collections
import math

import numpy as np


def most_frequent_tag(features, train, test):
    """Each word gets the tag it mostly had in training; an unknown word the most frequent tag of all."""
    by_word, overall = collections.defaultdict(collections.Counter), collections.Counter()
    for example in train:
        for word, tag in zip(example["words"], example["tags"], strict=True):
            by_word[word][tag] += 1
            overall[tag] += 1
    usual = overall.most_common(1)[0][0]
    guess = {word: tags.most_common(1)[0][0] for word, tags in by_word.items()}
    pairs = [
        pair for example in test for pair in zip(example["words"], example["tags"], strict=True)
    ]
    return {
        "correct": sum(guess.get(word, usual) == tag for word, tag in pairs),
        "count": len(pairs),
    }


def most_frequent_class(features, train, test):
    """Every text gets the most frequent class of the training examples."""
    usual = collections.Counter(example["label"] for example in train).most_common(1)[0][0]
    return {"correct": sum(example["label"] == usual for example in test), "count": len(test)}


def unigram(features, train, test):
    """Each token has its probability in the training text, with one added to every count."""
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


def mean_number(features, train, test):
    """Every sequence gets the mean of the training targets."""
    mean = np.mean([example["target"] for example in train])
    return {
        "squared_error": float(sum((example["target"] - mean) ** 2 for example in test)),
        "count": len(test),
    }


def chance(features, train, test):
    """Every class of the training examples is as likely as any other."""
    classes = len({example["label"] for example in train})
    return {
        "correct": len(test) / classes,
        "nats": len(test) * math.log(classes),
        "count": len(test),
    }


def memoryless(features, train, test):
    """Knows when something is to be said, and not what: any symbol but the most frequent one, the blank.

    For copy memory after a delay of T this is 10 ln 8 / (T + 20) nats per token.
    """
    symbols, counts = np.unique(features.examples(train).targets.flat_values, return_counts=True)
    said, others = features.examples(test).targets.flat_values.numpy(), max(1, len(symbols) - 1)
    due = int((said != symbols[counts.argmax()]).sum())
    return {
        "nats": due * math.log(others),
        "correct": len(said) - due + due / others,
        "count": len(said),
    }


def copy_source(features, train, test):
    """The source itself is the answer; each token of the target has its probability in the training targets."""
    counts = np.ones(features.outputs)
    np.add.at(counts, features.examples(train).targets.flat_values.numpy(), 1)
    nats = -np.log(counts / counts.sum())[features.examples(test).targets.flat_values.numpy()]
    return {
        "hypotheses": [example["source"] for example in test],
        "references": [example["target"] for example in test],
        "nats": float(nats.sum()),
        "count": len(nats),
    }
