"""Files of the user: paths, folders, formats."""

import gzip

import pytest

from tasks.data.sources import Role, read

TEXT = (Role("text", "text", ("text",)),)
WORDS = (Role("words", "words", ("tokens", "form")), Role("tags", "tags", ("upos", "pos")))
CLASSES = (Role("text", "text", ("text",)), Role("label", "label", ("label", "intent_name")))
PAIRS = (Role("source", "text", ("source",)), Role("target", "text", ("target",)))
NUMBERS = (Role("vectors", "vectors", ("vectors",)), Role("target", "number", ("target",)))
TAGGED = "a\tDET\tX1\ncat\tNOUN\tX2\n\nsits\tVERB\tX3\n"


def test_text_file_is_one_example_whose_last_tenths_are_held_out(write_file, read_error):
    text = "".join(chr(ord("a") + number) for number in range(20)) * 5
    corpus = read(TEXT, data=(write_file("all.txt", "\ufeff" + text.replace("d", "\r\n")),))
    text = text.replace("d", "\n")
    expected = {"train": text[:80], "validation": text[80:90], "test": text[90:]}
    assert corpus.splits == {split: [{"text": part}] for split, part in expected.items()}
    assert corpus.name == "all.txt" and corpus.found == {"text": "text"}
    assert "'validation'" in read_error(TEXT, data=(write_file("short.txt", "abc"),))


def test_three_files_are_train_validation_and_test(write_file, read_error):
    paths = [write_file(f"{name}.txt.gz", gzip.compress(name.encode())) for name in "abc"]
    corpus = read(TEXT, data=paths)
    texts = [corpus.splits[split][0]["text"] for split in ("train", "validation", "test")]
    assert texts == ["a", "b", "c"]
    assert corpus.name == "a.txt.gz, b.txt.gz, c.txt.gz"
    message = read_error(TEXT, data=paths[:2])
    assert "2 paths" in message and "three files" in message


@pytest.mark.parametrize("word", ["dev", "valid", "validation", "VAL"])
def test_split_of_a_file_in_a_folder_is_a_word_of_its_name(write_file, word):
    folder = write_file("d/en-train_1.tsv", TAGGED).parent
    write_file(f"d/en-{word}.tsv", "b\tX\n")
    write_file("d/en_test.tsv", "c\tY\n")
    write_file("d/latest.tsv", "no\tsplit\n")
    write_file("d/train.md", "not data")
    splits = read(WORDS, data=(folder,)).splits
    assert splits["train"] == [
        {"words": ["a", "cat"], "tags": ["DET", "NOUN"]},
        {"words": ["sits"], "tags": ["VERB"]},
    ]
    assert splits["validation"][0]["words"] == ["b"]
    assert splits["test"][0]["words"] == ["c"]


def test_folder_with_ambiguous_files_is_rejected(write_file, read_error):
    folder = write_file("d/my_train.tsv", TAGGED).parent
    write_file("d/train.tsv", TAGGED)
    message = read_error(WORDS, data=(folder,))
    assert "my_train.tsv" in message and "both train" in message
    (folder / "my_train.tsv").unlink()
    (folder / "train.tsv").rename(folder / "train-test.tsv")
    assert "several splits" in read_error(WORDS, data=(folder,))
    (folder / "train-test.tsv").rename(folder / "corpus.tsv")
    message = read_error(WORDS, data=(folder,))
    assert "corpus.tsv" in message and "'train'" in message


def test_folder_of_tables_of_pairs_is_read(write_file):
    for split in ("train", "dev", "test"):
        path = write_file(f"corpus/{split}.tsv", f"{split}\tx\n")
    splits = read(PAIRS, data=(path.parent,)).splits
    assert splits["validation"] == [{"source": "dev", "target": "x"}]


def test_format_that_cannot_fill_the_roles_is_rejected(write_file, read_error):
    message = read_error(WORDS, data=(write_file("a.txt", "x"),))
    assert ".conllu or .tsv" in message and "'words' (kind words)" in message
    message = read_error(NUMBERS, data=(write_file("a.csv", "vectors,target\n1,2\n"),))
    assert "name a dataset" in message
    message = read_error(CLASSES, data=(write_file("a.txt", "x"),))
    assert ".tsv or .csv or .jsonl" in message
    two_texts = (Role("source", "text"), Role("target", "text"))
    message = read_error(two_texts, data=(write_file("a.txt", "x"),))
    assert "2 roles" in message and ".csv, .tsv or .jsonl" in message


def test_unknown_extension_is_rejected(write_file, read_error):
    message = read_error(TEXT, data=(write_file("a.docx", "x"),))
    assert "'.docx'" in message and ".txt, .conllu, .tsv, .csv, .jsonl" in message
