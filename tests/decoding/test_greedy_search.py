"""Greedy search on a small decoder with known probabilities."""

import pytest
from decoding.toy_decoder import (
    END,
    LIMITS,
    STATES,
    assert_rows_independent,
    decode,
    log_probability,
)

from zoo.decoding.greedy_search import greedy_search


def most_probable_tokens(state, limit):
    tokens = []
    while len(tokens) < limit and END not in tokens:
        tokens.append(max((0, 1, END), key=lambda k: log_probability([*tokens, k], state, limit)))
    return tuple(tokens[:-1])


def test_greedy_search_emits_the_most_probable_token_at_each_step():
    found = decode(greedy_search)
    for (tokens, total), (state,), limit in zip(found, STATES, LIMITS, strict=True):
        assert tokens == most_probable_tokens(state, limit)
        assert total == pytest.approx(log_probability([*tokens, END], state, limit), abs=1e-4)


def test_greedy_search_result_does_not_depend_on_other_rows():
    assert_rows_independent(greedy_search)
