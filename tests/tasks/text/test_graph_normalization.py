"""Normalization in the graph equals `unicodedata.normalize`."""

import random
import sys
import unicodedata

import pytest
import tensorflow as tf

from tasks.text.graph_normalization import Normalizer, _tables


@pytest.fixture(scope="module")
def normalize():
    normalizer = Normalizer()
    function = tf.function(normalizer.__call__, input_signature=[tf.TensorSpec((None,), tf.string)])
    return lambda texts: [
        text.decode() for text in function(tf.constant(texts, tf.string, (len(texts),))).numpy()
    ]


def expected(texts):
    return [unicodedata.normalize("NFC", text) for text in texts]


def test_each_code_point_and_its_decomposition_is_composed(normalize):
    codes = [code for code in range(1, sys.maxunicode + 1) if not 0xD800 <= code < 0xE000]
    texts = ["a" + chr(code) for code in codes]
    texts = [text for text in texts if not unicodedata.is_normalized("NFC", text)]
    texts += [unicodedata.normalize("NFD", text) for text in map(chr, codes)]
    texts = list(dict.fromkeys(texts))
    assert normalize(texts) == expected(texts)


def test_random_sequences_of_marks_and_parts_are_composed(normalize):
    draw, tables = random.Random(5), _tables()
    firsts = [first for first, _ in tables.compositions]
    seconds = [second for _, second in tables.compositions]
    hangul = [0x1100, 0x1112, 0x1161, 0x1175, 0x11A7, 0x11A8, 0x11C2, 0xAC00, 0xAC01, 0xD7A3]
    groups = (firsts, seconds, list(tables.marks), list(tables.decompositions), hangul, [32, 97])
    texts = [
        "".join(chr(draw.choice(draw.choice(groups))) for _ in range(draw.randint(1, 12)))
        for _ in range(20_000)
    ]
    texts += ["a" + "\u0301" * 2000 + "\u0323" * 50, "\u0301a", "e\u0301" * 3000, "\u0345\u0301"]
    assert normalize(texts) == expected(texts)


@pytest.mark.parametrize("texts", [[], [""], ["", "plain", "日本 çay\x00"], ["\ufeffe\u0301"]])
def test_empty_and_normalized_texts_are_kept(texts, normalize):
    assert normalize(texts) == expected(texts)


def test_text_that_is_not_utf8_is_kept():
    texts = [b"e\xcc\x81\xff", b"\xcc", "e\u0301".encode()]
    assert Normalizer()(tf.constant(texts)).numpy().tolist() == [*texts[:2], "é".encode()]
