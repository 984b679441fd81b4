"""Pairs of texts, a source and its target: what an encoder-decoder sees of them."""

import tensorflow as tf

from tasks.text import subwords, words
from tasks.text.features import Encoded, Input, Texts

BEGIN, END = 2, 3  # ids of the target vocabulary
_ENDS = ("<begin>", "<end>")


class TextPairs(Texts):
    """The tokens of a source text and of its target. The decoder reads BEGIN and the target, and says it and END."""

    names = ("source", "target")

    @classmethod
    def fit(cls, config, examples):
        """Of words, those that occur twice or more; one seen once teaches what an unknown word looks like.

        Subwords are learned from both languages together. A source may be cut into any of them; the decoder says those
        that occur in targets.
        """
        source, target = (
            tf.constant([example[name] for example in examples], tf.string) for name in cls.names
        )
        merges = cls._learned(config, tf.concat([source, target], 0))
        least = 2 if config.token == "word" else 1
        tokens = {
            "source": cls._spelled(config, source, merges, least),
            "target": [*_ENDS, *cls._counted(config, target, merges, least)],
        }
        return cls(config, tokens | merges)

    @property
    def inputs(self):
        return tuple(Input(name, "token", len(self.tables[name])) for name in self.names)

    @property
    def outputs(self):
        return len(self.tables["target"])

    def encode(self, tokens):
        """Ragged source tokens to ids by input name."""
        return {"source": self.tables["source"].ids(tokens)}

    def split(self, texts):
        """Texts (batch,), sources or targets, to ragged tokens."""
        return words.cut(texts) if self.config.token == "word" else super().split(texts)

    def join(self, tokens):
        """Tokens (batch, timesteps), padded with "", to texts (batch,)."""
        if self.config.token == "word":
            return words.join(tokens)
        texts = tf.strings.reduce_join(tokens, -1)
        return (
            tf.strings.regex_replace(texts, "^ ", "") if self.config.token == "subword" else texts
        )

    def examples(self, examples):
        source, target = (
            self.split(tf.constant([example[name] for example in examples], tf.string))
            for name in self.names
        )
        ids = self.tables["target"].ids(target)
        ends = tf.ones((len(examples), 1), tf.int32)
        inputs = self.encode(source) | {"target": tf.concat([BEGIN * ends, ids], 1)}
        lengths = tf.stack([source.row_lengths(), target.row_lengths()], 1).numpy()
        return Encoded(inputs, tf.concat([ids, END * ends], 1), lengths)

    @staticmethod
    def _prepared(texts, token):
        return subwords.spaced(texts) if token == "subword" else texts
