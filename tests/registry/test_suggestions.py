"""Suggestions for a misspelt name."""

from registry.suggestions import closest


def test_at_most_three_names_are_suggested():
    assert len(closest("lstm_e", ["lstm_a", "lstm_b", "lstm_c", "lstm_d", "lstm"])) == 3


def test_exact_match_comes_first():
    assert closest("LSTM-D", ["lstm_a", "lstm_b", "lstm_c", "lstm_d", "lstm"])[0] == "lstm_d"
    assert closest("ab", ["a_b", "ab", "ab_", "a__b"]) == ["a_b", "ab", "ab_"]


def test_kind_at_the_end_of_the_name_is_ignored():
    assert closest("LSTMCell", ["lstm_a", "lstm_d", "lstm"], "cell")[0] == "lstm"


def test_hyphens_and_underscores_are_ignored():
    assert closest("m---g---u---", ["mgu"]) == closest("m___g___u___", ["mgu"]) == ["mgu"]


def test_name_without_a_close_match_gets_no_suggestion():
    assert closest("quite_different", ["mgu", "gru"]) == []
