"""Serving modules: the functions of a SavedModel, and the conversion of outputs to answers."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import tensorflow as tf

from tasks.heads import heads
from tasks.text.features import pad_empty, string_tensor
from tasks.text.graph_normalization import Normalizer
from zoo.saved_models.signatures import Signatures

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
    input_names: ClassVar[tuple[str, ...]] = ("text",)  # inputs of `serve`
    columns: ClassVar[tuple[str, ...]] = ()  # of the table of an answer; (): a single line
    serve: Any  # the tf.function of the signature

    def __init__(self, config: Any, features: Any, model: Any) -> None:
        super().__init__()
        self.features, self.probabilities = features, heads.get(config.head).probabilities
        self.normalizer = Normalizer()
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

    def normalized(self, texts: tf.Tensor) -> tf.Tensor:
        """Return texts (batch,) in NFC, as in training; for an empty batch, [""] instead.

        The layers, loops and lookups of a model need not support an empty batch: `serve` computes
        one row and removes it from the outputs.
        """
        none = tf.cast(tf.equal(tf.size(texts), 0), tf.int32)
        return self.normalizer(tf.concat([texts, tf.fill([none], "")], 0))

    def signatures(self) -> Signatures:
        """Return the concrete functions by signature name."""
        return Signatures(self, {"serve": self.serve.get_concrete_function})

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

    def signatures(self) -> Signatures:
        """Return the concrete functions by signature name."""
        functions = {"serve": self.serve, "tag_words": self.tag_words}
        return Signatures(
            self, {name: each.get_concrete_function for name, each in functions.items()}
        )

    @tf.function(input_signature=[STRINGS], autograph=False)
    def serve(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        """Tag each word of `text` (batch,), split at white space.

        Returns:
            words, tags (batch, words), padded with ""; scores (batch, words), the probability of
            each tag; lengths (batch,). For an empty batch, (0, 0) and (0,).
        """
        words = self.features.tokenize(self.normalized(text))
        return first_rows(self._tag(words), tf.size(text))

    @tf.function(
        input_signature=[
            tf.TensorSpec((None, None), tf.string, "words"),
            tf.TensorSpec((None,), tf.int32, "lengths"),
        ],
        autograph=False,
    )
    def tag_words(self, words: tf.Tensor, lengths: tf.Tensor) -> dict[str, tf.Tensor]:
        """Tag sentences that are split into words already, which may contain spaces.

        Args:
            words: (batch, words), padded.
            lengths: (batch,), number of words of each sentence.

        Returns:
            The outputs of `serve`.
        """
        ragged = tf.RaggedTensor.from_tensor(words, lengths)
        flat = self.normalizer(ragged.flat_values)
        none = tf.cast(tf.equal(tf.size(lengths), 0), tf.int64)
        row = tf.RaggedTensor.from_row_lengths(tf.fill([none], ""), tf.fill([none], none))
        return first_rows(
            self._tag(tf.concat([ragged.with_flat_values(flat), row], 0)), tf.size(lengths)
        )

    @tf.function(input_signature=[tf.RaggedTensorSpec((None, None), tf.string)], autograph=False)
    def _tag(self, words: tf.RaggedTensor) -> dict[str, tf.Tensor]:
        lengths, padded = tf.cast(words.row_lengths(), tf.int32), pad_empty(words)
        probabilities = self.predict(self.features.encode(padded))
        mask = tf.sequence_mask(lengths, tf.shape(probabilities)[1])
        ids = tf.argmax(probabilities, -1, output_type=tf.int32)
        return {
            "words": tf.where(mask, padded.to_tensor(), ""),
            "tags": tf.where(mask, self.features.tables["tags"].texts(ids), ""),
            "lengths": lengths,
            "scores": tf.where(mask, tf.reduce_max(probabilities, -1), 0.0),
        }

    @classmethod
    def word_inputs(cls, sentences: Sequence[Sequence[str]]) -> dict[str, Any]:
        """Return the inputs of `tag_words` for sentences that are split into words."""
        lengths = [len(sentence) for sentence in sentences]
        longest = max(lengths, default=0)
        padded = [[*sentence, *[""] * (longest - len(sentence))] for sentence in sentences]
        words = tf.constant(padded, tf.string, (len(sentences), longest))
        return {"words": words, "lengths": tf.constant(lengths, tf.int32)}

    @classmethod
    def answers(cls, texts: Sequence[str], outputs: Outputs) -> list[Answer]:
        """Return the words, their tags and the tags' probabilities for each text."""
        names = ("words", "tags", "scores", "lengths")
        return [
            {
                "input": text,
                "words": [decoded(word) for word in words[:length]],
                "output": [decoded(tag) for tag in tags[:length]],
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

    @tf.function(input_signature=[STRINGS], autograph=False)
    def serve(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        """Classify each of `text` (batch,).

        Returns:
            class, score (batch,), the most probable class and its probability; labels (classes,),
            all classes; scores (batch, classes), their probabilities.
        """
        tokens = pad_empty(self.features.tokenize(self.normalized(text)))
        probabilities = self.predict(self.features.encode(tokens))[: tf.size(text)]
        labels = self.features.tables["labels"]
        return {
            "class": labels.texts(tf.argmax(probabilities, -1, output_type=tf.int32)),
            "score": tf.reduce_max(probabilities, -1),
            "scores": probabilities,
            "labels": string_tensor(labels.tokens),
        }

    @classmethod
    def answers(cls, texts: Sequence[str], outputs: Outputs) -> list[Answer]:
        """Return the most probable class and the probabilities of all classes for each text."""
        labels = [decoded(label) for label in outputs["labels"]]
        return [
            {
                "input": text,
                "output": decoded(label),
                "scores": dict(zip(labels, scores.tolist(), strict=True)),
            }
            for text, label, scores in zip(texts, outputs["class"], outputs["scores"], strict=True)
        ]

    @classmethod
    def display(cls, answer: Answer) -> list[tuple[str, ...]]:
        """Return the most probable class, its probability and the text."""
        return [(answer["output"], f"{max(answer['scores'].values()):.3f}", answer["input"])]


def decoded(text: bytes) -> str:
    """Return an output of a signature as a str."""
    return text.decode("utf-8", "replace")


def first_rows(outputs: Mapping[str, tf.Tensor], count: tf.Tensor) -> dict[str, tf.Tensor]:
    """Return the first `count` rows of outputs (batch, ...); for no rows, every size is 0."""
    return {
        name: tf.slice(
            value,
            [0] * value.shape.rank,
            tf.concat([[count], tf.shape(value)[1:] * tf.minimum(count, 1)], 0),
        )
        for name, value in outputs.items()
    }
