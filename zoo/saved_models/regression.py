"""The serving module of regression: sequences of vectors to numbers."""

import functools
import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from zoo.errors import RequestError
from zoo.saved_models.serving import Answer, Inputs, Outputs, ServingModule
from zoo.saved_models.signatures import Signatures


class RegressionModule(ServingModule):
    """Serving module of regression: sequences of vectors to numbers."""

    output = "number"
    input_names = ("vectors", "lengths")

    def signatures(self) -> Signatures:
        """Return the concrete functions by signature name."""
        vectors = tf.TensorSpec((None, None, self.features.width), tf.float32, "vectors")
        lengths = tf.TensorSpec((None,), tf.int32, "lengths")
        trace = self.serve.get_concrete_function
        return Signatures(self, {"serve": functools.partial(trace, vectors, lengths)})

    @tf.function(autograph=False)
    def serve(self, vectors: tf.Tensor, lengths: tf.Tensor) -> dict[str, tf.Tensor]:
        """Predict a number for each sequence.

        Args:
            vectors: (batch, timesteps, width), padded to the longest sequence.
            lengths: (batch,), number of timesteps of each sequence; it may be 0.

        Returns:
            number (batch,).
        """
        batch, timesteps = tf.shape(vectors)[0], tf.shape(vectors)[1]
        at_least_one = [[0, tf.cast(size < 1, tf.int32)] for size in (batch, timesteps)]
        mask = tf.pad(tf.sequence_mask(lengths, timesteps), at_least_one)
        # Padding may be NaN, which a product with 0 would keep.
        vectors = tf.where(mask[:, :, None], tf.pad(vectors, [*at_least_one, [0, 0]]), 0.0)
        return {"number": self.predict({"vectors": vectors, "mask": mask})[:batch, 0]}

    @classmethod
    def inputs(cls, texts: Sequence[str], specs: Inputs) -> dict[str, Any]:
        """Return vectors and lengths for texts that are JSON lists of vectors."""
        width = specs["vectors"].shape[-1]
        sequences = [_parse_vectors(text, width) for text in texts]
        lengths = [len(sequence) for sequence in sequences]
        padded = np.zeros((len(texts), max(lengths, default=0), width), "float32")
        for row, sequence in zip(padded, sequences, strict=True):
            row[: len(sequence)] = sequence
        return {"vectors": tf.constant(padded), "lengths": tf.constant(lengths, tf.int32)}

    @classmethod
    def answers(cls, texts: Sequence[str], outputs: Outputs) -> list[Answer]:
        """Return a number for each text, without a score."""
        return [
            {"input": text, "output": float(number), "scores": None}
            for text, number in zip(texts, outputs["number"], strict=True)
        ]

    @classmethod
    def display(cls, answer: Answer) -> list[tuple[str, ...]]:
        """Return the number and the text."""
        return [(f"{answer['output']:.4f}", answer["input"])]


def _parse_vectors(text: str, width: int) -> np.ndarray:
    try:
        with np.errstate(over="ignore"):  # infinite values are rejected below
            sequence = np.array(json.loads(text), "float32")
    except (ValueError, TypeError, OverflowError, RecursionError):
        sequence = None
    if sequence is None or sequence.ndim != 2 or sequence.shape[1] != width or not len(sequence):
        raise RequestError(
            f"--text={text[:60]}: this model reads sequences of vectors of {width} numbers. "
            f"Write JSON such as {[[0.5] * width] * 2}."
        )
    if not np.isfinite(sequence).all():
        raise RequestError(
            f"--text={text[:60]}: a vector holds NaN or a number that float32 cannot express. "
            "Write finite numbers."
        )
    return sequence
