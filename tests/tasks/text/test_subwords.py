"""Byte-pair encoding: merges and tokenization against plain Python implementations."""

import pytest
import tensorflow as tf

from tasks.text import subwords

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


def tokenize_in_python(piece, merges):
    """Merge the leftmost pair of lowest rank in a piece, until no pair has a rank."""
    ranks, tokens = {merge: rank for rank, merge in enumerate(merges)}, list(piece)
    while True:
        found = [
            (ranks[f"{left} {right}"], index)
            for index, (left, right) in enumerate(zip(tokens, tokens[1:], strict=False))
            if f"{left} {right}" in ranks
        ]
        if not found:
            return tokens
        index = min(found)[1]
        tokens[index : index + 2] = ["".join(tokens[index : index + 2])]


def learn_in_python(pieces, count):
    """Return the first `count` merges of a list of pieces; all pairs are counted for each merge."""
    words, merges = [list(piece) for piece in pieces], []
    for _ in range(count):
        pairs = [pair for word in words for pair in zip(word, word[1:], strict=False)]
        best = min(set(pairs), key=lambda pair: (-pairs.count(pair), pair))
        merges.append(" ".join(best))
        for word in words:
            index = 0
            while index < len(word) - 1:
                if (word[index], word[index + 1]) == best:
                    word[index : index + 2] = ["".join(best)]
                index += 1
    return merges


def decoded(ragged):
    return [[text.decode() for text in row] for row in ragged.to_list()]


def pieces_of(texts):
    return decoded(subwords.split_pieces(tf.constant(texts, tf.string)))


@pytest.fixture(scope="module")
def merges():
    return subwords.learn_merges(tf.constant(TEXTS), 90)


@pytest.fixture(scope="module")
def in_graph(merges):
    return tf.function(
        subwords.SubwordTokenizer(merges).tokenize,
        input_signature=[tf.TensorSpec((None,), tf.string)],
        autograph=False,
    )


def test_pieces_are_runs_of_letters_digits_or_marks_with_a_leading_space():
    assert pieces_of([" l'homme n'a  vu\n10 chats?!", ""]) == [
        [" l'", "homme", " n'", "a", " ", " vu", "\n", "10", " chats", "?!"],
        [],
    ]


def test_long_run_is_split():
    width = subwords.MAX_CHARACTERS
    assert pieces_of(["é" * (2 * width + 1)]) == [["é" * width, "é" * width, "é"]]


def test_merges_match_a_plain_python_implementation(merges):
    pieces = [piece for row in pieces_of(TEXTS) for piece in row]
    assert len(merges) > 20
    assert merges == learn_in_python(pieces, len(merges))


def test_merges_do_not_depend_on_the_order_of_texts(merges):
    assert subwords.learn_merges(tf.constant(TEXTS[::-1]), 90) == merges


@pytest.mark.parametrize("size", [10, 40, 50])
def test_number_of_subwords_is_limited(merges, size):
    learned = subwords.learn_merges(tf.constant(TEXTS), size)
    assert learned == merges[: len(learned)]
    distinct = set(subwords.all_subwords(tf.constant(TEXTS), learned))
    assert len(distinct) == max(size, len(set("".join(TEXTS))))


def test_pairs_that_occur_once_are_not_merged():
    assert subwords.learn_merges(tf.constant([" abc"]), 100) == []
    merges = ["  a", " a b", " ab c"]
    assert subwords.learn_merges(tf.constant([" abc abc"]), 100) == merges
    assert subwords.learn_merges(tf.constant([" abc abc"]), None) == merges


@pytest.mark.parametrize(
    "texts", [TEXTS, UNSEEN, TEXTS[:1], [""], []], ids=["seen", "unseen", "one", "empty", "none"]
)
def test_graph_tokenizes_like_plain_python(merges, in_graph, texts):
    expected = [
        [token for piece in row for token in tokenize_in_python(piece, merges)]
        for row in pieces_of(texts)
    ]
    tokens = decoded(in_graph(tf.constant(texts, tf.string)))
    assert tokens == expected
    assert ["".join(row) for row in tokens] == texts


def test_eager_tokenization_matches_the_graph(merges, in_graph):
    texts = tf.constant(TEXTS)
    eager = subwords.SubwordTokenizer(merges).tokenize(texts)
    assert eager.to_list() == in_graph(texts).to_list()


def test_equal_pairs_merge_from_the_left():
    tokenizer = subwords.SubwordTokenizer(["a a", "aa aa"])
    assert tokenizer.tokenize(tf.constant(["aaaaa", "aaa"])).to_list() == [
        [b"aaaa", b"a"],
        [b"aa", b"a"],
    ]


def test_invalid_utf8_is_tokenized(merges):
    tokenizer = subwords.SubwordTokenizer(merges)
    assert tokenizer.tokenize(tf.constant([b"the\xffcat \xc3("])).nrows() == 1


def test_tokenizer_without_merges_returns_characters():
    tokens = subwords.SubwordTokenizer([]).tokenize(tf.constant(["né"]))
    assert tokens.to_list() == [[b"n", "é".encode()]]


def test_space_is_prepended_to_nonempty_texts():
    texts = subwords.prepend_space(tf.constant(["a b", "\na", ""]))
    assert texts.numpy().tolist() == [b" a b", b" \na", b""]
