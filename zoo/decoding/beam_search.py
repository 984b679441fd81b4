"""Beam search over a decoder, as a loop inside the graph.

The result of a row does not depend on the other rows of the batch.
"""

import dataclasses
from collections.abc import Sequence
from typing import NamedTuple

import tensorflow as tf

from zoo.decoding.hypotheses import (
    LOG_ZERO,
    DecodingVocabulary,
    Hypotheses,
    Step,
    write_tokens,
)


class _Beam(NamedTuple):
    """Unfinished hypotheses of beam search, best first."""

    tokens: tf.Tensor  # (batch, width), the last tokens
    ids: tf.Tensor  # (batch, width, longest)
    log_probabilities: tf.Tensor  # (batch, width)


class _Finished(NamedTuple):
    """The best finished hypothesis of each row of beam search."""

    ids: tf.Tensor  # (batch, longest)
    lengths: tf.Tensor  # (batch,)
    log_probabilities: tf.Tensor  # (batch,)
    scores: tf.Tensor  # (batch,), log-probability divided by the length penalty
    count: tf.Tensor  # (batch,), finished hypotheses so far
    done: tf.Tensor  # (batch,) bool


class _Candidates(NamedTuple):
    """The 2 * width best continuations of a beam, best first; each tensor is (batch, 2 * width)."""

    log_probabilities: tf.Tensor
    parents: tf.Tensor  # index of the hypothesis in the beam that is continued
    tokens: tf.Tensor
    ends: tf.Tensor  # bool: the token is the end token


def beam_search(
    step: Step,
    states: Sequence[tf.Tensor],
    limits: tf.Tensor,
    vocabulary: DecodingVocabulary,
    width: int,
    length_penalty: float,
) -> Hypotheses:
    """Decode by beam search with length normalization.

    The score of a finished hypothesis is its log-probability / length ** length_penalty, where the
    length counts the end token. `_Search` describes the search. With `width` 1 it is greedy search.

    Args:
        step: the decoder's step function (see `zoo.decoding.hypotheses`).
        states: initial states of the decoder, tensors (batch, ...).
        limits: (batch,), the largest number of tokens of each row, the end token included. At its
            limit a row can only emit the end token.
        vocabulary: the tokens that may be emitted.
        width: number of hypotheses in the beam.
        length_penalty: exponent of the length in the score; 0: no length normalization.

    Returns:
        The best finished hypothesis of each row.
    """
    search = _Search(step, limits, vocabulary, width, length_penalty)
    beam, best = _initial_beam(limits, vocabulary, width)
    _, _, best, _ = tf.while_loop(
        lambda t, beam, best, states: ~tf.reduce_all(best.done),
        search.timestep,
        (0, beam, best, [tf.repeat(state, width, 0) for state in states]),
        maximum_iterations=tf.reduce_max(limits),
    )
    return Hypotheses.trimmed(best.ids, best.lengths, best.log_probabilities)


