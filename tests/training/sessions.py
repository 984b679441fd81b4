"""Small training sessions, and training that is killed at a chosen batch or epoch."""

import dataclasses

from zoo.models.resolve import resolve
from zoo.runs.progress import NullProgress
from zoo.runs.run import Run
from zoo.training.session import Session


class Killed(BaseException):
    """Simulates the end of a killed process; no code catches it."""


class KilledAt(NullProgress):
    """Kills training at a batch of an epoch (counted from 0 in this process), or after an epoch."""

    def __init__(self, epoch, batch=None):
        self._epochs_left, self._batch, self._batches_done = epoch, batch, 0

    def batch(self, loss):
        if self._epochs_left == 0 and self._batches_done == self._batch:
            raise Killed
        self._batches_done += 1

    def epoch(self, record, improved):
        self._epochs_left, self._batches_done = self._epochs_left - 1, 0
        if self._epochs_left == 0 and self._batch is None:
            raise Killed


def small_problem(problem, task, count=40, **changes):
    """Return (configuration, corpus) of a task with a simple cell and `count` examples."""
    config, corpus = problem(task)
    splits = {
        split: [{"text": examples[0]["text"][:600]}]
        if task == "language_model"
        else examples[:count]
        for split, examples in corpus.splits.items()
    }
    changes = {"cell": "simple_rnn", "units": 6, "epochs": 3, **changes}
    return dataclasses.replace(config, **changes), dataclasses.replace(corpus, splits=splits)


def make_session(config, folder, corpus, progress=None, **arguments):
    config = resolve(config)
    run = Run.open(folder, config)
    return Session(config, run, corpus, None, progress or NullProgress(), **arguments)


def prepared_session(config, folder, corpus):
    session = make_session(config, folder, corpus)
    session.prepare()
    return session
