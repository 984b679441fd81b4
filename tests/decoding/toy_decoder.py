"""A small decoder with known probabilities, and an exhaustive search over its outputs."""

import itertools

import numpy as np
import tensorflow as tf

from zoo.decoding.hypotheses import DecodingVocabulary

BEGIN, END = 2, 3
VOCABULARY = DecodingVocabulary(4, BEGIN, END, banned_ids=(BEGIN,))  # leaves the tokens 0 and 1
TABLE = np.random.default_rng(0).normal(size=(50, 4, 4)).astype("float32") * 1.5
STATES, LIMITS = [[3], [11], [25], [40], [8]], [4, 3, 5, 1, 4]


def step(tokens, states):
    """Return logits and the next state, an integer that depends on all earlier tokens."""
    flat = tf.reshape(tokens, (-1, 1))
    state = (states[0] * 7 + flat + 1) % 50
    logits = tf.gather_nd(tf.constant(TABLE), tf.concat([state, flat], 1))
    return tf.reshape(logits, (tf.shape(tokens)[0], tokens.shape[1], 4)), [state]


def log_probability(tokens, state, limit):
    """Return the log-probability of `tokens`, including the end token."""
    total, previous = 0.0, BEGIN
    for t, token in enumerate(tokens):
        state = (state * 7 + previous + 1) % 50
        logits = TABLE[state, previous].astype("float64")
        logits[[0, 1, 2] if t + 1 == limit else [2]] = -np.inf
        total += logits[token] - np.log(np.exp(logits).sum())
        previous = token
    return total


def exhaustive_search(state, limit, length_penalty):
    """Return the best hypothesis without its end token, and its log-probability."""
    hypotheses = [
        tokens for length in range(limit) for tokens in itertools.product((0, 1), repeat=length)
    ]
    totals = {tokens: log_probability([*tokens, END], state, limit) for tokens in hypotheses}
    best = max(hypotheses, key=lambda tokens: totals[tokens] / (len(tokens) + 1) ** length_penalty)
    return best, totals[best]


def decode(search, rows=slice(None), **arguments):
    """Run a search in a tf.function; return (tokens, log-probability) of each row."""

    @tf.function(autograph=False)
    def run(states, limits):
        found = search(step, [states], limits, VOCABULARY, **arguments)
        return found.ids, found.lengths, found.log_probabilities

    ids, lengths, totals = (
        tensor.numpy() for tensor in run(tf.constant(STATES[rows]), tf.constant(LIMITS[rows]))
    )
    assert ids.shape[1] == lengths.max()
    assert not any(row[length:].any() for row, length in zip(ids, lengths, strict=True))
    return [
        (tuple(row[:length]), total)
        for row, length, total in zip(ids, lengths, totals, strict=True)
    ]


def assert_rows_independent(search, **arguments):
    together = decode(search, **arguments)
    alone = [decode(search, slice(row, row + 1), **arguments)[0] for row in range(len(STATES))]
    assert [tokens for tokens, _ in together] == [tokens for tokens, _ in alone]
    np.testing.assert_allclose(
        [total for _, total in together], [total for _, total in alone], atol=1e-5
    )
