"""Features of pairs of texts, a source and its target, for an encoder-decoder."""

from collections.abc import Mapping, Sequence
from typing import Any

import tensorflow as tf

from tasks.data.roles import Example
from tasks.text import subwords, words
from tasks.text.features import Encoded, Input
from tasks.text.texts import Texts
from zoo.config import Config

BEGIN, END = 2, 3  # Ids of the target vocabulary.
_MARKERS = ("<begin>", "<end>")


class TextPairs(Texts):
    """The tokens of a source text and of its target.

    The decoder's input is `BEGIN` followed by the target; its output is the target followed by
    `END`.

    Attributes:
        longest_source: the characters of the longest source of the training data, without the
            longest of each thousand; None for the features of version 0.1.

    Example:
        >>> import zoo
        >>> from tasks.text.pairs import TextPairs
        >>> config = zoo.Config(task="translation", token="char")
        >>> features = TextPairs.fit(config, [{"source": "ab", "target": "x"}])
        >>> features.vocabularies
        {'source': ['a', 'b'], 'target': ['<begin>', '<end>', 'x'], 'longest_source': 2}
        >>> encoded = features.encode_examples([{"source": "b", "target": "x"}])
        >>> encoded.inputs["target"].to_list(), encoded.targets.to_list()
        ([[2, 4]], [[4, 3]])
    """

    names = ("source", "target")

    def __init__(self, config: Config, vocabularies: Mapping[str, Any]) -> None:
        tokens = {name: value for name, value in vocabularies.items() if name != "longest_source"}
        super().__init__(config, tokens)
        self.longest_source: int | None = vocabularies.get("longest_source")

    @property
    def vocabularies(self) -> dict[str, Any]:
        """The tokens of each vocabulary, and the length of the longest source in characters."""
        longest = {} if self.longest_source is None else {"longest_source": self.longest_source}
        return super().vocabularies | longest

    @classmethod
    def fit(cls, config: Config, examples: Sequence[Example]) -> "TextPairs":
        """Return features for the tokens of the examples.

        Words that occur once are unknown, so that the embedding of unknown words is trained.
        Subwords are learned from both languages together. The vocabulary of the source holds all of
        them, that of the target only those that occur in targets.
        """
        source, target = (
            tf.constant([example[name] for example in examples], tf.string) for name in cls.names
        )
        merges = cls._learn_merges(config, tf.concat([source, target], 0))
        min_count = 2 if config.token == "word" else 1
        tokens = {
            "source": cls._input_tokens(config, source, merges, min_count),
            "target": [*_MARKERS, *cls._frequent_tokens(config, target, merges, min_count)],
        }
        lengths = sorted(len(example["source"]) for example in examples)
        longest = {"longest_source": lengths[-1 - len(lengths) // 1000]}
        return cls(config, tokens | merges | longest)

    @property
    def inputs(self) -> tuple[Input, ...]:
        """The source, and the input of the decoder, which is named "target"."""
        return tuple(Input(name, "token", len(self.tables[name])) for name in self.names)

    @property
    def outputs(self) -> int:
        """The size of the target vocabulary."""
        return len(self.tables["target"])

    def encode(self, tokens: tf.RaggedTensor) -> dict[str, tf.RaggedTensor]:
        """Return the ids of ragged source tokens (batch, None), ragged tensors by input name."""
        return {"source": self.tables["source"].ids(tokens)}

    def tokenize(self, texts: tf.Tensor) -> tf.RaggedTensor:
        """Return the ragged tokens (batch, None) of texts (batch,), sources or targets."""
        return words.tokenize(texts) if self.config.token == "word" else super().tokenize(texts)

    def detokenize(self, tokens: tf.Tensor) -> tf.Tensor:
        """Return the texts (batch,) of tokens (batch, timesteps), padded with ""."""
        if self.config.token == "word":
            return words.detokenize(tokens)
        texts = tf.strings.reduce_join(tokens, -1)
        if self.config.token == "subword":
            texts = tf.strings.regex_replace(texts, "^ ", "")
        return texts

    def encode_examples(self, examples: Sequence[Example]) -> Encoded:
        """Return the sources, the decoder's inputs and the targets of examples as ids."""
        source, target = (
            self.tokenize(tf.constant([example[name] for example in examples], tf.string))
            for name in self.names
        )
        ids = self.tables["target"].ids(target)
        column = tf.ones((len(examples), 1), tf.int32)
        inputs = self.encode(source) | {"target": tf.concat([BEGIN * column, ids], 1)}
        lengths = tf.stack([source.row_lengths(), target.row_lengths()], 1).numpy()
        return Encoded(inputs, tf.concat([ids, END * column], 1), lengths)

    @staticmethod
    def _preprocess(texts: tf.Tensor, token: str | None) -> tf.Tensor:
        return subwords.prepend_space(texts) if token == "subword" else texts
