"""Features of sequences of vectors, for regression."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from tasks.data.roles import Example
from tasks.text.features import Encoded, Features, Input
from zoo.config import Config


class Vectors(Features):
    """Sequences of vectors, and a number for each sequence.

    Instead of a vocabulary, these features store the width of a vector: `{"width": 2}`.

    Example:
        >>> import zoo
        >>> from tasks.text.vectors import Vectors
        >>> example = {"vectors": [[0.5, 1.0], [0.25, 0.0]], "target": 0.5}
        >>> features = Vectors.fit(zoo.Config(task="adding"), [example])
        >>> features.vocabularies
        {'width': 2}
        >>> features.encode_examples([example]).inputs["vectors"].shape
        TensorShape([1, None, 2])
    """

    names = ("width",)

    def __init__(self, config: Config, vocabularies: Mapping[str, Any]) -> None:
        super().__init__(config, {})
        self.width = vocabularies["width"]

    @classmethod
    def fit(cls, config: Config, examples: Sequence[Example]) -> "Vectors":
        """Return features for vectors of the width of the first example."""
        return cls(config, {"width": int(np.shape(examples[0]["vectors"])[-1])})

    @property
    def vocabularies(self) -> dict[str, Any]:
        """The width of a vector."""
        return {"width": self.width}

    @property
    def inputs(self) -> tuple[Input, ...]:
        """The vectors, and a mask, which is needed because a valid vector may be all zeros."""
        return Input("vectors", "vector", self.width), Input("mask", "mask")

    @property
    def outputs(self) -> int:
        """The number of values to predict for a sequence."""
        return 1

    def encode_examples(self, examples: Sequence[Example]) -> Encoded:
        """Return the vectors, masks and targets of examples."""
        lengths = np.array([len(example["vectors"]) for example in examples], "int64")
        flat = tf.constant(np.concatenate([example["vectors"] for example in examples]), tf.float32)
        vectors = tf.RaggedTensor.from_row_lengths(flat, lengths)
        mask = tf.RaggedTensor.from_row_lengths(tf.ones(len(flat), tf.bool), lengths)
        targets = tf.constant([[example["target"]] for example in examples], tf.float32)
        return Encoded({"vectors": vectors, "mask": mask}, targets, lengths)
