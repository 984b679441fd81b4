"""A small problem for each task: solved in seconds, but not from one timestep alone."""

import functools
import random

import numpy as np

import zoo
from tasks.data.sources import Corpus

TASKS = (
    "pos_tagging",
    "classification",
    "language_model",
    "adding",
    "copy_memory",
    "delayed_recall",
    "translation",
)


def tagged_sentences(random, count):
    """Yield sentences in which each tag depends only on the previous word."""
    for _ in range(count):
        words = random.choices(("ab", "cd", "Ef", "ghi", "çay", "k"), k=random.randint(2, 7))
        earlier = ("ab", *words[:-1])
        yield {
            "words": words,
            "tags": ["after_c" if word in ("cd", "Ef", "çay") else "after_x" for word in earlier],
        }


def labelled_texts(random, count):
    """Yield texts whose class depends on one of their words."""
    for number in range(count):
        label = ("no", "yes")[number % 2]
        words = random.choices(("it", "is", "so", "here"), k=random.randint(1, 6))
        words.insert(random.randint(0, len(words)), {"no": "never", "yes": "surely"}[label])
        yield {"text": " ".join(words), "label": label}


def adding_examples(random, count):
    for _ in range(count):
        vectors = np.zeros((5, 2), "float32")
        vectors[:, 0] = [random.random() for _ in range(5)]
        vectors[[random.randint(0, 1), random.randint(2, 4)], 1] = 1
        yield {"vectors": vectors, "target": float((vectors[:, 0] * vectors[:, 1]).sum())}


def repeated_text(random, count):
    yield {"text": "a cat sat on a mat.\nö! " * (count // 6)}


def copy_memory_examples(random, count):
    for _ in range(count):
        symbols = "".join(random.choices("abc", k=2))
        yield {"text": symbols + ".?..", "answer": "...." + symbols}


def delayed_recall_examples(random, count):
    for number in range(count):
        yield {
            "text": "ABC"[number % 3] + "".join(random.choices("abc", k=random.randint(2, 5))),
            "label": "ABC"[number % 3],
        }


FOREIGN = {"one": "un", "two": "deux", "three": "trois", "four": "quatre", "five": "cinq"}


def translated_sentences(random, count):
    """Yield sentences with a word-by-word translation in reverse order."""
    for _ in range(count):
        words = random.choices(tuple(FOREIGN), k=random.randint(1, 4))
        yield {
            "source": " ".join(words),
            "target": " ".join(FOREIGN[word] for word in reversed(words)),
        }


GENERATORS = {
    "pos_tagging": tagged_sentences,
    "classification": labelled_texts,
    "language_model": repeated_text,
    "adding": adding_examples,
    "copy_memory": copy_memory_examples,
    "delayed_recall": delayed_recall_examples,
    "translation": translated_sentences,
}
SETTINGS = {
    "pos_tagging": {"cell": "gru", "units": 10, "embedding": 6, "epochs": 6, "dropout": 0.0},
    "classification": {
        "cell": "lstm",
        "units": 8,
        "embedding": 6,
        "epochs": 6,
        "dropout": 0.0,
        "batch_size": 16,
    },
    "language_model": {
        "cell": "mgu",
        "units": 32,
        "embedding": 8,
        "epochs": 8,
        "dropout": 0.0,
        "batch_size": 4,
        "bptt": 12,
    },
    "adding": {"cell": "gru", "units": 24, "epochs": 12, "batch_size": 20, "global_clipnorm": 1.0},
    "copy_memory": {"cell": "gru", "units": 24, "embedding": 6, "epochs": 10, "batch_size": 8},
    "delayed_recall": {"cell": "gru", "units": 10, "embedding": 6, "epochs": 6, "batch_size": 16},
    "translation": {
        "cell": "gru",
        "units": 32,
        "embedding": 8,
        "epochs": 8,
        "dropout": 0.0,
        "batch_size": 20,
        "beam": 3,
        "global_clipnorm": 1.0,
        "schedule": "cosine",
    },
}
COUNTS = {
    "pos_tagging": (400, 60, 60),
    "classification": (240, 40, 40),
    "language_model": (600, 60, 60),
    "adding": (1000, 200, 200),
    "copy_memory": (400, 40, 40),
    "delayed_recall": (300, 40, 40),
    "translation": (600, 60, 60),
}


@functools.cache
def problem_of(task):
    """Return (configuration, corpus) of the small problem of a task."""
    generator = random.Random(7)
    splits = {
        split: list(GENERATORS[task](generator, count))
        for split, count in zip(("train", "validation", "test"), COUNTS[task], strict=True)
    }
    config = zoo.Config(
        **{"task": task, "learning_rate": 1e-2, "schedule": "constant", **SETTINGS[task]}
    )
    return config, Corpus(task, splits, {})
