"""Greedy and beam search for what a decoder says, as loops inside the graph.

Both ask a `step`: (tokens (batch, beam), states) to logits (batch, beam, vocabulary) and the new states, each state a
tensor (batch * beam, ...). A row says at most `limits` (batch,) tokens, the end among them: there, the end is all that
is left to say. What a row says does not depend on the rows beside it.
"""

import dataclasses

import tensorflow as tf

NEVER = -1e9  # a logit, or the log-probability of a hypothesis that is none


@dataclasses.dataclass(frozen=True)
class DecodingVocabulary:
    """What can be said: size of the vocabulary, the ids of begin and end, and ids that are never said."""

    size: int
    begin: int
    end: int
    banned_ids: tuple = ()

    def log_probabilities(self, logits, t, limits):
        """Of each token as the one number `t` of its row, among those that can be said there: (batch, beam, size)."""
        only_end = tf.one_hot(self.end, self.size, on_value=0.0, off_value=NEVER)
        banned_ids = (
            tf.reduce_sum(tf.one_hot(self.banned_ids, self.size, on_value=NEVER), 0)
            if self.banned_ids
            else 0.0
        )
        barred = tf.where((t + 1 >= limits)[:, None], only_end, banned_ids)
        return tf.nn.log_softmax(tf.cast(logits, tf.float32) + barred[:, None, :])


@dataclasses.dataclass(frozen=True)
class Hypotheses:
    """Hypotheses: ids (batch, longest) without the end, padded with 0; lengths (batch,) without the end; and the
    log-probability (batch,) of each, its end included."""

    ids: tf.Tensor
    lengths: tf.Tensor
    log_probabilities: tf.Tensor


def greedy(step, states, limits, language):
    """The likeliest token, again and again."""
    batch, longest = tf.shape(limits)[0], tf.reduce_max(limits)

    def body(t, tokens, ids, lengths, total, done, states):
        logits, states = step(tokens, states)
        chances = language.log_probabilities(logits, t, limits)[:, 0]
        token = tf.argmax(chances, -1, output_type=tf.int32)
        total += tf.where(done, 0.0, tf.reduce_max(chances, -1))
        done |= tf.equal(token, language.end)
        ids = _written(ids, t, tf.where(done, 0, token))
        return t + 1, token[:, None], ids, lengths + tf.cast(~done, tf.int32), total, done, states

    _, _, ids, lengths, total, _, _ = tf.while_loop(
        lambda t, _tokens, _ids, _lengths, _total, done, _states: ~tf.reduce_all(done),
        body,
        (
            0,
            tf.fill((batch, 1), language.begin),
            tf.zeros((batch, longest), tf.int32),
            tf.zeros((batch,), tf.int32),
            tf.zeros((batch,)),
            tf.zeros((batch,), tf.bool),
            list(states),
        ),
        maximum_iterations=longest,
    )
    return _trimmed(ids, lengths, total)


def beam(step, states, limits, language, width, length_penalty):
    """The best of the hypotheses that end, by log P / length ** length_penalty (the length counts the end).

    At each timestep the `width` best unfinished hypotheses go on. One that ends while it is among the `width` best is
    finished. A row is done when `width` hypotheses are finished and none that goes on is better so far, or when none that
    goes on could still become better. With `width` 1 this is `greedy`.
    """

    def body(t, hypotheses, best, states):
        logits, states = step(hypotheses["tokens"], states)
        chances = hypotheses["total"][:, :, None] + language.log_probabilities(logits, t, limits)
        total, places = tf.math.top_k(tf.reshape(chances, (-1, width * language.size)), 2 * width)
        parents, tokens = places // language.size, places % language.size
        ends = tf.equal(tokens, language.end)
        best = _finished(best, hypotheses["ids"], t, total, parents, ends, width, length_penalty)
        total, order = tf.math.top_k(tf.where(ends, NEVER, total), width)
        parents, tokens = (tf.gather(each, order, batch_dims=1) for each in (parents, tokens))
        ids = _written(tf.gather(hypotheses["ids"], parents, batch_dims=1), t, tokens)
        now, hope = (
            total[:, 0] / tf.cast(length, tf.float32) ** length_penalty
            for length in (t + 1, limits)
        )
        best["done"] |= (best["count"] >= width) & (now <= best["score"]) | (hope <= best["score"])
        return (
            t + 1,
            {"tokens": tokens, "ids": ids, "total": total},
            best,
            _of_parents(states, parents, width),
        )

    first, best = _started(limits, language, width)
    longest = tf.reduce_max(limits)
    _, _, best, _ = tf.while_loop(
        lambda t, _hypotheses, best, _states: ~tf.reduce_all(best["done"]),
        body,
        (0, first, best, [tf.repeat(state, width, 0) for state in states]),
        maximum_iterations=longest,
    )
    return _trimmed(best["ids"], best["length"], best["total"])


def _started(limits, language, width):
    """Before the first timestep: one hypothesis that says nothing beside `width` - 1 that are none, and no best one."""
    batch, longest = tf.shape(limits)[0], tf.reduce_max(limits)
    total = tf.concat([tf.zeros((batch, 1)), tf.fill((batch, width - 1), NEVER)], 1)
    hypotheses = {
        "tokens": tf.fill((batch, width), language.begin),
        "total": total,
        "ids": tf.zeros((batch, width, longest), tf.int32),
    }
    none = tf.zeros((batch,), tf.int32)
    best = {
        "ids": tf.zeros((batch, longest), tf.int32),
        "length": none,
        "count": none,
        "total": tf.zeros((batch,)),
        "score": tf.fill((batch,), float("-inf")),
        "done": tf.zeros((batch,), tf.bool),
    }
    return hypotheses, best


def _finished(best, ids, t, total, parents, ends, width, length_penalty):
    """The best finished hypotheses, those among them that end now."""
    ending = ends & (tf.range(2 * width) < width) & (total > NEVER / 2) & ~best["done"][:, None]
    scores = tf.where(ending, total / tf.cast(t + 1, tf.float32) ** length_penalty, float("-inf"))
    chosen = tf.argmax(scores, -1, output_type=tf.int32)
    score, total, parent = (
        tf.gather(each, chosen, batch_dims=1) for each in (scores, total, parents)
    )
    better = score > best["score"]
    return {
        "ids": tf.where(better[:, None], tf.gather(ids, parent, batch_dims=1), best["ids"]),
        "length": tf.where(better, t, best["length"]),
        "total": tf.where(better, total, best["total"]),
        "score": tf.where(better, score, best["score"]),
        "done": best["done"],
        "count": best["count"] + tf.reduce_sum(tf.cast(ending, tf.int32), -1),
    }


def _of_parents(states, parents, width):
    """Each hypothesis goes on from the states of the one that it continues."""
    rows = tf.reshape(tf.range(tf.shape(parents)[0])[:, None] * width + parents, (-1,))
    return [tf.gather(state, rows) for state in states]


def _written(ids, t, tokens):
    """`tokens` (...) in place `t` of ids (..., longest)."""
    return tf.where(tf.equal(tf.range(tf.shape(ids)[-1]), t), tokens[..., None], ids)


def _trimmed(ids, lengths, total):
    return Hypotheses(ids[:, : tf.reduce_max(lengths)], lengths, total)
