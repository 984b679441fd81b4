"""Greedy search over a decoder, as a loop inside the graph."""

from collections.abc import Sequence
from typing import NamedTuple

import tensorflow as tf

from zoo.decoding.hypotheses import DecodingVocabulary, Hypotheses, Step, write_tokens


class _LoopState(NamedTuple):
    """Loop state of greedy search: one hypothesis for each row."""

    tokens: tf.Tensor  # (batch, 1), the last tokens
    ids: tf.Tensor  # (batch, longest)
    lengths: tf.Tensor  # (batch,)
    log_probabilities: tf.Tensor  # (batch,)
    done: tf.Tensor  # (batch,) bool


def greedy_search(
    step: Step,
    states: Sequence[tf.Tensor],
    limits: tf.Tensor,
    vocabulary: DecodingVocabulary,
) -> Hypotheses:
    """Decode by greedy search: emit the most probable token at each timestep.

    Args:
        step: the decoder's step function (see `zoo.decoding.hypotheses`).
        states: initial states of the decoder, tensors (batch, ...).
        limits: (batch,), the largest number of tokens of each row, the end token included. At its
            limit a row can only emit the end token.
        vocabulary: the tokens that may be emitted.

    Returns:
        One hypothesis for each row.
    """

    def body(t: tf.Tensor, current: _LoopState, states: list[tf.Tensor]) -> tuple:
        logits, states = step(current.tokens, states)
        log_probabilities = vocabulary.log_probabilities(logits, t, limits)[:, 0]
        return t + 1, _emit(current, t, log_probabilities, vocabulary.end), states

    _, last, _ = tf.while_loop(
        lambda t, current, states: ~tf.reduce_all(current.done),
        body,
        (0, _initial_state(limits, vocabulary), list(states)),
        maximum_iterations=tf.reduce_max(limits),
    )
    return Hypotheses.trimmed(last.ids, last.lengths, last.log_probabilities)


def _initial_state(limits: tf.Tensor, vocabulary: DecodingVocabulary) -> _LoopState:
    batch, longest = tf.shape(limits)[0], tf.reduce_max(limits)
    return _LoopState(
        tokens=tf.fill((batch, 1), vocabulary.begin),
        ids=tf.zeros((batch, longest), tf.int32),
        lengths=tf.zeros((batch,), tf.int32),
        log_probabilities=tf.zeros((batch,)),
        done=tf.zeros((batch,), tf.bool),
    )


def _emit(current: _LoopState, t: tf.Tensor, log_probabilities: tf.Tensor, end: int) -> _LoopState:
    """Append the most probable token to the rows that are not done."""
    token = tf.argmax(log_probabilities, -1, output_type=tf.int32)
    added = tf.where(current.done, 0.0, tf.reduce_max(log_probabilities, -1))
    done = current.done | tf.equal(token, end)
    return _LoopState(
        tokens=token[:, None],
        ids=write_tokens(current.ids, t, tf.where(done, 0, token)),
        lengths=current.lengths + tf.cast(~done, tf.int32),
        log_probabilities=current.log_probabilities + added,
        done=done,
    )
