"""Inspection of a corpus, and the guess of its task."""

import json

import pytest

from tasks.data import files
from tasks.data.guessing import candidates, guess_task
from tasks.data.inspection import inspect
from tasks.data.roles import READS
from zoo.errors import RequestError

CLASSES, WORDS = READS["labelled text"], READS["tagged words"]


def test_inspection_counts_lengths_classes_and_duplicates(write_file):
    train = write_file("train.csv", "text,label\na b c,x\nb,y\nb,x\né,x\n")
    test = write_file("test.csv", "text,label\nb,x\nd e,y\n")
    found = inspect(files.read(CLASSES, [train, test, test]), CLASSES)
    assert found.classes == {
        "train": {"x": 3, "y": 1},
        "validation": {"x": 1, "y": 1},
        "test": {"x": 1, "y": 1},
    }
    lengths = found.lengths["text"]
    assert lengths["train"] == {"least": 1, "median": 1.0, "mean": 1.5, "greatest": 3}
    assert lengths["histogram"] == [[1, 1, 3], [2, 2, 0], [3, 3, 1]] and lengths["unit"] == "words"
    assert found.duplicates == {
        "train": {"within": 1},
        "validation": {"within": 0, "in train": 1},
        "test": {"within": 0, "in train": 1, "in validation": 2},
    }
    assert found.letters == {"ASCII": 7, "other": 1} and found.problem is None
    assert found.examples[0] == {"text": "a b c", "label": "x"} and len(found.examples) == 3
    json.dumps(found.summary)


def test_problem_is_reported_instead_of_raised(write_file):
    path = write_file("a.tsv", "a\tX\nb\tX\n\n" * 10)
    assert inspect(files.read(WORDS, path), WORDS).problem == "every word has the tag 'X'"


@pytest.mark.parametrize(
    ("name", "content", "task"),
    [
        ("a.csv", "text,label\n" + "a,x\nb,y\n" * 10, "classification"),
        ("a.tsv", "label\ttext\n" + "x\ta\ny\tb\n" * 10, "classification"),
        ("a.txt", "__label__x a\n__label__y b\n" * 10, "classification"),
        ("a.tsv", "a\tX\nb\tY\n\n" * 10, "pos_tagging"),
        ("a.iob", "a X\nb Y\n\n" * 10, "pos_tagging"),
        ("a.tsv", "".join(f"Hello {k}.\tBonjour {k}.\n" for k in range(10)), "translation"),
        ("a.csv", "source,target\n" + "a,x\nb,y\n" * 10, "translation"),
        ("a.txt", "It was a dark night.\nThe end.\n" * 10, "language_model"),
        ("a.jsonl", '{"text": "some text"}\n' * 10, "language_model"),
    ],
)
def test_task_is_guessed_from_the_file(write_file, name, content, task):
    assert guess_task(candidates(), [write_file(name, content)])[0] == task


def test_failure_is_that_of_the_first_fitting_format(write_file):
    path = write_file("a.csv", "text,label,label\na,b,c\n")
    with pytest.raises(RequestError, match="heads columns 2 and 3"):
        guess_task(candidates(), [path])
