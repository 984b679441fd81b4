"""Training on a data set, and the making of its batches alone, in the process of TensorFlow."""

import collections
import dataclasses

from benchmarks.in_tensorflow import use_threads  # noqa: F401  called by name
from zoo.config import Config
from zoo.models import assembly
from zoo.models.resolve import resolve
from zoo.runs.progress import NullProgress
from zoo.training.session import Session

EXAMPLES, CHARACTERS = 2000, 100_000  # of the data that an epoch here has


def prepare(task, dataset):
    """An epoch of training and one of its input alone, and the number of their batches."""
    config = resolve(Config(task=task, dataset=dataset))
    corpus = assembly.read_corpus(config)
    session = Session(
        config,
        None,
        dataclasses.replace(corpus, splits={"train": _cut(corpus.splits["train"])}),
        None,
        NullProgress(),
    )
    session.prepare()
    batches = session.batches.epoch(0)
    return (
        {"training": session.train_epoch, "input": lambda: collections.deque(batches, maxlen=0)},
        {"batches": len(session.batches)},
    )


def _cut(examples):
    return [
        {name: value[:CHARACTERS] if name == "text" else value for name, value in example.items()}
        for example in examples[:EXAMPLES]
    ]
