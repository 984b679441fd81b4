"""What is diagnosed: a model with batches of data, from a configuration, a run or a Keras model."""

import dataclasses
import itertools
import os
from collections.abc import Sequence
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf

from tasks.data import difficulty
from tasks.data.generated import GeneratedBuilder, draw
from tasks.data.sources import Corpus
from tasks.datasets import datasets
from tasks.library import tasks
from tasks.text.features import Features
from zoo.config import Config
from zoo.diagnosis.recording import recurrent_layers
from zoo.errors import RequestError
from zoo.models import assembly
from zoo.models.resolve import resolve
from zoo.runs.run import Run
from zoo.runs.run_data import read_corpus

Batch = tuple[Any, Any, Any]  # inputs, targets or None, weights or None

_FITTED = 500  # examples of a generated dataset that fit the vocabularies, at least


class Subject(NamedTuple):
    """A model and the data with which it is diagnosed.

    Attributes:
        title: what it is.
        model: a built Keras model or recurrent layer.
        batches: at least one batch.
        lag: the lag in timesteps that the task needs, None if unknown.
    """

    title: str
    model: Any
    batches: list[Batch]
    lag: int | None

    @property
    def has_loss(self) -> bool:
        """Whether the model is compiled and the data has targets."""
        is_compiled = isinstance(self.model, keras.Model) and self.model.compiled
        return is_compiled and self.batches[0][1] is not None


def subject_of(subject: Any, data: Any, length: int | None, batch_size: int, steps: int) -> Subject:
    """Return the model and the batches of an argument of `zoo.diagnose`.

    Args:
        subject: a `zoo.Config`, the folder of a run, a Keras model or a recurrent layer; or a
            `Subject`, which is returned.
        data: as in `zoo.diagnose`.
        length: the length of the sequences, for a configuration.
        batch_size: sequences per batch, for a configuration and a run.
        steps: the maximum number of batches.

    Raises:
        RequestError: the subject has no recurrent layer, or the data does not fit.
    """
    if isinstance(subject, Subject):
        return subject
    if isinstance(subject, Config):
        return _of_config(subject, data, length, batch_size, steps)
    if length is not None:
        raise RequestError(
            f"length={length}: only the sequences of a configuration can be given a length. "
            "Leave it out."
        )
    if isinstance(subject, str | os.PathLike):
        return _of_run(subject, data, batch_size, steps)
    if not isinstance(subject, keras.layers.Layer):
        raise RequestError(
            f"{subject!r} cannot be diagnosed. Give a zoo.Config, the folder of a run, a Keras "
            "model or a recurrent layer."
        )
    return _of_model(subject, data, steps)


def _of_model(model: Any, data: Any, steps: int) -> Subject:
    if not recurrent_layers(model):
        raise RequestError(
            f"the model {model.name!r} has no recurrent layer, so there is no gradient over time "
            "to diagnose. Give a model with zoo.Recurrent or keras.layers.RNN layers."
        )
    if data is None:
        raise RequestError(
            "data is missing: a Keras model is diagnosed on a batch. Give data=(inputs, targets), "
            "or data=inputs."
        )
    return Subject(model.name, model, _batches(data, steps), None)


def _batches(data: Any, steps: int) -> list[Batch]:
    """Return the batches of the argument `data`."""
    if isinstance(data, tf.data.Dataset | keras.utils.PyDataset):
        items: Any = data
        if isinstance(data, keras.utils.PyDataset):
            items = (data[number] for number in range(len(data)))
        return [as_batch(item) for item in itertools.islice(items, steps)]
    return [as_batch(data)]


def as_batch(item: Any) -> Batch:
    """Return (inputs, targets, weights) as tensors, None for what `item` lacks."""
    parts = item if isinstance(item, tuple) else (item,)
    tensors = [None if part is None else tf.nest.map_structure(_tensor, part) for part in parts]
    return tuple([*tensors, None, None][:3])  # type: ignore[return-value]


def _tensor(value: Any) -> tf.Tensor:
    if isinstance(value, np.ndarray) and value.dtype == "float64":
        value = value.astype(keras.config.floatx())
    return tf.convert_to_tensor(value)


def _of_config(
    config: Config, data: Any, length: int | None, batch_size: int, steps: int
) -> Subject:
    config = resolve(_with_length(config, length) if length is not None else config)
    corpus = _corpus(config, data, max(_FITTED, batch_size * steps))
    features = assembly.as_features(config, None, corpus)
    model = assembly.network(config, features)
    batches = _batches_of(config, features, corpus, batch_size, steps)
    return Subject(_title(config), model, batches, _lag(config))


def _with_length(config: Config, length: int) -> Config:
    task = tasks.get(config.task)
    if task.arrangement.stateful:
        return dataclasses.replace(config, bptt=length)
    name = difficulty.base_name(config.dataset or (None if config.data else task.dataset))
    if name is None or name not in datasets or "difficulty" not in datasets.entry(name).facts:
        raise RequestError(
            f"length={length}: the sequences of {name or 'your own data'} have lengths of their "
            "own. Leave it out, or choose a task with generated data, such as delayed_recall."
        )
    return dataclasses.replace(config, difficulty=length)


def _corpus(config: Config, data: Any, count: int) -> Corpus:
    """Return the examples of a configuration; `count` ones of a generated dataset are drawn."""
    if isinstance(data, Corpus):
        return data
    if data is not None:
        raise RequestError(
            f"data={type(data).__name__}: the data of a configuration is a zoo.Corpus. Leave it "
            "out to use the dataset that the configuration names."
        )
    builder = generated(config)
    if builder is None:
        return assembly.read_corpus(config)
    level = difficulty.of(config.dataset)
    assert level is not None
    examples = draw(builder, level, count)
    return Corpus(str(config.dataset), {"train": examples}, {})


def generated(config: Config) -> type[GeneratedBuilder] | None:
    """Return the class of the generated dataset of a configuration, None for other data."""
    if difficulty.of(config.dataset) is None:
        return None
    builder = datasets.get(str(difficulty.base_name(config.dataset)))
    return builder if issubclass(builder, GeneratedBuilder) else None


def _lag(config: Config) -> int | None:
    if config.pooling != "last":
        return None  # the head reads every timestep; no lag is needed
    builder, level = generated(config), difficulty.of(config.dataset)
    return None if builder is None else builder(config=str(level)).lag


def _title(config: Config) -> str:
    return f"{config.cell}, {config.dataset or ', '.join(config.data)}"


def _batches_of(
    config: Config, features: Features, corpus: Corpus, batch_size: int, steps: int
) -> list[Batch]:
    small = dataclasses.replace(config, batch_size=batch_size)
    arrangement = tasks.get(config.task).arrangement
    epochs = arrangement.batches(features, corpus.splits["train"], small, True)
    return [as_batch(item) for item in itertools.islice(epochs.epoch(0), steps)]


def _of_run(folder: Any, data: Any, batch_size: int, steps: int) -> Subject:
    run = Run.finished(folder)
    config, model = resolve(run.config), run.load_model()
    assembly.compile_model(model, config)
    corpus: Corpus = data if isinstance(data, Corpus) else read_corpus(run, config, ("train",))
    batches = _batches_of(config, run.features, corpus, batch_size, steps)
    return Subject(f"{folder}, {_title(config)}", model, batches, _lag(config))


def sequences_of(batch: Sequence[Any], number: int) -> Batch:
    """Return the first `number` sequences of a batch."""
    return tuple(  # type: ignore[return-value]
        None if part is None else tf.nest.map_structure(lambda each: each[:number], part)
        for part in batch
    )
