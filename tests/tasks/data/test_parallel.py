"""Parallel text files."""

import gzip

import pytest

from tasks.data.parallel import read_contents
from tasks.data.sources import Role, read

PAIRS = (Role("source", "text", ("source",)), Role("target", "text", ("target",)))
ROWS = [(f"s{number}", f't « {number} » "x') for number in range(10)]


def pair(source, target):
    return {"source": source, "target": target}


@pytest.mark.parametrize(
    "names",
    [
        ("train.en", "train.fr"),
        ("all.en.txt", "all.fr.txt"),
        ("source.txt", "target.txt"),
        ("x.txt", "y.txt"),
        ("europarl.fr-en.en", "europarl.fr-en.fr"),
        ("en", "fr"),
    ],
)
def test_two_files_are_parallel_line_by_line(write_file, names):
    paths = [
        write_file(name, "".join(row[column] + "\r\n" for row in ROWS))
        for column, name in enumerate(names)
    ]
    corpus = read(PAIRS, data=paths)
    assert corpus.splits["train"] == [pair(*row) for row in ROWS[:8]]
    assert corpus.splits["test"] == [pair(*ROWS[8])]
    assert corpus.name == ", ".join(names)
    # The order of the paths is the direction, unless the names are those of the roles.
    if "source.txt" not in names:
        assert read(PAIRS, data=paths[::-1]).splits["train"][0] == pair(*ROWS[0][::-1])


def test_parallel_files_of_three_splits_may_be_in_a_folder(write_file, read_error):
    paths = [
        write_file(f"corpus/{split}.{language}.gz", gzip.compress(f"{split} {language}\n".encode()))
        for split in ("train", "dev", "test")
        for language in ("en", "de")
    ]
    write_file("corpus/README.md", "no text")
    splits = read(PAIRS, data=paths).splits
    assert splits == {
        "train": [pair("train en", "train de")],
        "validation": [pair("dev en", "dev de")],
        "test": [pair("test en", "test de")],
    }
    folder = paths[0].parent
    # Files of a folder are in alphabetical order.
    assert read(PAIRS, data=(folder,)).found == {"source": "de", "target": "en"}
    corpus = read(PAIRS, data=(folder,), features={"source": "en"})
    assert corpus.splits == splits and corpus.found == {"source": "en", "target": "de"}
    assert "'it'" in read_error(PAIRS, data=(folder,), features={"source": "it"})


def test_different_numbers_of_lines_are_rejected_with_both_counts(write_file, read_error):
    paths = write_file("train.en", "a\nb\nc\n"), write_file("train.fr", "a\nb\n")
    message = read_error(PAIRS, data=paths)
    assert "train.en has 3" in message and "train.fr has 2" in message


def test_two_files_of_one_split_and_language_are_rejected(write_file, read_error):
    for name in ("train.en", "train.fr", "train.old.en"):
        folder = write_file(f"two/{name}", "a\n").parent
    assert "same split and language" in read_error(PAIRS, data=(folder,))


def test_line_without_translation_is_dropped(write_file):
    lines = "\n".join(f"s{number}" for number in range(12))
    paths = write_file("a.en", lines), write_file("a.fr", "\n" + lines.removeprefix("s0\n"))
    examples = sum(read(PAIRS, data=paths).splits.values(), [])
    assert pair("s0", "") not in examples and len(examples) == 11


def test_files_of_one_split_are_read_without_the_others(write_file):
    paths = [write_file(f"new.{language}", f"{language}\n") for language in ("en", "fr")]
    name, contents = read_contents(paths, PAIRS)
    assert name == "new.en, new.fr" and list(contents) == ["train"]
    assert contents["train"].found == {"source": "en", "target": "fr"}
    assert contents["train"].examples == [pair("en", "fr")]
