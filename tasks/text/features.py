"""The base class of features, which convert examples to the inputs and targets of a model.

Training and exported models call the same `Features.encode`, in the TensorFlow graph.
"""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from tasks.data.roles import Example
from tasks.text.subwords import SubwordTokenizer
from tasks.text.vocabulary import Vocabulary
from zoo.config import Config

# Vocabularies without reserved ids: classes, whose ids begin with 0.
_UNRESERVED = ("tags", "labels")
# The target of a timestep that is neither trained on nor scored.
NO_TARGET = -2


@dataclasses.dataclass(frozen=True)
class Input:
    """An input of a model.

    Args:
        name: the name of the Keras input.
        kind: "token", int32 ids (batch, timesteps); "characters", int32 ids (batch, timesteps,
            characters); "affixes", int32 ids (batch, timesteps, affixes); "vector", float32 (batch,
            timesteps, size); "mask", bool (batch, timesteps).
        size: the number of distinct ids, or the width of a vector; 0 for a mask.
    """

    name: str
    kind: str
    size: int = 0


@dataclasses.dataclass
class Encoded:
    """Examples as tensors, ready to be batched.

    Args:
        inputs: ragged tensors (examples, timesteps, ...) by input name.
        targets: ids or numbers, a dense tensor (examples, ...) or a ragged tensor (examples,
            timesteps).
        lengths: the length of each sequence in timesteps, (examples,); or those of each source and
            target, (examples, 2).
    """

    inputs: dict[str, tf.RaggedTensor]
    targets: tf.Tensor | tf.RaggedTensor
    lengths: np.ndarray


class Features(tf.Module):
    """Base class of features, which convert examples to the inputs and targets of a model.

    A subclass defines `names`, `fit`, `inputs`, `outputs` and `encode_examples`. In addition:

    * features of texts define `tokenize` and `encode`;
    * features of models that generate text also define `detokenize`;
    * features of the arrangement `next_step` define `stream` instead of `encode_examples`.

    Args:
        config: a resolved configuration.
        vocabularies: the tokens of each vocabulary by name, as in the property `vocabularies`.

    Attributes:
        names: the names of the vocabularies; the vocabulary of the targets is the last one.
        tokens: the accepted values of `Config.token`.
        tables: dict of name to `Vocabulary`.
    """

    names: tuple[str, ...] = ()
    tokens: tuple[str, ...] = ("word",)

    def __init__(self, config: Config, vocabularies: Mapping[str, Any]) -> None:
        super().__init__()
        self.config = config
        merges = vocabularies.get("merges")
        self.subword_tokenizer = None if merges is None else SubwordTokenizer(merges)
        self.tables = {
            name: Vocabulary(tokens, reserved=name not in _UNRESERVED)
            for name, tokens in vocabularies.items()
            if name != "merges"
        }

    @property
    def vocabularies(self) -> dict[str, Any]:
        """The tokens of each vocabulary as JSON values, and the "merges" of subwords if any."""
        vocabularies = {name: list(table.tokens) for name, table in self.tables.items()}
        if self.subword_tokenizer is not None:
            vocabularies["merges"] = list(self.subword_tokenizer.merges)
        return vocabularies

    @classmethod
    def fit(cls, config: Config, examples: Sequence[Example]) -> "Features":
        """Return features with vocabularies of the training examples."""
        raise NotImplementedError

    @property
    def inputs(self) -> tuple[Input, ...]:
        """The inputs of the model."""
        raise NotImplementedError

    @property
    def outputs(self) -> int:
        """The number of outputs of the head: classes, tokens or values."""
        raise NotImplementedError

    def encode_examples(self, examples: Sequence[Example]) -> Encoded:
        """Return examples as tensors."""
        raise NotImplementedError


def string_tensor(texts: Iterable[str]) -> tf.Tensor:
    """Return strings as a tensor (n,); surrogate characters are encoded as the original bytes."""
    return tf.constant([text.encode("utf-8", "surrogateescape") for text in texts], tf.string)


def ragged(sequences: Sequence[Sequence[str]]) -> tf.RaggedTensor:
    """Return lists of strings as a ragged string tensor (batch, None)."""
    return tf.RaggedTensor.from_row_lengths(
        string_tensor(token for sequence in sequences for token in sequence),
        tf.constant([len(sequence) for sequence in sequences], tf.int64),
    )


def pad_empty(tokens: tf.RaggedTensor) -> tf.RaggedTensor:
    """Return ragged tokens (batch, None) with a space as the only token of each empty row.

    A recurrence needs at least one timestep.
    """
    empty = tf.cast(tf.equal(tokens.row_lengths(), 0), tf.int64)
    filler = tf.RaggedTensor.from_row_lengths(tf.fill([tf.reduce_sum(empty)], " "), empty)
    return tf.concat([tokens, filler], 1)
