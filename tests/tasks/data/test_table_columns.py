"""Header lines of tables, and tables without one."""

import pytest

from tasks.data.roles import READS
from tasks.data.sources import read

CLASSES, PAIRS = READS["labelled text"], READS["pairs of texts"]
LABELS = ("pos", "neg", "pos")
ROWS = "".join(f'{LABELS[k % 3]},"I like film {k}, really a lot"\n' for k in range(30))


def test_file_without_a_header_is_refused_with_the_flag_that_helps(write_file, read_error):
    message = read_error(CLASSES, data=write_file("a.csv", ROWS))
    assert "line 1 looks like data: 'pos' is also in column 1 of line 3" in message
    assert "--header=false" in message and """--features='{"label": "NAME"}'""" in message
    # Names that are typed from the first line are not a header either.
    features = {"text": "I like film 0, really a lot", "label": "pos"}
    assert "looks like data" in read_error(
        CLASSES, data=write_file("a.csv", ROWS), features=features
    )


@pytest.mark.parametrize("name", ["a.csv", "a.tsv"])
def test_columns_without_a_header_are_numbers(write_file, name):
    content = ROWS if name == "a.csv" else ROWS.replace(',"', "\t").replace('"', "")
    corpus = read(CLASSES, data=write_file(name, content), header=False)
    assert corpus.found == {"label": "1", "text": "2"}
    assert corpus.splits["train"][0] == {"text": "I like film 0, really a lot", "label": "pos"}
    assert sum(map(len, corpus.splits.values())) == 30
    assert "text column 2 of 2" in corpus.summary.line()


def test_unused_columns_are_named(write_file):
    content = "".join(f"{k % 2},Title {k},A long description {k}\n" for k in range(30))
    corpus = read(CLASSES, data=write_file("a.csv", content), header=False)
    assert corpus.found == {"text": "3", "label": "1"}
    assert "unused column: 2; choose with --features=" in corpus.summary.line()
    corpus = read(CLASSES, data=write_file("a.csv", content), header=False, features={"text": "2"})
    assert corpus.splits["train"][0] == {"text": "Title 0", "label": "0"}


def test_other_files_without_a_header_are_read_like_train(write_file):
    paths = [write_file(f"{name}.csv", ROWS) for name in ("train", "dev", "test")]
    corpus = read(CLASSES, data=paths, header=False)
    assert {len(examples) for examples in corpus.splits.values()} == {30}


def test_header_true_takes_the_first_line_as_it_is(write_file):
    path = write_file("a.csv", "2024,pos\n" + "good,x\nbad,pos\n" * 10)
    corpus = read(CLASSES, data=path, header=True, features={"text": "2024", "label": "pos"})
    assert corpus.splits["train"][0] == {"text": "good", "label": "x"}


def test_column_that_heads_twice_is_refused(write_file, read_error):
    path = write_file("a.csv", "text,label,label\na,b,c\n")
    assert "'label' heads columns 2 and 3" in read_error(CLASSES, data=path)


@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_separator_is_guessed_and_names_may_be_capitalized(write_file, separator):
    rows = "".join(f"so, film {k}{separator}{LABELS[k % 3]}\n" for k in range(30))
    corpus = read(CLASSES, data=write_file("a.csv", f"Text{separator}Label\n{rows}"))
    assert corpus.splits["train"][0] == {"text": "so, film 0", "label": "pos"}
    names = {";": "semicolon", "\t": "tab", "|": "vertical bar"}
    assert corpus.summary.facts["separator"] == names[separator]


def test_column_for_two_roles_is_refused(write_file, read_error):
    path = write_file("a.csv", "text,label\na,b\n")
    message = read_error(CLASSES, data=path, features={"text": "label", "label": "label"})
    assert "'label' for two roles, 'text' and 'label'" in message


def test_pairs_without_a_header_are_columns_in_order(write_file):
    path = write_file("a.tsv", "".join(f"s{k}\tt{k}\n" for k in range(10)))
    assert read(PAIRS, data=path).found == {"source": "1", "target": "2"}


def test_header_of_json_lines_or_a_dataset_is_refused(write_file, read_error):
    path = write_file("a.jsonl", '{"text": "a", "label": "b"}\n')
    assert "no header line" in read_error(CLASSES, data=path, header=True)
    assert "is a dataset" in read_error(CLASSES, dataset="zoo_names", header=True)
