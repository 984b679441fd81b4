"""Byte-pair units: what is learned, and that the graph applies it as plain Python would."""

import json

import pytest
import tensorflow as tf

import zoo
from tasks.text import subwords
from tasks.text.features import LabelledText, TextTokens
from zoo.errors import RequestError

TEXTS = [
    " the cat sat on the mat, the cats sat.",
    " l'homme a vu le chat et les chats qu'il n'aimait pas.",
    " aujourd'hui les hommes ont 1234 chats !",
    " the thethe banana bananas",
]
UNSEEN = [
    "",
    " ",
    "a",
    " Zzyzx's café ??!!",
    " hommes",
    "\tthe  \n cat",
    "👨‍👩‍👧 the 字字 é́",
    " \u202fthe\u00a0cat" + "na" * 40,
]


def plain(piece, merges):
    """The units of a piece: the leftmost pair of the lowest rank, again and again."""
    ranks, units = {merge: rank for rank, merge in enumerate(merges)}, list(piece)
    while True:
        found = [
            (ranks[f"{left} {right}"], place)
            for place, (left, right) in enumerate(zip(units, units[1:], strict=False))
            if f"{left} {right}" in ranks
        ]
        if not found:
            return units
        place = min(found)[1]
        units[place : place + 2] = ["".join(units[place : place + 2])]


def naive(pieces, count):
    """The first merges of a list of pieces, every pair counted anew each time."""
    words, merges = [list(piece) for piece in pieces], []
    for _ in range(count):
        pairs = [pair for word in words for pair in zip(word, word[1:], strict=False)]
        best = min(set(pairs), key=lambda pair: (-pairs.count(pair), pair))
        merges.append(" ".join(best))
        for word in words:
            place = 0
            while place < len(word) - 1:
                if (word[place], word[place + 1]) == best:
                    word[place : place + 2] = ["".join(best)]
                place += 1
    return merges


def pieces_of(texts):
    return [
        [piece.decode() for piece in row] for row in subwords.pieces(tf.constant(texts)).to_list()
    ]


@pytest.fixture(scope="module")
def merges():
    return subwords.learn(tf.constant(TEXTS), 90)


@pytest.fixture(scope="module")
def in_graph(merges):
    cutter = subwords.Subwords(merges)
    return tf.function(
        cutter.cut, input_signature=[tf.TensorSpec((None,), tf.string)], autograph=False
    )


def test_pieces_are_runs_of_letters_digits_and_marks_with_the_space_before():
    assert pieces_of([" l'homme n'a  vu\n10 chats?!", ""]) == [
        [" l'", "homme", " n'", "a", " ", " vu", "\n", "10", " chats", "?!"],
        [],
    ]


def test_a_long_run_is_cut():
    width = subwords.MAX_CHARACTERS
    assert pieces_of(["é" * (2 * width + 1)]) == [["é" * width, "é" * width, "é"]]


def test_merges_are_those_of_counting_anew(merges):
    pieces = [piece for row in pieces_of(TEXTS) for piece in row]
    assert len(merges) > 20
    assert merges == naive(pieces, len(merges))


def test_merges_do_not_depend_on_the_order_of_texts(merges):
    assert subwords.learn(tf.constant(TEXTS[::-1]), 90) == merges


def test_no_more_units_than_asked_for_and_no_pair_that_occurs_once(merges):
    for size in (10, 40, 50):
        learned = subwords.learn(tf.constant(TEXTS), size)
        assert learned == merges[: len(learned)]
        assert len(set(subwords.units(tf.constant(TEXTS), learned))) == max(
            size, len(set("".join(TEXTS)))
        )
    assert subwords.learn(tf.constant([" abc"]), 100) == []
    assert subwords.learn(tf.constant([" abc abc"]), 100) == ["  a", " a b", " ab c"]


@pytest.mark.parametrize(
    "texts", [TEXTS, UNSEEN, TEXTS[:1], [""], []], ids=["seen", "unseen", "one", "empty", "none"]
)
def test_the_graph_cuts_as_plain_python_does(merges, in_graph, texts):
    wanted = [
        [unit for piece in row for unit in plain(piece, merges)]
        for row in pieces_of(tf.constant(texts, tf.string))
    ]
    found = [
        [unit.decode() for unit in row] for row in in_graph(tf.constant(texts, tf.string)).to_list()
    ]
    assert found == wanted
    assert ["".join(row) for row in found] == texts


def test_outside_a_graph_texts_are_cut_alike(merges, in_graph):
    assert (
        subwords.Subwords(merges).cut(tf.constant(TEXTS)).to_list()
        == in_graph(tf.constant(TEXTS)).to_list()
    )


def test_equal_pairs_merge_from_the_left():
    assert subwords.Subwords(["a a", "aa aa"]).cut(tf.constant(["aaaaa", "aaa"])).to_list() == [
        [b"aaaa", b"a"],
        [b"aa", b"a"],
    ]


def test_what_is_no_utf8_does_no_harm(merges):
    assert subwords.Subwords(merges).cut(tf.constant([b"the\xffcat \xc3("])).nrows() == 1


def test_no_merges_leave_characters():
    assert subwords.Subwords([]).cut(tf.constant(["né"])).to_list() == [[b"n", "é".encode()]]


@pytest.mark.parametrize("kind", [TextTokens, LabelledText])
def test_other_tasks_take_subwords_too(kind):
    examples = [{"text": text.strip(), "label": "a"} for text in TEXTS]
    config = zoo.Config(token="subword", vocabulary_size=60)
    features = kind.fit(config, examples)
    features = kind(config, json.loads(json.dumps(features.vocabularies)))
    assert 45 < len(features.tables["tokens"]) <= 62
    text = "the homme sat, banana !"
    ids = features.encode(features.split(tf.constant([text])))["tokens"]
    assert 1 not in ids.to_list()[0]
    assert ids.row_lengths()[0] < len(text)
    assert (
        tf.strings.reduce_join(features.tables["tokens"].texts(ids.to_tensor()))
        .numpy()
        .decode()
        .strip()
        == text
    )


def test_a_task_that_reads_no_subwords_says_which_do():
    with pytest.raises(RequestError, match="classification, .*language_model, translation"):
        zoo.build(zoo.Config(task="pos_tagging", token="subword"), {})


def test_subwords_without_their_merges_are_refused():
    with pytest.raises(RequestError, match="lacks merges"):
        zoo.build(zoo.Config(task="language_model", token="subword"), {"tokens": ["a"]})
