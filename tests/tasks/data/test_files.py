"""The corpus of files: its summary, and files that are read once."""

import os

from tasks.data import files, readers
from tasks.data.roles import READS
from tasks.data.summary import Summary

WORDS, CLASSES, TEXT = READS["tagged words"], READS["labelled text"], READS["text"]
TABLE = "text,label\n" + "a,x\nb,y\n" * 10


def test_summary_survives_json_and_becomes_rows(write_file):
    summary = files.read(CLASSES, write_file("a.csv", TABLE + " ,x\n")).summary
    assert Summary.from_json(summary.to_json()) == summary
    rows = dict(summary.rows())
    assert rows["source"] == "a.csv" and rows["separator"] == "comma" and rows["header"] == "line 1"
    assert rows["label"] == "column 'label'" and rows["distinct labels"] == "2"
    assert "1 example with an empty value skipped" in summary.line()
    assert summary.line().startswith("read a.csv: text column 'text', label column 'label'; ")


def test_lengths_of_a_text_are_characters(write_file):
    line = files.read(TEXT, write_file("a.txt", "x" * 1000)).summary.line()
    assert line.startswith("read a.txt: text the whole file; 800 / 100 / 100 characters; ")


def test_unchanged_files_are_read_once(write_file, monkeypatch):
    path, calls = write_file("a.csv", TABLE), []
    read_contents = readers.read_contents
    monkeypatch.setattr(readers, "read_contents", lambda *a: calls.append(a) or read_contents(*a))
    first = files.read(CLASSES, path)
    first.splits["train"] = []
    assert files.read(CLASSES, path).splits["train"] and len(calls) == 1
    write_file("a.csv", TABLE.replace("b,y", "c,y"))
    os.utime(path, ns=(1, 1))
    assert files.read(CLASSES, path).splits["train"][1]["text"] == "c" and len(calls) == 2
    files.read(CLASSES, path, {"label": "text", "text": "label"})
    assert len(calls) == 3


def test_new_file_in_a_folder_is_noticed(write_file):
    folder = write_file("d/train.csv", TABLE).parent
    assert len(files.read(CLASSES, folder).splits["test"]) == 2
    write_file("d/test.csv", "text,label\na,x\n")
    assert len(files.read(CLASSES, folder).splits["test"]) == 1


def test_words_without_a_tag_are_counted(write_file):
    row = "{}\t{}\t_\t{}\tX{}" + "\t_" * 5 + "\n"
    sentence = row.format(1, "the", "DET", 1) + row.format(2, "ca", "_", 2) + "\n"
    corpus = files.read(WORDS, write_file("a.conllu", sentence * 9 + row.format(1, "a", "NOUN", 3)))
    assert corpus.splits["train"][0]["tags"] == ["DET", ""]
    assert "9 words without a tag ('_') neither trained on nor scored" in corpus.summary.line()
    assert corpus.summary.classes == 1
