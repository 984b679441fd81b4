"""What the tests share: a small problem for each task, and one run of each, trained once."""

import functools
import itertools
import os
import pathlib
import random
import subprocess
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import pytest
from plugins import installed_plugins  # noqa: F401  a fixture
from sampling import pytest_report_header  # noqa: F401  a hook

import zoo
from tasks.data.sources import Corpus
from zoo.engine import unrolling

PLACE = str(
    pathlib.Path(zoo.__file__).parent.parent
)  # where a new process finds the packages of the project
TASKS = (
    "pos_tagging",
    "classification",
    "language_model",
    "adding",
    "copy_memory",
    "delayed_recall",
    "translation",
)


def tagged(random, count):
    """Each word's tag says what the word before it was: nothing about the word itself helps."""
    for _ in range(count):
        words = random.choices(("ab", "cd", "Ef", "ghi", "çay", "k"), k=random.randint(2, 7))
        earlier = ("ab", *words[:-1])
        yield {
            "words": words,
            "tags": ["after_c" if word in ("cd", "Ef", "çay") else "after_x" for word in earlier],
        }


def labelled(random, count):
    """A text is of the class of the one word in it that matters."""
    for number in range(count):
        label = ("no", "yes")[number % 2]
        words = random.choices(("it", "is", "so", "here"), k=random.randint(1, 6))
        words.insert(random.randint(0, len(words)), {"no": "never", "yes": "surely"}[label])
        yield {"text": " ".join(words), "label": label}


def added(random, count):
    for _ in range(count):
        vectors = np.zeros((5, 2), "float32")
        vectors[:, 0] = [random.random() for _ in range(5)]
        vectors[[random.randint(0, 1), random.randint(2, 4)], 1] = 1
        yield {"vectors": vectors, "target": float((vectors[:, 0] * vectors[:, 1]).sum())}


def written(random, count):
    yield {"text": "a cat sat on a mat.\nö! " * (count // 6)}


def copied(random, count):
    for _ in range(count):
        symbols = "".join(random.choices("abc", k=2))
        yield {"text": symbols + ".?..", "answer": "...." + symbols}


def recalled(random, count):
    for number in range(count):
        yield {
            "text": "ABC"[number % 3] + "".join(random.choices("abc", k=random.randint(2, 5))),
            "label": "ABC"[number % 3],
        }


FOREIGN = {"one": "un", "two": "deux", "three": "trois", "four": "quatre", "five": "cinq"}


def translated(random, count):
    """Each word has a translation, and they come in the opposite order."""
    for _ in range(count):
        words = random.choices(tuple(FOREIGN), k=random.randint(1, 4))
        yield {
            "source": " ".join(words),
            "target": " ".join(FOREIGN[word] for word in reversed(words)),
        }


MAKERS = {
    "pos_tagging": tagged,
    "classification": labelled,
    "language_model": written,
    "adding": added,
    "copy_memory": copied,
    "delayed_recall": recalled,
    "translation": translated,
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
    chance = random.Random(7)
    splits = {
        split: list(MAKERS[task](chance, count))
        for split, count in zip(("train", "validation", "test"), COUNTS[task], strict=True)
    }
    config = zoo.Config(
        **{"task": task, "learning_rate": 1e-2, "schedule": "constant", **SETTINGS[task]}
    )
    return config, Corpus(task, splits, {})


@pytest.fixture(scope="session")
def problem():
    """task -> (configuration, corpus): learnt in seconds, and not by looking at one timestep alone."""
    return problem_of


@pytest.fixture(scope="session")
def trained(tmp_path_factory):
    """task -> its run on `problem`, trained when it is first asked for. Tests must not write into it."""

    @functools.cache
    def of(task):
        config, corpus = problem_of(task)
        folder = tmp_path_factory.mktemp("runs") / task
        zoo.train(config, folder, corpus)
        return zoo.Run(folder)

    return of


@pytest.fixture(scope="session")
def fresh_process():
    """(code, arguments, folders first on the path, working folder) -> the output of a new Python process."""

    def run(code, *arguments, path=(PLACE,), cwd=None, status=0):
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, path))}
        done = subprocess.run(
            [sys.executable, "-c", code, *map(str, arguments)],
            capture_output=True,
            text=True,
            env=environment,
            cwd=cwd,
            timeout=120,
        )
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout if status == 0 else done.stderr

    return run


@pytest.fixture(scope="module")
def unroll_factor_one():
    """One timestep a turn, for tests of what goes on around a recurrence: its graph is made in less time, and the numbers
    are the same (test_choice)."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(unrolling, "MAX_UNROLL_FACTOR", 1)
        yield


class Clock:
    """Stands in for the module `time`: each look at it is so many seconds after the last one."""

    def __init__(self, tick):
        self._times = itertools.count(0, tick)

    def monotonic(self):
        return float(next(self._times))


@pytest.fixture
def clock(monkeypatch):
    """Gives training a clock that goes on by `tick` seconds whenever it is looked at."""
    return lambda tick: monkeypatch.setattr("zoo.training.session.time", Clock(tick))
