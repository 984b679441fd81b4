"""Pairs of texts, a source and its target: what an encoder-decoder sees of them."""

import tensorflow as tf

from tasks import words
from tasks.features import Encoded, Features, Input, cut
from tasks.vocabulary import count

BEGIN, END = 2, 3  # ids of the target vocabulary
_ENDS = ("<begin>", "<end>")


class TextPairs(Features):
    """The tokens of a source text and of its target. The decoder reads BEGIN and the target, and says it and END."""

    names = ("source", "target")

    @classmethod
    def fit(cls, config, examples):
        """Of words, those that occur twice or more; one seen once teaches what an unknown word looks like."""
        least = 2 if config.token == "word" else 1
        vocabularies = {}
        for name in cls.names:
            texts = tf.constant([example[name] for example in examples], tf.string)
            flat = (token.decode("utf-8", "surrogateescape") for token in
                    _cut(texts, config.token).flat_values.numpy())
            vocabularies[name] = count(flat, least=least, most=config.vocabulary_size)
        return cls(config, vocabularies | {"target": [*_ENDS, *vocabularies["target"]]})

    @property
    def inputs(self):
        return tuple(Input(name, "token", len(self.tables[name])) for name in self.names)

    @property
    def outputs(self):
        return len(self.tables["target"])

    def split(self, texts):
        """Texts (batch,), sources or targets, to ragged tokens."""
        return _cut(texts, self.config.token)

    split_target = split

    def join(self, tokens):
        """Tokens (batch, timesteps), padded with "", to texts (batch,)."""
        return words.join(tokens) if self.config.token == "word" else tf.strings.reduce_join(tokens, -1)

    def encode(self, tokens):
        """Ragged source tokens to ids by input name."""
        return {"source": self.tables["source"].ids(tokens)}

    def examples(self, examples):
        source, target = (self.split(tf.constant([example[name] for example in examples], tf.string))
                          for name in self.names)
        ids = self.tables["target"].ids(target)
        ends = tf.ones((len(examples), 1), tf.int32)
        inputs = self.encode(source) | {"target": tf.concat([BEGIN * ends, ids], 1)}
        lengths = tf.stack([source.row_lengths(), target.row_lengths()], 1).numpy()
        return Encoded(inputs, tf.concat([ids, END * ends], 1), lengths)


def _cut(texts, token):
    return words.cut(texts) if token == "word" else cut(texts, token)
