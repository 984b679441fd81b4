"""Types shared by greedy search and beam search: step function, allowed tokens, hypotheses.

A step function maps (tokens (batch, beam), states) to logits (batch, beam, vocabulary) and the new
states, each state a tensor (batch * beam, ...).
"""

import dataclasses
from collections.abc import Callable

import tensorflow as tf

Step = Callable[[tf.Tensor, list[tf.Tensor]], tuple[tf.Tensor, list[tf.Tensor]]]

LOG_ZERO = -1e9  # in place of log(0) = -inf: sums stay finite


@dataclasses.dataclass(frozen=True)
class DecodingVocabulary:
    """The tokens that a decoder may emit.

    Attributes:
        size: number of tokens of the vocabulary.
        begin: id of the token that the decoder reads first.
        end: id of the token that ends a hypothesis.
        banned_ids: ids that are never emitted.
    """

    size: int
    begin: int
    end: int
    banned_ids: tuple[int, ...] = ()

    def log_probabilities(self, logits: tf.Tensor, t: tf.Tensor, limits: tf.Tensor) -> tf.Tensor:
        """Return the log-probabilities of all tokens; tokens that are not allowed have about -1e9.

        At the limit of a row, only the end token is allowed.

        Args:
            logits: (batch, beam, size).
            t: the timestep, counted from 0.
            limits: (batch,), the largest number of tokens of each row.

        Returns:
            (batch, beam, size), normalized over the allowed tokens.
        """
        only_end = tf.one_hot(self.end, self.size, on_value=0.0, off_value=LOG_ZERO)
        banned = (
            tf.reduce_sum(tf.one_hot(self.banned_ids, self.size, on_value=LOG_ZERO), 0)
            if self.banned_ids
            else 0.0
        )
        penalty = tf.where((t + 1 >= limits)[:, None], only_end, banned)
        return tf.nn.log_softmax(tf.cast(logits, tf.float32) + penalty[:, None, :])


@dataclasses.dataclass(frozen=True)
class Hypotheses:
    """The finished hypothesis of each row.

    Attributes:
        ids: emitted tokens (batch, longest) without the end token, padded with 0.
        lengths: number of tokens (batch,) without the end token.
        log_probabilities: log-probability (batch,) of all tokens, the end token included.
    """

    ids: tf.Tensor
    lengths: tf.Tensor
    log_probabilities: tf.Tensor

    @classmethod
    def trimmed(
        cls, ids: tf.Tensor, lengths: tf.Tensor, log_probabilities: tf.Tensor
    ) -> "Hypotheses":
        """Return hypotheses whose `ids` are truncated to the largest of `lengths`."""
        return cls(ids[:, : tf.reduce_max(lengths)], lengths, log_probabilities)


def write_tokens(ids: tf.Tensor, t: tf.Tensor, tokens: tf.Tensor) -> tf.Tensor:
    """Return `ids` (..., longest) with `tokens` (...) at position `t`."""
    return tf.where(tf.equal(tf.range(tf.shape(ids)[-1]), t), tokens[..., None], ids)
