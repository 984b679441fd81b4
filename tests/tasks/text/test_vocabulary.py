"""Vocabularies: tokens to ids and back."""

import tensorflow as tf

from tasks.text.vocabulary import Vocabulary, frequent_tokens


def listed(tensor):
    return tensor.numpy().tolist()


def test_vocabulary_reserves_ids_for_padding_and_unknown_tokens():
    table = Vocabulary(["b", "ä", "a"])
    assert len(table) == 5
    assert listed(table.ids(tf.constant(["b", "ä", "a", "z", ""]))) == [2, 3, 4, 1, 1]
    assert listed(table.texts(tf.constant([0, 1, 2, 3, 4]))) == [b"", b"", b"b", "ä".encode(), b"a"]


def test_label_ids_begin_with_zero_and_unknown_label_is_minus_one():
    table = Vocabulary(["no", "yes"], reserved=False)
    assert len(table) == 2
    assert listed(table.ids(tf.constant(["yes", "no", "maybe", ""]))) == [1, 0, -1, -1]
    assert listed(table.texts(tf.constant([1, 0]))) == [b"yes", b"no"]


def test_empty_vocabulary_maps_every_token_to_unknown():
    table = Vocabulary([])
    assert len(table) == 2
    assert listed(table.ids(tf.constant(["a", ""]))) == [1, 1]


def test_frequent_tokens_are_sorted_by_frequency_and_then_by_text():
    assert frequent_tokens("banana") == ["a", "n", "b"]
    assert frequent_tokens("banana", min_count=2) == ["a", "n"]
    assert frequent_tokens("cabcab", max_size=2) == ["a", "b"]
