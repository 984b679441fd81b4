"""Features of texts: tokens are characters, bytes, words or subwords."""

from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from tasks.data.roles import Example
from tasks.text import subwords
from tasks.text.features import Encoded, Features, Input, string_tensor
from tasks.text.vocabulary import frequent_tokens
from zoo.config import TOKENS, Config
from zoo.errors import RequestError

NEWLINE = "<newline>"


class Texts(Features):
    """Base class of features that tokenize texts. A subclass may override `_preprocess`."""

    names: tuple[str, ...] = ("tokens",)
    tokens: tuple[str, ...] = TOKENS

    @property
    def inputs(self) -> tuple[Input, ...]:
        """The tokens."""
        return (Input("tokens", "token", len(self.tables["tokens"])),)

    def encode(self, tokens: tf.RaggedTensor) -> dict[str, tf.RaggedTensor]:
        """Return the ids of ragged tokens (batch, None), ragged tensors by input name."""
        return {"tokens": self.tables["tokens"].ids(tokens)}

    def tokenize(self, texts: tf.Tensor) -> tf.RaggedTensor:
        """Return the ragged tokens (batch, None) of texts (batch,)."""
        token = self.config.token
        return tokenize(self._preprocess(texts, token), token, self.subword_tokenizer)

    @staticmethod
    def _preprocess(texts: tf.Tensor, token: str | None) -> tf.Tensor:
        """Return texts (batch,), normalized for tokenization."""
        return texts

    @classmethod
    def _learn_merges(cls, config: Config, texts: tf.Tensor) -> dict[str, Any]:
        """Return {"merges": the merges of texts (batch,)} for subwords, {} for other tokens."""
        if config.token != "subword":
            return {}
        texts = cls._preprocess(texts, "subword")
        return {"merges": subwords.learn_merges(texts, config.vocabulary_size)}

    @classmethod
    def _frequent_tokens(
        cls, config: Config, texts: tf.Tensor, merges: dict[str, Any], min_count: int = 1
    ) -> list[str]:
        """Return the tokens of texts (batch,) by falling frequency; for bytes, all 256."""
        if config.token == "byte":
            return [bytes([value]).decode("utf-8", "surrogateescape") for value in range(256)]
        # An instance tokenizes the texts, exactly as in an exported model.
        untrained = cls(config, dict.fromkeys(cls.names, ()) | merges)
        return frequent_tokens(
            _strings(untrained.tokenize(texts).flat_values), min_count, config.vocabulary_size
        )

    @classmethod
    def _input_tokens(
        cls, config: Config, texts: tf.Tensor, merges: dict[str, Any], min_count: int = 1
    ) -> list[str]:
        """Return the tokens of texts (batch,); for subwords, also those of unseen texts."""
        tokens = cls._frequent_tokens(config, texts, merges, min_count)
        if not merges:
            return tokens
        all_subwords = subwords.all_subwords(cls._preprocess(texts, "subword"), merges["merges"])
        return list(dict.fromkeys([*tokens, *all_subwords]))[: config.vocabulary_size]


class TextTokens(Texts):
    """The tokens of a text, for a language model.

    Tokenization is lossless, except that words do not preserve the width of white space.

    Example:
        >>> import zoo
        >>> from tasks.text.texts import TextTokens
        >>> config = zoo.Config(task="language_model", token="char")
        >>> features = TextTokens.fit(config, [{"text": "banana"}])
        >>> features.vocabularies
        {'tokens': ['a', 'n', 'b']}
        >>> ids, characters = features.stream([{"text": "ban"}])
        >>> ids.tolist(), characters
        ([4, 2, 3], 3)
    """

    @classmethod
    def fit(cls, config: Config, examples: Sequence[Example]) -> "TextTokens":
        """Return features for the most frequent tokens of the examples."""
        texts = _role(examples, "text")
        merges = cls._learn_merges(config, texts)
        return cls(config, {"tokens": cls._input_tokens(config, texts, merges)} | merges)

    @property
    def outputs(self) -> int:
        """The size of the vocabulary."""
        return len(self.tables["tokens"])

    def detokenize(self, tokens: tf.Tensor) -> tf.Tensor:
        """Return the texts (batch,) of tokens (batch, timesteps), padded with ""."""
        if self.config.token != "word":
            return tf.strings.reduce_join(tokens, -1)
        texts = tf.strings.strip(tf.strings.reduce_join(tokens, -1, separator=" "))
        return tf.strings.regex_replace(texts, f" ?{NEWLINE} ?", "\n")

    def stream(self, examples: Sequence[Example]) -> tuple[Any, int]:
        """Return the ids of all examples, joined by line breaks.

        Returns:
            The token ids, an int32 array (tokens,), and the number of characters.
        """
        text = "\n".join(example["text"] for example in examples)
        ids = self.encode(self.tokenize(tf.constant([text])))["tokens"].flat_values
        return ids.numpy(), len(text)


