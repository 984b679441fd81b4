"""Files with a label and a text on each line."""

import pytest

from tasks.data.roles import READS
from tasks.data.sources import read

CLASSES = READS["labelled text"]


@pytest.mark.parametrize("name", ["a.txt", "a.train", "ft.valid", "a.test"])
def test_fasttext_labels_are_read(write_file, name):
    path = write_file(name, "__label__pos I like it\n__label__neg I do not\n" * 10)
    corpus = read(CLASSES, data=path)
    assert corpus.splits["train"][:2] == [
        {"text": "I like it", "label": "pos"},
        {"text": "I do not", "label": "neg"},
    ]
    assert corpus.summary.form == "fastText"


def test_trec_labels_are_read_before_the_colon_or_whole(write_file):
    path = write_file("train_5500.label", "NUM:date When was it ?\nDESC:def What is it ?\n" * 10)
    corpus = read(CLASSES, data=path)
    assert corpus.splits["train"][0] == {"text": "When was it ?", "label": "NUM"}
    assert """--features='{"label": "fine"}'""" in corpus.summary.line()
    corpus = read(CLASSES, data=path, features={"label": "fine"})
    assert corpus.splits["train"][0]["label"] == "NUM:date"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("__label__a __label__b text", "line 2 has 2 labels"),
        ("text", "line 2 has 0 labels"),
        ("__label__ text", "line 2 has 1 labels"),
    ],
)
def test_line_without_exactly_one_label_is_refused(write_file, read_error, line, message):
    path = write_file("a.txt", f"__label__a text\n{line}\n")
    assert message in read_error(CLASSES, data=path)
    path = write_file("b.label", f"NUM:date text\n{line}\n")
    assert "line 2 does not begin with a label" in read_error(CLASSES, data=path)
