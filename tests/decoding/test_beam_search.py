"""Greedy and beam search against reading all that can be said, on a small made-up decoder."""

import itertools

import numpy as np
import pytest
import tensorflow as tf

from zoo.decoding import beam_search

BEGIN, END = 2, 3
LANGUAGE = beam_search.DecodingVocabulary(
    4, BEGIN, END, banned_ids=(BEGIN,)
)  # tokens 0 and 1 can be said
TABLE = np.random.default_rng(0).normal(size=(50, 4, 4)).astype("float32") * 1.5
STATES, LIMITS = [[3], [11], [25], [40], [8]], [4, 3, 5, 1, 4]


def step(tokens, states):
    """Logits that depend on all that was said: the state is a number that each token leads on from."""
    flat = tf.reshape(tokens, (-1, 1))
    state = (states[0] * 7 + flat + 1) % 50
    logits = tf.gather_nd(tf.constant(TABLE), tf.concat([state, flat], 1))
    return tf.reshape(logits, (tf.shape(tokens)[0], tokens.shape[1], 4)), [state]


def log_probability(said, state, limit):
    total, before = 0.0, BEGIN
    for t, token in enumerate(said):
        state = (state * 7 + before + 1) % 50
        logits = TABLE[state, before].astype("float64")
        logits[[0, 1, 2] if t + 1 == limit else [2]] = -np.inf
        total += logits[token] - np.log(np.exp(logits).sum())
        before = token
    return total


def exhaustive(state, limit, length_penalty):
    """The best of all that can be said, without its end, and its log-probability."""
    said = [words for length in range(limit) for words in itertools.product((0, 1), repeat=length)]
    totals = {words: log_probability([*words, END], state, limit) for words in said}
    best = max(said, key=lambda words: totals[words] / (len(words) + 1) ** length_penalty)
    return best, totals[best]


def searched(kind, rows=slice(None), **arguments):
    """(what is said, its log-probability) of each row, from inside a graph."""

    @tf.function
    def ask(states, limits):
        said = getattr(beam_search, kind)(step, [states], limits, LANGUAGE, **arguments)
        return said.ids, said.lengths, said.log_probabilities

    ids, lengths, totals = (
        each.numpy() for each in ask(tf.constant(STATES[rows]), tf.constant(LIMITS[rows]))
    )
    assert ids.shape[1] == lengths.max() and not any(
        row[length:].any() for row, length in zip(ids, lengths, strict=True)
    )
    return [
        (tuple(row[:length]), total)
        for row, length, total in zip(ids, lengths, totals, strict=True)
    ]


@pytest.mark.parametrize("length_penalty", [0.0, 0.6, 1.0, 2.0])
def test_a_wide_beam_finds_the_best_of_all(length_penalty):
    found = searched("beam", width=100, length_penalty=length_penalty)
    for (said, total), (state,), limit in zip(found, STATES, LIMITS, strict=True):
        expected, probability = exhaustive(state, limit, length_penalty)
        assert said == expected
        assert total == pytest.approx(probability, abs=1e-4)


def test_the_length_penalty_decides():
    short, long = (searched("beam", width=100, length_penalty=penalty) for penalty in (0.0, 2.0))
    assert sum(len(said) for said, _ in short) < sum(len(said) for said, _ in long)


def test_a_beam_of_one_is_greedy():
    found = searched("greedy")
    for length_penalty in (0.0, 1.0):
        assert searched("beam", width=1, length_penalty=length_penalty) == found
    for (said, total), (state,), limit in zip(found, STATES, LIMITS, strict=True):
        assert total == pytest.approx(log_probability([*said, END], state, limit), abs=1e-4)


@pytest.mark.parametrize(
    ("kind", "arguments"), [("greedy", {}), ("beam", {"width": 2, "length_penalty": 1.0})]
)
def test_a_row_does_not_depend_on_those_beside_it(kind, arguments):
    together = searched(kind, **arguments)
    alone = [searched(kind, slice(row, row + 1), **arguments)[0] for row in range(len(STATES))]
    assert [said for said, _ in together] == [said for said, _ in alone]
    np.testing.assert_allclose(
        [total for _, total in together], [total for _, total in alone], atol=1e-5
    )


def test_a_wider_beam_is_no_worse_here():
    totals = [
        sum(total for _, total in searched("beam", width=width, length_penalty=0.0))
        for width in (1, 2, 100)
    ]
    assert totals[0] < totals[1] <= totals[2]
