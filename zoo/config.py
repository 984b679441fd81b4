"""Configuration of a run: frozen dataclasses, to and from JSON. Each field has a flag."""

import dataclasses
import difflib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from zoo.errors import RequestError
from zoo.fields import checked_value, config_field, parse_json, rate_field

CLIPPINGS = ("clipnorm", "global_clipnorm", "clipvalue")
TOKENS = ("char", "word", "byte", "subword")
CHARACTERS = ("convolution", "recurrent", "affixes", "none")
NORMALIZATIONS = ("none", "layer", "rms")
POOLINGS = ("last", "attention")
SCHEDULES = ("cosine", "constant")
ATTENTIONS = ("additive", "dot_product", "none")


@dataclass(frozen=True)
class Config:
    """The configuration of a model and its training.

    A field that is None takes the default of the task, the dataset or the cell when the
    configuration is resolved. `zoo train --help` describes each field.

    Attributes:
        task, dataset, difficulty, data, data_dir, features, header, token, vocabulary_size: the
            data.
        characters, cell, cell_args, head, units, layers, embedding, bidirectional, residual,
            attention, kernel_initializer, recurrent_initializer, bias_initializer,
            learned_initial_state, normalization, pooling: the model.
        dropout, token_dropout, recurrent_dropout, zoneout, variational_dropout, weight_drop: its
            regularization.
        beam, length_penalty: decoding.
        clipnorm, global_clipnorm, clipvalue, learning_rate, schedule, batch_size, bptt,
            sampled_softmax, weight_decay, epochs, patience, max_minutes, seed: the training.

    Raises:
        RequestError: for an invalid value, for two kinds of clipping, and for both `dataset` and
            `data`; the message names the field, the value and the remedy.

    Example:
        >>> import zoo
        >>> config = zoo.Config(task="language_model", cell="gru", units=64)
        >>> config.units, config.epochs
        (64, None)
        >>> zoo.Config.from_json(config.to_json()) == config
        True
    """

    task: str = config_field("pos_tagging", "the task; `zoo list tasks`", "data")
    dataset: str | None = config_field(
        None, "a TFDS dataset, embedded or stock; `zoo list datasets`", "data", str
    )
    difficulty: int | None = config_field(
        None, "length or delay of a generated dataset", "data", int, least=1, unset="the dataset's"
    )
    data: tuple[str, ...] = config_field(
        (),
        "your own files: one, three (train, validation, test), a folder, or parallel texts",
        "data",
        tuple,
    )
    data_dir: str | None = config_field(
        None, "folder of prepared TFDS datasets", "data", str, unset="TFDS' own folder"
    )
    features: dict[str, Any] = config_field(
        dict, 'role -> feature of the data, as JSON: {"tags": "xpos"}', "data"
    )
    header: bool | None = config_field(
        None,
        "whether files with columns begin with a header line; without one, columns are numbers",
        "data",
        bool,
        unset="guessed",
    )
    token: str | None = config_field(
        None, "kind of tokens into which texts are split", "data", str, choices=TOKENS
    )
    vocabulary_size: int | None = config_field(
        None, "maximum number of tokens in a vocabulary", "data", int, least=1
    )
    characters: str | None = config_field(
        None, "encoder of the characters of a word", "model", str, choices=CHARACTERS
    )
    cell: str = config_field("lstm", "the recurrent cell; `zoo list cells`", "model")
    cell_args: dict[str, Any] = config_field(
        dict, 'further arguments of the cell, as JSON: {"activation": "relu"}', "model"
    )
    head: str | None = config_field(None, "the task head; `zoo list heads`", "model", str)
    units: int | None = config_field(None, "width of a cell's state", "model", int, least=1)
    layers: int | None = config_field(
        None, "number of stacked recurrent layers", "model", int, least=1, below=1000
    )
    embedding: int | None = config_field(None, "width of token embeddings", "model", int, least=1)
    bidirectional: bool | None = config_field(
        None, "run each recurrent layer forward and backward in time", "model", bool
    )
    residual: bool = config_field(
        False, "add a layer's input to its output where the widths are equal", "model"
    )
    attention: str | None = config_field(
        None, "attention of the decoder (translation)", "model", str, choices=ATTENTIONS
    )
    beam: int | None = config_field(
        None, "beam width (translation); 1: greedy search", "decoding", int, least=1
    )
    length_penalty: float | None = config_field(
        None,
        "exponent of the length by which a translation's log-probability is divided",
        "decoding",
        float,
        least=0,
    )
    kernel_initializer: str = config_field(
        "glorot_uniform", "initializer of the kernel; `zoo list initializers`", "model"
    )
    recurrent_initializer: str | None = config_field(
        None, "initializer of the recurrent kernel", "model", str, unset="the cell's"
    )
    bias_initializer: str | None = config_field(
        None, "initializer of the bias", "model", str, unset="the cell's"
    )
    clipnorm: float | None = config_field(
        None, "maximum norm of each weight's gradient", "training", float, above=0
    )
    global_clipnorm: float | None = config_field(
        None, "maximum norm of the whole gradient", "training", float, above=0
    )
    clipvalue: float | None = config_field(
        None, "maximum absolute value of a gradient's elements", "training", float, above=0
    )
    dropout: float | None = rate_field(
        None, "dropout rate before, between and after the recurrent layers"
    )
    token_dropout: float | None = rate_field(
        None, "word dropout: fraction of word embeddings zeroed (character features are kept)"
    )
    recurrent_dropout: float = rate_field(
        0.0, "dropout rate of the cell's candidate, one mask per timestep"
    )
    zoneout: float = rate_field(0.0, "probability that a state unit keeps its previous value")
    variational_dropout: float = rate_field(
        0.0, "dropout rate of a recurrent layer's input and state, one mask for all timesteps"
    )
    weight_drop: float = rate_field(0.0, "dropout rate of the recurrent kernel's weights")
    learned_initial_state: bool = config_field(False, "train the initial state", "model")
    normalization: str = config_field(
        "none", "normalization after each recurrent layer", "model", choices=NORMALIZATIONS
    )
    pooling: str = config_field(
        "last", "outputs of a sequence that its one prediction reads", "model", choices=POOLINGS
    )
    learning_rate: float | None = config_field(
        None, "initial learning rate of Adam", "training", float, above=0
    )
    schedule: str = config_field(
        "cosine", "learning rate schedule over the epochs", "training", choices=SCHEDULES
    )
    batch_size: int | None = config_field(
        None, "sequences, or parallel streams of a text, per batch", "training", int, least=1
    )
    bptt: int | None = config_field(
        None, "timesteps of truncated BPTT (language models)", "training", int, least=2
    )
    sampled_softmax: int | None = config_field(
        None,
        "number of sampled negative classes per training step (sampled softmax); 0: full softmax",
        "training",
        int,
        least=0,
    )
    weight_decay: float = config_field(
        0.0,
        "decoupled weight decay (AdamW) of kernels; biases, embeddings, normalization: none",
        "training",
        least=0,
    )
    epochs: int | None = config_field(
        None, "maximum number of passes over the training data", "training", int, least=1
    )
    patience: int | None = config_field(
        None,
        "epochs without a better validation score after which training stops; 0: no early stopping",
        "training",
        int,
        least=0,
        unset="0; in a search, 5",
    )
    max_minutes: float | None = config_field(
        None,
        "time budget for training in minutes; evaluation does not count",
        "training",
        float,
        above=0,
        unset="no limit",
    )
    seed: int = config_field(0, "seed of all random numbers", "training", least=0, below=2**32)

    def __post_init__(self) -> None:
        _check_fields(self)
        clippings = [name for name in CLIPPINGS if getattr(self, name) is not None]
        if len(clippings) > 1:
            values = " and ".join(f"{name}={getattr(self, name):g}" for name in clippings)
            raise RequestError(
                f"{values} are two kinds of clipping, which exclude each other; keep one of them."
            )
        if self.dataset and self.data:
            raise RequestError(
                f"dataset={self.dataset!r} and data={list(self.data)} are two data sources. "
                "Keep one of them."
            )

    def filled(self, *defaults: Mapping[str, Any]) -> Self:
        """Return this configuration with its None fields filled in.

        Args:
            defaults: field -> value, in rising precedence. Their gradient clipping is ignored if
                this configuration sets one.

        Returns:
            A new configuration.
        """
        merged = {name: value for values in defaults for name, value in values.items()}
        if any(getattr(self, name) is not None for name in CLIPPINGS):
            merged = {name: value for name, value in merged.items() if name not in CLIPPINGS}
        return dataclasses.replace(
            self, **{name: value for name, value in merged.items() if getattr(self, name) is None}
        )

    def to_json(self) -> dict[str, Any]:
        """Return the fields as a dict of JSON values."""
        return {**dataclasses.asdict(self), "data": list(self.data)}

    @classmethod
    def from_json(cls, value: str | Mapping[str, Any]) -> Self:
        """Return the configuration in a dict or a JSON text.

        Args:
            value: a dict of `to_json`, or its JSON text; a missing field takes its default.

        Raises:
            RequestError: for a text that is not JSON, an unknown field or an invalid value.
        """
        if isinstance(value, str):
            value = parse_json("the configuration", value)
        if not isinstance(value, Mapping):
            raise RequestError(f"a configuration is a JSON object, not {json.dumps(value)[:40]}.")
        names = [item.name for item in dataclasses.fields(cls)]
        for name in value:
            if name not in names:
                near = difflib.get_close_matches(name, names, 1)
                raise RequestError(
                    f"a configuration has no field {name!r}."
                    + (f" Did you mean {near[0]!r}?" if near else f" It has: {', '.join(names)}.")
                )
        return cls(**value)


@dataclass(frozen=True)
class Search:
    """The settings of a hyperparameter search.

    Attributes:
        tuner: how trials are chosen; a name of `zoo list tuners`.
        max_trials: the maximum number of trials; a larger one extends a finished search.
        objective: the validation metric to optimize; default: the task's first metric.

    Raises:
        RequestError: for an invalid value.

    Example:
        >>> import zoo
        >>> zoo.Search(tuner="bayesian", max_trials=20).max_trials
        20
    """

    tuner: str = config_field("random", "how trials are chosen; `zoo list tuners`", "search")
    max_trials: int | None = config_field(
        None,
        "maximum number of trials; a larger one extends a finished search",
        "search",
        int,
        least=1,
        unset="10, or one sweep of hyperband",
    )
    objective: str | None = config_field(
        None, "validation metric to optimize", "search", str, unset="the task's first metric"
    )

    def __post_init__(self) -> None:
        _check_fields(self)


def _check_fields(config: Config | Search) -> None:
    for item in dataclasses.fields(config):
        object.__setattr__(config, item.name, checked_value(item, getattr(config, item.name)))
