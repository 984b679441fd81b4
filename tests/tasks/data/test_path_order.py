"""The order of several paths, and the names of the files."""

import pytest

from tasks.data.roles import READS
from tasks.data.sources import read

WORDS, CLASSES, PAIRS = READS["tagged words"], READS["labelled text"], READS["pairs of texts"]
TABLE = "text,label\n" + "a,x\nb,y\n" * 10


def test_three_files_in_another_order_than_their_names_are_refused(write_file, read_error):
    paths = [write_file(f"{name}.csv", TABLE) for name in ("test", "train", "dev")]
    message = read_error(CLASSES, data=paths)
    assert "gives test.csv as train" in message
    assert f"--data={paths[1]},{paths[2]},{paths[0]}" in message
    assert read(CLASSES, data=[paths[1], paths[2], paths[0]]).splits["train"]


@pytest.mark.parametrize("names", [("train", "test"), ("test", "train")])
def test_validation_is_drawn_from_train_if_only_test_is_given(write_file, names):
    contents = {"train": TABLE, "test": "text,label\nc,x\n"}
    paths = [write_file(f"{name}.csv", contents[name]) for name in names]
    corpus = read(CLASSES, data=paths)
    counts = {split: len(examples) for split, examples in corpus.splits.items()}
    assert counts == {"train": 18, "validation": 2, "test": 1}
    assert "validation held out from train" in corpus.summary.line()
    assert read(CLASSES, data=paths).splits == corpus.splits


def test_two_files_whose_names_do_not_tell_are_refused(write_file, read_error):
    paths = [write_file(f"{name}.csv", TABLE) for name in ("a", "b")]
    assert "names with train and test" in read_error(CLASSES, data=paths)


def parallel_files(write_file, order):
    return [write_file(name, f"{name} 1\n{name} 2\n" * 10) for name in order]


def test_six_files_grouped_by_language_are_refused_with_the_right_order(write_file, read_error):
    order = ["train.en", "val.en", "test.en", "train.de", "val.de", "test.de"]
    paths = parallel_files(write_file, order)
    message = read_error(PAIRS, data=paths)
    right = ["train.en", "train.de", "val.en", "val.de", "test.en", "test.de"]
    folder = paths[0].parent
    assert f"--data={','.join(str(folder / name) for name in right)}" in message
    corpus = read(PAIRS, data=[folder / name for name in right])
    assert corpus.splits["validation"][0] == {"source": "val.en 1", "target": "val.de 1"}


@pytest.mark.parametrize(
    "order",
    [
        ["train.en", "train.de", "val.de", "val.en", "test.en", "test.de"],
        ["test.en", "test.de", "train.en", "train.de", "val.en", "val.de"],
        ["train.en", "test.en"],
        ["train.txt", "test.txt"],
        ["a.en", "b.en", "c.en", "a.de", "b.de", "c.de"],
        ["train.en", "val.en", "train.de", "val.de"],
    ],
)
def test_order_that_the_names_contradict_is_refused(write_file, read_error, order):
    assert "contradict" in read_error(PAIRS, data=parallel_files(write_file, order))


def test_four_files_are_train_and_another_split(write_file):
    order = ["train.en", "train.de", "test.en", "test.de"]
    corpus = read(PAIRS, data=parallel_files(write_file, order))
    assert corpus.splits["test"][0] == {"source": "test.en 1", "target": "test.de 1"}
    assert "validation held out from train" in corpus.summary.line()


def test_direction_of_a_folder_is_stated_and_can_be_chosen(write_file):
    paths = parallel_files(write_file, ["train.de", "train.en", "dev.de", "dev.en"])
    corpus = read(PAIRS, data=paths[0].parent)
    line = corpus.summary.line()
    assert "source lines of train.de, target lines of train.en" in line
    assert """choose it with --features='{"source": "en"}'""" in line
    corpus = read(PAIRS, data=paths[0].parent, features={"source": "en"})
    assert "source lines of train.en" in corpus.summary.line() and "choose" not in str(corpus)
