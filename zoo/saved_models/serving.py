"""Serving modules: the functions of a SavedModel, and the conversion of outputs to answers."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
import tensorflow as tf

from tasks.heads import heads
from tasks.text.features import pad_empty
from zoo.errors import RequestError

STRINGS = tf.TensorSpec((None,), tf.string)

Answer = dict[str, Any]  # {"input", "output", "scores"} for one input
Inputs = Mapping[str, Any]  # input name -> tf.TensorSpec of a signature
Outputs = Mapping[str, Any]  # output name -> NumPy array


class ServingModule(tf.Module):
    """Base class of exported modules: vocabularies, weights, and functions on plain tensors.

    A subclass defines the signature `serve`, and class methods for the client: `inputs` converts
    texts to the inputs of `serve`, and `answers` converts its outputs to answers. A loaded
    SavedModel has the functions but not the class; `output` identifies the class.

    Args:
        config: a resolved configuration.
        features: the task's features, a `tasks.text.features.Features`.
        model: the trained Keras model.
    """

    output: ClassVar[str]  # an output of `serve` that no other serving module has
    columns: ClassVar[tuple[str, ...]] = ()  # of the table of an answer; (): a single line
    serve: Any  # the tf.function of the signature

    def __init__(self, config: Any, features: Any, model: Any) -> None:
        super().__init__()
        self.features, self.probabilities = features, heads.get(config.head).probabilities
        self.weights = [variable.value for variable in model.variables]
        # A function: TensorFlow would also save a Keras model that is an attribute.
        self._call_model = lambda inputs: model(inputs, training=False)

    def predict(self, encoded: Mapping[str, Any]) -> Any:
        """Return the head's probabilities (batch, ...) for dense or ragged inputs by name."""
        inputs = {
            name: values.to_tensor() if isinstance(values, tf.RaggedTensor) else values
            for name, values in encoded.items()
        }
        return self.probabilities(self._call_model(inputs))

    def signatures(self) -> dict[str, Any]:
        """Return the concrete functions by signature name."""
        return {"serve": self.serve.get_concrete_function()}

    @classmethod
    def inputs(cls, texts: Sequence[str], specs: Inputs) -> dict[str, Any]:
        """Return the inputs of `serve` for `texts`.

        Args:
            texts: the inputs as texts.
            specs: the input specifications of the signature, by name.

        Raises:
            RequestError: if a text cannot be converted.
        """
        return {"text": tf.constant(texts)}

    @classmethod
    def answers(cls, texts: Sequence[str], outputs: Outputs) -> list[Answer]:
        """Return one answer per text from the outputs of `serve`."""
        raise NotImplementedError

    @classmethod
    def display(cls, answer: Answer) -> list[tuple[str, ...]]:
        """Return the table rows, under `columns`, of an answer."""
        return [(answer["output"], f"{answer['scores']:.3f}", answer["input"])]


