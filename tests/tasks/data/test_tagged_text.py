"""Sentences of tagged words: CoNLL-U, and two columns with a tab between them."""

import pytest

from tasks.data.sources import Role, read

WORDS = (Role("words", "words", ("tokens", "form")), Role("tags", "tags", ("upos", "pos")))
TAGGED = "a\tDET\tX1\ncat\tNOUN\tX2\n\nsits\tVERB\tX3\n"
EMPTY = "\t_" * 5
CONLLU = (
    "# text = one\n"
    f"1-2\tdu\t_\t_\t_{EMPTY}\n"
    f"1\tde\t_\tADP\tP{EMPTY}\n"
    f"2\tle\t_\tDET\tD{EMPTY}\n"
    f"2.1\tx\t_\tX\t_{EMPTY}\n"
    "\n"
    f"1\tLe\t_\tDET\tD{EMPTY}\n"
)


def three(path):
    return (path, path, path)


def test_conllu_file_is_read_with_the_requested_tag_column(write_file, read_error):
    path = write_file("a.conllu", CONLLU)
    corpus = read(WORDS, data=three(path))
    assert [example["words"] for example in corpus.splits["test"]] == [["de", "le"], ["Le"]]
    assert [example["tags"] for example in corpus.splits["test"]] == [["ADP", "DET"], ["DET"]]
    assert corpus.found == {"words": "form", "tags": "upos"}
    corpus = read(WORDS, data=three(path), features={"tags": "xpos"})
    assert corpus.splits["test"][0]["tags"] == ["P", "D"]
    message = read_error(WORDS, data=three(path), features={"tags": "lemma"})
    assert "'lemma'" in message and "xpos: XPOS" in message


def test_conllu_column_without_tags_is_rejected(write_file, read_error):
    path = write_file("b.conllu", f"1\tde\t_\tADP\t_{EMPTY}\n")
    message = read_error(WORDS, data=three(path), features={"tags": "xpos"})
    assert "'xpos' is '_' throughout" in message


@pytest.mark.parametrize(
    ("line", "fragment"),
    [
        ("1\tde\tADP", "3 columns"),
        ("x\tde" + "\t_" * 8, "'x', which is not a CoNLL-U word index"),
        ("1\t" + "\t_" * 8, "empty FORM"),
    ],
)
def test_malformed_conllu_line_is_rejected_with_its_number(write_file, read_error, line, fragment):
    path = write_file("a.conllu", CONLLU + "\n" + line + "\n")
    message = read_error(WORDS, data=three(path))
    assert f"{path} line 9" in message and fragment in message and "Correct" in message


def test_further_columns_of_tagged_words_are_selected_by_number(write_file, read_error):
    path = write_file("a.tsv", TAGGED)
    assert read(WORDS, data=three(path)).found == {"words": "1", "tags": "2"}
    corpus = read(WORDS, data=three(path), features={"tags": "3"})
    assert corpus.splits["train"][0]["tags"] == ["X1", "X2"]
    message = read_error(WORDS, data=three(path), features={"tags": "4"})
    assert "'4'" in message and "3: column" in message


@pytest.mark.parametrize("line", ["word", "word\t", "\ttag"])
def test_malformed_tagged_line_is_rejected_with_its_number(write_file, read_error, line):
    path = write_file("a.tsv", TAGGED + "\n" + line + "\n")
    message = read_error(WORDS, data=three(path))
    assert f"{path} line 6" in message and "word TAB tag" in message
