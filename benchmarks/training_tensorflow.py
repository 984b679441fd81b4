"""The word language model in the zoo and in stock Keras, in the process of TensorFlow."""

import types

import keras
import tensorflow as tf

from benchmarks import language
from benchmarks.in_tensorflow import use_threads  # noqa: F401  called by name
from tasks.arrangements import without_autotune
from tasks.data.sources import Corpus
from tasks.text.features import TextTokens
from zoo.config import Config
from zoo.models import assembly
from zoo.models.resolve import resolve
from zoo.runs.progress import NullProgress
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
    """Steps by name; each trains on `count` windows."""
    text = language.text(count)
    session = _session(text)
    return {
        "zoo": session.train_epoch,
        "zoo_sampled": _session(text, sampled_softmax=language.DRAWN).train_epoch,
        "without_softmax": _without_softmax(_session(text)).train_epoch,
        "keras": _stock(text, "auto"),
        "keras_xla": _stock(text, True),
    }, {}


def _session(text, **changes):
    """What `zoo train` makes of the model; its `_pass` is what it repeats."""
    config = resolve(Config(**CONFIG, **changes))
    features = TextTokens(config, {"tokens": language.WORDS})
    session = Session(
        config, None, Corpus("words", {"train": [{"text": text}]}, {}), features, NullProgress()
    )
    session.prepare()
    return session


def _without_softmax(session):
    """The same with two outputs in the place of ten thousand."""
    layers = [layer for layer in session.model.layers if layer.name != "head"]
    layers.append(keras.layers.Dense(2, name="head"))
    step = assembly.single_step_model(
        session.config, session.features, types.SimpleNamespace(layers=layers)
    )
    session.trainee = assembly.compiled(TruncatedBPTTModel(step, language.ROWS), session.config)
    dataset = session.batches.epoch(0).map(lambda inputs, targets: (inputs, targets % 2))
    session.batches = types.SimpleNamespace(epoch=lambda number: dataset)
    return session


def _stock(text, jit_compile):
    inputs = keras.Input(batch_shape=(language.ROWS, language.TIMESTEPS), dtype="int32")
    x = keras.layers.Embedding(language.OUTPUTS, language.EMBEDDING)(inputs)
    for _ in range(language.LAYERS):
        x = keras.layers.LSTM(language.UNITS, return_sequences=True, stateful=True)(x)
    model = keras.Model(inputs, keras.layers.Dense(language.OUTPUTS)(x))
    model.compile(
        keras.optimizers.Adam(language.RATE, global_clipnorm=language.CLIP),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        jit_compile=jit_compile,
    )
    # As the zoo's own: otherwise the end of each turn waits for a thread of tf.data to wake.
    dataset = without_autotune(
        tf.data.Dataset.from_tensor_slices(tuple(language.windows(text))).prefetch(4)
    )
    return lambda: model.fit(dataset, verbose=0, shuffle=False)
