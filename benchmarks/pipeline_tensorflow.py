"""Worker of `benchmarks.pipeline`: an epoch of training, and its batches alone."""

import collections
import dataclasses
import tempfile

from benchmarks.in_tensorflow import use_threads  # noqa: F401  (the worker calls it)
from zoo.config import Config
from zoo.models import assembly
from zoo.models.resolve import resolve
from zoo.runs.progress import NullProgress
from zoo.runs.run import Run
from zoo.training.session import Session

EXAMPLES, CHARACTERS = 2000, 100_000  # of an epoch


def prepare(task, dataset):
    """Return an epoch of training and one of its input alone, and the number of batches."""
    config = resolve(Config(task=task, dataset=dataset))
    corpus = assembly.read_corpus(config)
    session = Session(
        config,
        Run(tempfile.mkdtemp()),
        dataclasses.replace(corpus, splits={"train": _first(corpus.splits["train"])}),
        None,
        NullProgress(),
    )
    session.prepare()
    batches = session.batches.epoch(0)
    return (
        {"training": session.train_epoch, "input": lambda: collections.deque(batches, maxlen=0)},
        {"batches": len(session.batches)},
    )


def _first(examples):
    return [
        {name: value[:CHARACTERS] if name == "text" else value for name, value in example.items()}
        for example in examples[:EXAMPLES]
    ]
