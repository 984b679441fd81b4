"""Worker of `benchmarks.training`: the word language model in the zoo."""

import tempfile
import types

import keras

from benchmarks import language
from benchmarks.in_tensorflow import use_threads  # noqa: F401  (the worker calls it)
from tasks.data.sources import Corpus
from tasks.text.texts import TextTokens
from zoo.config import Config
from zoo.models import assembly
from zoo.models.resolve import resolve
from zoo.runs.progress import NullProgress
from zoo.runs.run import Run
from zoo.training.session import Session
from zoo.training.truncated_bptt import TruncatedBPTTModel

CONFIG = {
    "task": "language_model",
    "dataset": "zoo_pydoc",
    "token": "word",
    "cell": "lstm",
    "units": language.UNITS,
    "layers": language.LAYERS,
    "embedding": language.EMBEDDING,
    "batch_size": language.ROWS,
    "bptt": language.TIMESTEPS,
    "dropout": 0.0,
    "learning_rate": language.RATE,
    "global_clipnorm": language.CLIP,
}


def prepare(count):
    """Return the steps by name, each of `count` windows, and no facts."""
    text = language.text(count)
    session = _session(text)
    return {
        "zoo": session.train_epoch,
        "zoo_sampled": _session(text, sampled_softmax=language.SAMPLED).train_epoch,
        "without_softmax": _without_softmax(_session(text)).train_epoch,
    }, {}


def _session(text, **changes):
    """Return a session of `zoo train`, prepared for `train_epoch`."""
    config = resolve(Config(**CONFIG, **changes))
    features = TextTokens(config, {"tokens": language.WORDS})
    session = Session(
        config,
        Run(tempfile.mkdtemp()),
        Corpus("words", {"train": [{"text": text}]}, {}),
        features,
        NullProgress(),
    )
    session.prepare()
    return session


def _without_softmax(session):
    """Change a session to predict two classes instead of 10,000 words."""
    layers = [layer for layer in session.model.layers if layer.name != "head"]
    layers.append(keras.layers.Dense(2, name="head"))
    step = assembly.single_step_model(
        session.config, session.features, types.SimpleNamespace(layers=layers)
    )
    session.training_model = assembly.compile_model(
        TruncatedBPTTModel(step, language.ROWS), session.config
    )
    dataset = session.batches.epoch(0).map(lambda inputs, targets: (inputs, targets % 2))
    session.batches = types.SimpleNamespace(epoch=lambda number: dataset)
    return session
