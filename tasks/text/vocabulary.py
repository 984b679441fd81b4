"""Vocabularies: tokens to ids and back, in the TensorFlow graph."""

import collections
import types
from collections.abc import Iterable

import tensorflow as tf

PADDING, UNKNOWN = 0, 1


class Vocabulary(tf.Module):
    """A lookup table between tokens and ids.

    Args:
        tokens: the tokens, in the order of their ids. Surrogate characters stand for bytes that are
            not valid UTF-8, so that any token can be stored as JSON.
        reserved: whether id 0 is padding, id 1 an unknown token, and id 2 the first token. If
            False, as for labels, the first token has id 0, and an unknown token -1.

    Example:
        >>> import tensorflow as tf
        >>> from tasks.text.vocabulary import Vocabulary
        >>> vocabulary = Vocabulary(["a", "b"])
        >>> vocabulary.ids(tf.constant(["b", "a", "z"])).numpy().tolist()
        [3, 2, 1]
        >>> vocabulary.texts(tf.constant([3, 2, 0])).numpy().tolist()
        [b'b', b'a', b'']
        >>> len(vocabulary)
        4
    """

    def __init__(self, tokens: Iterable[str], reserved: bool = True) -> None:
        super().__init__()
        # A module would look at each token of an attribute when TensorFlow lists its variables.
        self._listed = types.SimpleNamespace(tokens=tuple(tokens))
        self.first_id = 2 if reserved else 0
        keys = tf.constant(
            [token.encode("utf-8", "surrogateescape") for token in self.tokens], tf.string
        )
        self._texts = tf.concat([tf.constant([""] * self.first_id, tf.string), keys], 0)
        ids = tf.range(self.first_id, self.first_id + len(self.tokens))
        unknown = UNKNOWN if reserved else -1
        # A lookup table needs at least one key, and a vocabulary may be empty; "" is never a token.
        self._table = tf.lookup.StaticHashTable(
            tf.lookup.KeyValueTensorInitializer(
                tf.concat([keys, [""]], 0), tf.concat([ids, [unknown]], 0)
            ),
            unknown,
        )

    @property
    def tokens(self) -> tuple[str, ...]:
        """The tokens, in the order of their ids."""
        return self._listed.tokens

    def __len__(self) -> int:
        return self.first_id + len(self.tokens)

    def ids(self, texts: tf.Tensor) -> tf.Tensor:
        """Return the int32 ids of a dense or ragged tensor of strings, of the same shape."""
        return self._table.lookup(texts)

    def texts(self, ids: tf.Tensor) -> tf.Tensor:
        """Return the strings of a dense tensor of ids; padding and unknown tokens are ""."""
        return tf.gather(self._texts, ids)


def frequent_tokens(
    tokens: Iterable[str], min_count: int = 1, max_size: int | None = None
) -> list[str]:
    """Return the distinct tokens by falling frequency; equally frequent tokens are sorted.

    Args:
        tokens: the tokens to count.
        min_count: the minimum number of occurrences.
        max_size: the maximum number of tokens to return; None for all.

    Example:
        >>> from tasks.text.vocabulary import frequent_tokens
        >>> frequent_tokens("banana", min_count=2)
        ['a', 'n']
    """
    counts = collections.Counter(tokens)
    ranked = sorted(
        (token for token in counts if counts[token] >= min_count),
        key=lambda token: (-counts[token], token),
    )
    return ranked[:max_size]
