"""Beam search against exhaustive search on a small decoder with known probabilities."""

import pytest
from decoding.toy_decoder import LIMITS, STATES, assert_rows_independent, decode, exhaustive_search

from zoo.decoding.beam_search import beam_search
from zoo.decoding.greedy_search import greedy_search


@pytest.mark.parametrize("length_penalty", [0.0, 0.6, 1.0, 2.0])
def test_wide_beam_finds_the_best_hypothesis(length_penalty):
    found = decode(beam_search, width=100, length_penalty=length_penalty)
    for (tokens, total), (state,), limit in zip(found, STATES, LIMITS, strict=True):
        expected, log_probability = exhaustive_search(state, limit, length_penalty)
        assert tokens == expected
        assert total == pytest.approx(log_probability, abs=1e-4)


def test_larger_length_penalty_prefers_longer_hypotheses():
    short, long = (decode(beam_search, width=100, length_penalty=penalty) for penalty in (0.0, 2.0))
    assert sum(len(tokens) for tokens, _ in short) < sum(len(tokens) for tokens, _ in long)


@pytest.mark.parametrize("length_penalty", [0.0, 1.0])
def test_beam_of_one_equals_greedy_search(length_penalty):
    assert decode(beam_search, width=1, length_penalty=length_penalty) == decode(greedy_search)


def test_beam_search_result_does_not_depend_on_other_rows():
    assert_rows_independent(beam_search, width=2, length_penalty=1.0)


def test_wider_beam_does_not_lower_the_log_probability():
    totals = [
        sum(total for _, total in decode(beam_search, width=width, length_penalty=0.0))
        for width in (1, 2, 100)
    ]
    assert totals[0] < totals[1] <= totals[2]