class TaggingModule(ServingModule):
    """Serving module of taggers: sentences to words and tags."""

    output = "tags"
    columns = ("word", "tag", ">score")

    @tf.function(input_signature=[STRINGS])
    def serve(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        """Tag each word of `text` (batch,), split at white space.

        Returns:
            words, tags (batch, words), padded with ""; scores (batch, words), the probability of
            each tag; lengths (batch,).
        """
        words = self.features.tokenize(text)
        lengths = tf.cast(words.row_lengths(), tf.int32)
        probabilities = self.predict(self.features.encode(pad_empty(words)))
        mask = tf.sequence_mask(lengths, tf.shape(probabilities)[1])
        ids = tf.argmax(probabilities, -1, output_type=tf.int32)
        return {
            "words": tf.where(mask, pad_empty(words).to_tensor(), ""),
            "tags": tf.where(mask, self.features.tables["tags"].texts(ids), ""),
            "lengths": lengths,
            "scores": tf.where(mask, tf.reduce_max(probabilities, -1), 0.0),
        }

    @classmethod
    def answers(cls, texts: Sequence[str], outputs: Outputs) -> list[Answer]:
        """Return the words, their tags and the tags' probabilities for each text."""
        names = ("words", "tags", "scores", "lengths")
        return [
            {
                "input": text,
                "words": [word.decode() for word in words[:length]],
                "output": [tag.decode() for tag in tags[:length]],
                "scores": [float(score) for score in scores[:length]],
            }
            for text, words, tags, scores, length in zip(
                texts, *(outputs[name] for name in names), strict=True
            )
        ]

    @classmethod
    def display(cls, answer: Answer) -> list[tuple[str, ...]]:
        """Return a row for each word."""
        return [
            (word, tag, f"{score:.3f}")
            for word, tag, score in zip(
                answer["words"], answer["output"], answer["scores"], strict=True
            )
        ]


class ClassificationModule(ServingModule):
    """Serving module of classifiers: texts to classes."""

    output = "class"

    @tf.function(input_signature=[STRINGS])
    def serve(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        """Classify each of `text` (batch,).

        Returns:
            class, score (batch,), the most probable class and its probability; labels (classes,),
            all classes; scores (batch, classes), their probabilities.
        """
        tokens = pad_empty(self.features.tokenize(text))
        probabilities = self.predict(self.features.encode(tokens))
        labels = self.features.tables["labels"]
        return {
            "class": labels.texts(tf.argmax(probabilities, -1, output_type=tf.int32)),
            "score": tf.reduce_max(probabilities, -1),
            "scores": probabilities,
            "labels": tf.constant(labels.tokens),
        }

    @classmethod
    def answers(cls, texts: Sequence[str], outputs: Outputs) -> list[Answer]:
        """Return the most probable class and the probabilities of all classes for each text."""
        labels = [label.decode() for label in outputs["labels"]]
        return [
            {
                "input": text,
                "output": label.decode(),
                "scores": dict(zip(labels, scores.tolist(), strict=True)),
            }
            for text, label, scores in zip(texts, outputs["class"], outputs["scores"], strict=True)
        ]

    @classmethod
    def display(cls, answer: Answer) -> list[tuple[str, ...]]:
        """Return the most probable class, its probability and the text."""
        return [(answer["output"], f"{max(answer['scores'].values()):.3f}", answer["input"])]


class RegressionModule(ServingModule):
    """Serving module of regression: sequences of vectors to numbers."""

    output = "number"

    def signatures(self) -> dict[str, Any]:
        """Return the concrete functions by signature name."""
        return {
            "serve": self.serve.get_concrete_function(
                tf.TensorSpec((None, None, self.features.width), tf.float32, "vectors"),
                tf.TensorSpec((None,), tf.int32, "lengths"),
            )
        }

    @tf.function
    def serve(self, vectors: tf.Tensor, lengths: tf.Tensor) -> dict[str, tf.Tensor]:
        """Predict a number for each sequence.

        Args:
            vectors: (batch, timesteps, width), padded to the longest sequence.
            lengths: (batch,), number of timesteps of each sequence.

        Returns:
            number (batch,).
        """
        mask = tf.sequence_mask(lengths, tf.shape(vectors)[1])
        return {"number": self.predict({"vectors": vectors, "mask": mask})[:, 0]}

    @classmethod
    def inputs(cls, texts: Sequence[str], specs: Inputs) -> dict[str, Any]:
        """Return vectors and lengths for texts that are JSON lists of vectors."""
        sequences = [_parse_vectors(text, specs["vectors"].shape[-1]) for text in texts]
        lengths = [len(sequence) for sequence in sequences]
        padded = np.zeros((len(texts), max(lengths), sequences[0].shape[1]), "float32")
        for row, sequence in zip(padded, sequences, strict=True):
            row[: len(sequence)] = sequence
        return {"vectors": tf.constant(padded), "lengths": tf.constant(lengths)}

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
        sequence = np.array(json.loads(text), "float32")
    except ValueError:
        sequence = None
    if sequence is None or sequence.ndim != 2 or sequence.shape[1] != width or not len(sequence):
        raise RequestError(
            f"--text={text[:60]}: this model reads sequences of vectors of {width} numbers. "
            f"Write JSON such as {[[0.5] * width] * 2}."
        )
    return sequence