@dataclasses.dataclass(frozen=True)
class _Search:
    """The loop body of beam search.

    At each timestep, the `width` best continuations without the end token form the new beam. A
    continuation with the end token is finished if it is among the `width` best of all
    continuations. A row is done when `width` hypotheses are finished and the score of the best
    unfinished one at its current length is not higher than the best finished score, or when no
    unfinished hypothesis can reach a higher score at the row's limit.
    """

    step: Step
    limits: tf.Tensor
    vocabulary: DecodingVocabulary
    width: int
    length_penalty: float

    def timestep(
        self, t: tf.Tensor, beam: _Beam, best: _Finished, states: list[tf.Tensor]
    ) -> tuple[tf.Tensor, _Beam, _Finished, list[tf.Tensor]]:
        """Extend each hypothesis of the beam by one token."""
        logits, states = self.step(beam.tokens, states)
        log_probabilities = self.vocabulary.log_probabilities(logits, t, self.limits)
        candidates = _best_candidates(beam, log_probabilities, self.vocabulary)
        best = self._finish(best, beam, candidates, t)
        beam, parents = _continue_beam(beam, candidates, t)
        present = self._score(beam.log_probabilities[:, 0], t + 1)
        highest_possible = self._score(beam.log_probabilities[:, 0], self.limits)
        done = (best.count >= self.width) & (present <= best.scores)
        done |= highest_possible <= best.scores
        states = _gather_states(states, parents, self.width)
        return t + 1, beam, best._replace(done=best.done | done), states

    def _score(self, log_probabilities: tf.Tensor, length: tf.Tensor) -> tf.Tensor:
        return log_probabilities / tf.cast(length, tf.float32) ** self.length_penalty

    def _finish(
        self, best: _Finished, beam: _Beam, candidates: _Candidates, t: tf.Tensor
    ) -> _Finished:
        """Return the best finished hypotheses, those that end at timestep `t` included."""
        ends = candidates.ends & (tf.range(2 * self.width) < self.width) & ~best.done[:, None]
        ends &= candidates.log_probabilities > LOG_ZERO / 2  # not a placeholder
        scores = tf.where(ends, self._score(candidates.log_probabilities, t + 1), float("-inf"))
        chosen = tf.argmax(scores, -1, output_type=tf.int32)
        score, log_probability, parent = (
            tf.gather(values, chosen, batch_dims=1)
            for values in (scores, candidates.log_probabilities, candidates.parents)
        )
        better = score > best.scores
        ids = tf.gather(beam.ids, parent, batch_dims=1)
        return _Finished(
            ids=tf.where(better[:, None], ids, best.ids),
            lengths=tf.where(better, t, best.lengths),
            log_probabilities=tf.where(better, log_probability, best.log_probabilities),
            scores=tf.where(better, score, best.scores),
            count=best.count + tf.reduce_sum(tf.cast(ends, tf.int32), -1),
            done=best.done,
        )


def _initial_beam(
    limits: tf.Tensor, vocabulary: DecodingVocabulary, width: int
) -> tuple[_Beam, _Finished]:
    """Return a beam of one empty hypothesis and `width` - 1 placeholders; none is finished.

    The placeholders have log-probability `LOG_ZERO`.
    """
    batch, longest = tf.shape(limits)[0], tf.reduce_max(limits)
    beam = _Beam(
        tokens=tf.fill((batch, width), vocabulary.begin),
        ids=tf.zeros((batch, width, longest), tf.int32),
        log_probabilities=tf.concat(
            [tf.zeros((batch, 1)), tf.fill((batch, width - 1), LOG_ZERO)], 1
        ),
    )
    best = _Finished(
        ids=tf.zeros((batch, longest), tf.int32),
        lengths=tf.zeros((batch,), tf.int32),
        log_probabilities=tf.zeros((batch,)),
        scores=tf.fill((batch,), float("-inf")),
        count=tf.zeros((batch,), tf.int32),
        done=tf.zeros((batch,), tf.bool),
    )
    return beam, best


def _best_candidates(
    beam: _Beam, log_probabilities: tf.Tensor, vocabulary: DecodingVocabulary
) -> _Candidates:
    """Return the best continuations, twice the width: up to half of them may end."""
    width = beam.tokens.shape[1]
    totals = beam.log_probabilities[:, :, None] + log_probabilities
    totals, indices = tf.math.top_k(tf.reshape(totals, (-1, width * vocabulary.size)), 2 * width)
    parents, tokens = indices // vocabulary.size, indices % vocabulary.size
    return _Candidates(totals, parents, tokens, tf.equal(tokens, vocabulary.end))


def _continue_beam(beam: _Beam, candidates: _Candidates, t: tf.Tensor) -> tuple[_Beam, tf.Tensor]:
    """Return the best candidates that do not end as the new beam, and their parents."""
    width = beam.tokens.shape[1]
    unfinished = tf.where(candidates.ends, LOG_ZERO, candidates.log_probabilities)
    log_probabilities, order = tf.math.top_k(unfinished, width)
    parents = tf.gather(candidates.parents, order, batch_dims=1)
    tokens = tf.gather(candidates.tokens, order, batch_dims=1)
    ids = write_tokens(tf.gather(beam.ids, parents, batch_dims=1), t, tokens)
    return _Beam(tokens, ids, log_probabilities), parents


def _gather_states(states: list[tf.Tensor], parents: tf.Tensor, width: int) -> list[tf.Tensor]:
    """Return for each hypothesis of the new beam the states of its parent."""
    rows = tf.reshape(tf.range(tf.shape(parents)[0])[:, None] * width + parents, (-1,))
    return [tf.gather(state, rows) for state in states]