class LabelledText(Texts):
    """The tokens of a text, and its class. Words are lower case; punctuation marks are tokens.

    Example:
        >>> import zoo
        >>> from tasks.text.texts import LabelledText
        >>> config = zoo.Config(task="classification", token="word")
        >>> features = LabelledText.fit(config, [{"text": "Yes, yes!", "label": "good"}])
        >>> features.vocabularies
        {'tokens': ['yes', '!', ','], 'labels': ['good']}
    """

    names = ("tokens", "labels")

    @classmethod
    def fit(cls, config: Config, examples: Sequence[Example]) -> "LabelledText":
        """Return features for the most frequent tokens and all labels of the examples."""
        texts = _role(examples, "text")
        merges = cls._learn_merges(config, texts)
        tokens = cls._input_tokens(config, texts, merges)
        labels = sorted({example["label"] for example in examples})
        return cls(config, {"tokens": tokens, "labels": labels} | merges)

    @staticmethod
    def _preprocess(texts: tf.Tensor, token: str | None) -> tf.Tensor:
        if token == "subword":
            return subwords.prepend_space(texts)
        if token == "word":
            texts = tf.strings.lower(texts, encoding="utf-8")
            texts = tf.strings.regex_replace(texts, r"([^\p{L}\p{N}\s])", r" \1 ")
        return texts

    @property
    def outputs(self) -> int:
        """The number of classes."""
        return len(self.tables["labels"])

    def encode_examples(self, examples: Sequence[Example]) -> Encoded:
        """Return the tokens and the labels of examples as ids."""
        tokens = self.tokenize(_role(examples, "text"))
        labels = self.tables["labels"].ids(string_tensor(example["label"] for example in examples))
        return Encoded(self.encode(tokens), labels, tokens.row_lengths().numpy())


class AnsweredText(Texts):
    """The tokens of a text, and an answer with one token for each of them.

    Example:
        >>> import zoo
        >>> from tasks.text.texts import AnsweredText
        >>> config = zoo.Config(task="copy_memory", token="char")
        >>> features = AnsweredText.fit(config, [{"text": "ab?.", "answer": "..ab"}])
        >>> features.encode_examples([{"text": "b?", "answer": ".b"}]).targets.to_list()
        [[0, 2]]
    """

    names = ("tokens", "tags")
    tokens = (
        "char",
        "word",
        "byte",
    )  # Not subwords: their number differs between a text and its answer.

    @classmethod
    def fit(cls, config: Config, examples: Sequence[Example]) -> "AnsweredText":
        """Return features for the most frequent tokens of texts and all tokens of answers."""
        texts, answers = (
            _strings(tokenize(_role(examples, role), config.token).flat_values)
            for role in ("text", "answer")
        )
        tokens = frequent_tokens(texts, max_size=config.vocabulary_size)
        return cls(config, {"tokens": tokens, "tags": sorted(set(answers))})

    @property
    def outputs(self) -> int:
        """The number of distinct tokens of answers."""
        return len(self.tables["tags"])

    def encode_examples(self, examples: Sequence[Example]) -> Encoded:
        """Return the texts and the answers of examples as ids.

        Raises:
            RequestError: a text and its answer differ in length.
        """
        texts, answers = (self.tokenize(_role(examples, role)) for role in ("text", "answer"))
        lengths, answer_lengths = (each.row_lengths().numpy() for each in (texts, answers))
        for index, (length, answered) in enumerate(zip(lengths, answer_lengths, strict=True)):
            if length != answered:
                raise RequestError(
                    f"example {index} has {length} tokens of text and {answered} of answer. "
                    "Write one token of the answer for each token of the text."
                )
        return Encoded(self.encode(texts), self.tables["tags"].ids(answers), lengths)


def tokenize(
    texts: tf.Tensor,
    token: str | None,
    subword_tokenizer: subwords.SubwordTokenizer | None = None,
) -> tf.RaggedTensor:
    """Return the ragged tokens (batch, None) of texts (batch,).

    Args:
        texts: strings (batch,).
        token: "char", "byte", "subword" or "word"; None means "word". Line breaks are words.
        subword_tokenizer: the tokenizer; required if `token` is "subword".
    """
    if token == "subword":
        assert subword_tokenizer is not None
        return subword_tokenizer.tokenize(texts)
    if token == "char":
        return tf.strings.unicode_split(texts, "UTF-8")
    if token == "byte":
        return tf.strings.bytes_split(texts)
    return tf.strings.split(tf.strings.regex_replace(texts, "\n", f" {NEWLINE} "))


def _role(examples: Sequence[Example], name: str) -> tf.Tensor:
    return tf.constant([example[name] for example in examples], tf.string)


def _strings(tokens: tf.Tensor) -> list[str]:
    return [token.decode("utf-8", "surrogateescape") for token in tokens.numpy()]
