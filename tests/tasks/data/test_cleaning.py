"""Normalization of the texts that are read."""

import unicodedata

from tasks.data.roles import READS
from tasks.data.sources import read

CLASSES, WORDS, PAIRS = READS["labelled text"], READS["tagged words"], READS["pairs of texts"]
CAFE = "café"
DECOMPOSED = unicodedata.normalize("NFD", CAFE)


def test_composed_and_decomposed_words_are_one_word_and_one_tag(write_file):
    path = write_file("a.tsv", f"{CAFE}\t{CAFE}\n{DECOMPOSED}\t{DECOMPOSED}\nx\tX\n\n" * 10)
    corpus = read(WORDS, data=path)
    assert corpus.splits["train"][0] == {"words": [CAFE, CAFE, "x"], "tags": [CAFE, CAFE, "X"]}
    line = corpus.summary.line()
    assert "20 texts or words with decomposed letters (NFD) normalized to NFC" in line
    assert "20 texts or words with composed letters (NFC) beside them" in line


def test_labels_texts_and_parallel_files_are_normalized(write_file):
    path = write_file("a.csv", f"text,label\n{DECOMPOSED} a,{DECOMPOSED}\nb,y\n")
    three = (path, path, path)
    assert read(CLASSES, data=three).splits["train"][0] == {"text": f"{CAFE} a", "label": CAFE}
    paths = [write_file(f"a.{end}", f"{DECOMPOSED} {end}\n" * 10) for end in ("fr", "en")]
    assert read(PAIRS, data=paths).splits["test"] == [
        {"source": f"{CAFE} fr", "target": f"{CAFE} en"}
    ]


def test_composed_file_has_no_remark(write_file):
    path = write_file("a.tsv", f"{CAFE}\tX\nb\tY\n\n" * 10)
    assert "NF" not in read(WORDS, data=path).summary.line()


def test_long_texts_are_normalized(write_file):
    path = write_file("a.txt", (DECOMPOSED + " ") * 100)
    texts = read(READS["text"], data=path).splits
    assert all(unicodedata.is_normalized("NFC", each[0]["text"]) for each in texts.values())
