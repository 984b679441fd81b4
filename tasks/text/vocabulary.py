"""Vocabularies: tokens to ids and back, in the graph."""

import collections

import tensorflow as tf

PADDING, UNKNOWN = 0, 1


class Vocabulary(tf.Module):
    """An ordered set of tokens. With `reserved`, id 0 is padding, id 1 is unknown, and the tokens follow.

    Without it (labels) ids count from 0, and what is unknown has the id -1.
    Tokens are str; bytes that are no UTF-8 are kept as surrogates, so that any token passes through JSON.
    """

    def __init__(self, tokens, reserved=True):
        super().__init__()
        self.tokens, self.first = tuple(tokens), 2 if reserved else 0
        keys = tf.constant(
            [token.encode("utf-8", "surrogateescape") for token in self.tokens], tf.string
        )
        self._texts = tf.concat([tf.constant(["", ""][: self.first], tf.string), keys], 0)
        ids = tf.range(self.first, self.first + len(self.tokens))
        unknown = UNKNOWN if reserved else -1
        # A table may not be empty, as a vocabulary may: "" is no token, and is unknown in any case.
        self._table = tf.lookup.StaticHashTable(
            tf.lookup.KeyValueTensorInitializer(
                tf.concat([keys, [""]], 0), tf.concat([ids, [unknown]], 0)
            ),
            unknown,
        )

    def __len__(self):
        return self.first + len(self.tokens)

    def ids(self, texts):
        """Strings to int32 ids, of the same shape (tensor or ragged)."""
        return self._table.lookup(texts)

    def texts(self, ids):
        """int32 ids to strings; padding and unknown are ""."""
        return tf.gather(self._texts, ids)


def count(tokens, least=1, most=None):
    """The tokens that occur at least `least` times, the most frequent first, at most `most` of them."""
    counted = collections.Counter(tokens)
    ranked = sorted(
        (token for token in counted if counted[token] >= least),
        key=lambda token: (-counted[token], token),
    )
    return ranked[:most]
