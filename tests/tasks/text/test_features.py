"""Ragged string tensors, and vocabularies stored as JSON."""

import json

import tensorflow as tf

import zoo
from tasks.text.features import pad_empty, ragged
from tasks.text.texts import TextTokens


def test_byte_vocabulary_is_stored_as_json():
    tokens = TextTokens.fit(zoo.Config(token="byte"), ())
    assert len(tokens.tables["tokens"]) == 258
    restored = TextTokens(tokens.config, json.loads(json.dumps(tokens.vocabularies)))
    assert restored.vocabularies == tokens.vocabularies
    all_bytes = bytes(range(256))
    for features in (tokens, restored):
        ids = features.encode(features.tokenize(tf.constant([all_bytes])))["tokens"]
        assert ids.to_list() == [list(range(2, 258))]
        texts = features.detokenize(features.tables["tokens"].texts(ids))
        assert texts.numpy()[0] == all_bytes


def test_ragged_keeps_rows_and_bytes():
    assert ragged([["a", "é"], [], ["\udcff"]]).to_list() == [[b"a", "é".encode()], [], [b"\xff"]]


def test_pad_empty_gives_empty_rows_one_space():
    assert pad_empty(ragged([["a", "b"], [], ["c"]])).to_list() == [[b"a", b"b"], [b" "], [b"c"]]
