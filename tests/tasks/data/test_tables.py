"""Tables of texts, labels and numbers: CSV, TSV, JSON lines."""

import gzip
import json

import pytest

from tasks.data.sources import Role, read

CLASSES = (Role("text", "text", ("text",)), Role("label", "label", ("label", "intent_name")))
SCORES = (Role("text", "text", ("text",)), Role("score", "number", ("score",)))
PAIRS = (Role("source", "text", ("source",)), Role("target", "text", ("target",)))
ROWS = [(f"s{number}", f't « {number} » "x') for number in range(10)]


def three(path):
    return (path, path, path)


def pair(source, target):
    return {"source": source, "target": target}


def test_csv_tsv_and_json_lines_give_the_same_examples(write_file):
    expected = [{"text": 'say "a, b"', "label": "pos"}, {"text": "two\nlines", "label": "1"}]
    table = 'id, label,text\n1,pos,"say ""a, b"""\n2,1,"two\nlines"\n'
    path = write_file("a.csv", "\ufeff" + table)
    assert read(CLASSES, data=three(path)).splits["test"] == expected
    lines = [{"text": 'say "a, b"', "label": "pos"}, {"label": "1", "text": "two\nlines\u2028"}]
    content = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines) + "\n\n"
    expected[1]["text"] += "\u2028"
    path = write_file("a.jsonl", content)
    assert read(CLASSES, data=three(path)).splits["test"] == expected
    path = write_file("a.tsv", 'label\ttext\nneg\t"quoted\n')
    assert read(CLASSES, data=three(path)).splits["test"] == [{"text": '"quoted', "label": "neg"}]


def test_columns_are_matched_by_preferred_or_requested_name(write_file, read_error):
    path = write_file("a.csv", "text,score,stars\ngood,4.5,5\nbad,-1e2,1\n")
    assert read(SCORES, data=three(path)).splits["train"][1] == {"text": "bad", "score": -100.0}
    corpus = read(SCORES, data=three(path), features={"score": "stars"})
    assert corpus.splits["train"][0]["score"] == 5.0
    message = read_error(CLASSES, data=three(path))
    assert "'label'" in message and "text: column, score: column, stars: column" in message
    assert "'mark'" in read_error(SCORES, data=three(path), features={"score": "mark"})


FIRST = '{"text": "a", "label": "b"}\n'


@pytest.mark.parametrize(
    ("name", "content", "fragments"),
    [
        ("a.csv", "text,label\na,b\nc\n", ("line 3", "1 columns", "text, label")),
        ("a.csv", 'text,label\na,b\n"c,d\n', ("line 3", "quotes")),
        ("a.csv", "text,label\na,\n", ("line 2", "'label' is ''")),
        ("a.csv", "text,label\n", ("no example",)),
        ("a.jsonl", FIRST + '{"text": "a"}\n', ("line 2", "no 'label'")),
        ("a.jsonl", FIRST + '{"text": 3, "label": "b"}\n', ("line 2", "'text' is 3")),
        ("a.jsonl", '{"text": "a", "label": null}\n', ("line 1", "'label' is None")),
        ("a.jsonl", FIRST + '{"text"\n', ("line 2", "not JSON", "one object")),
        ("a.jsonl", "[1, 2]\n", ("line 1", "not a JSON object")),
    ],
)
def test_malformed_table_is_rejected_with_the_line(
    write_file, read_error, name, content, fragments
):
    path = write_file(name, content)
    message = read_error(CLASSES, data=three(path))
    assert str(path) in message and all(fragment in message for fragment in fragments), message


@pytest.mark.parametrize("value", ["many", "nan", ""])
def test_value_that_is_not_a_finite_number_is_rejected(write_file, read_error, value):
    path = write_file("a.csv", f"text,score\na,1\nb,{value}\n")
    message = read_error(SCORES, data=three(path))
    assert f"{path} line 3" in message and repr(value) in message


@pytest.mark.parametrize("header", ["", "source\ttarget\tby\n"])
def test_tsv_file_of_pairs_needs_no_header(write_file, header):
    lines = header + "\n".join(f"{source}\t{target}\tsomebody" for source, target in ROWS)
    train = [pair(*row) for row in ROWS[:8]]
    for name, content in (
        ("pairs.tsv", lines.encode()),
        ("pairs.tsv.gz", gzip.compress(lines.encode())),
    ):
        path = write_file(name, content)
        assert read(PAIRS, data=(path,)).splits["train"] == train
    features = {"source": "by", "target": "source"} if header else {"source": "3", "target": "1"}
    corpus = read(PAIRS, data=(path,), features=features)
    assert corpus.splits["train"][0] == pair("somebody", "s0")


def test_first_line_with_the_requested_names_is_a_header(write_file, read_error):
    features = {"source": "de", "target": "en"}
    for name, separator in (("pairs.tsv", "\t"), ("pairs.csv", ",")):
        path = write_file(name, f"en{separator}de\n" + f"a{separator}b\n" * 10)
        assert read(PAIRS, data=(path,), features=features).splits["test"] == [pair("b", "a")]
    message = read_error(PAIRS, data=(path,))
    assert """--features='{"source": "NAME", "target": "NAME"}'""" in message


def test_line_without_a_second_column_is_rejected_with_its_number(write_file, read_error):
    message = read_error(PAIRS, data=(write_file("pairs.tsv", "a\tb\n\nc\n"),))
    assert "line 3" in message and "column 2" in message and "'c'" in message
    assert "'target'" in read_error(PAIRS, data=(write_file("pairs.tsv", "a\nc\n"),))


@pytest.mark.parametrize(("name", "separator"), [("a.csv", ","), ("a.tsv", "\t"), ("b.csv", ";")])
def test_lines_that_repeat_the_header_are_skipped_and_counted(write_file, name, separator):
    lines = [separator.join(pair) for pair in [("text", "label"), ("a", "x"), ("b", "y")]]
    corpus = read(CLASSES, data=three(write_file(name, "\n".join(lines * 3))))
    assert [each["label"] for each in corpus.splits["train"]] == ["x", "y"] * 3
    assert any("6 repeated header lines skipped" in each for each in corpus.summary.remarks), (
        corpus.summary.remarks
    )
