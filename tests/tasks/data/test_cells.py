"""Labels, numbers and texts of CSV files and JSON lines."""

import pytest

from tasks.data.roles import READS
from tasks.data.sources import Role, read

CLASSES = READS["labelled text"]
SCORES = (Role("text", "text", ("text",)), Role("score", "number", ("score",)))


def json_lines(*labels):
    return "".join(f'{{"text": "t", "label": {label}}}\n' for label in labels)


@pytest.mark.parametrize("labels", [("1", "1.0", "2", "2e0"), ("1.0", "1.00", "2.0", "2")])
def test_equal_numbers_are_one_class(write_file, labels):
    path = write_file("a.jsonl", json_lines(*labels) * 5)
    corpus = read(CLASSES, data=path)
    assert {each["label"] for each in corpus.splits["train"]} == {"1", "2"}
    assert (
        "labels such as '1.0' or '2.50' read without the zeros at their end"
        in corpus.summary.line()
    )
    path = write_file("a.csv", "text,label\n" + "a,1\nb,1.0\nc,2.0\n" * 10)
    labels = {each["label"] for each in read(CLASSES, data=path).splits["train"]}
    assert labels == {"1", "2"}


def test_whole_numbers_of_any_length_are_labels(write_file):
    path = write_file("a.jsonl", json_lines('"-0.0"', '"+7.0"', f'"{"9" * 5000}.0"') * 5)
    labels = {each["label"] for each in read(CLASSES, data=path).splits["train"]}
    assert labels == {"0", "7", "9" * 5000}


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (("1", "NaN"), "line 2: 'label' is nan, so the label is missing"),
        (("1", "null"), "line 2: 'label' is None, so the label is missing"),
        (("1", '"  "'), "line 2: 'label' is '  ', so the label is missing"),
        (("1", "true"), "line 2: 'label' is True, true or false, but it is a number on line 1"),
        (('"1"', "1"), "line 2: 'label' is 1, a number, but it is a string on line 1"),
        (("1", "[1]"), "line 2: 'label' is [1], which is not a label"),
        (("1", "Infinity"), "line 2: 'label' is inf, which is not a label"),
    ],
)
def test_label_that_is_missing_or_of_another_type_is_refused(
    write_file, read_error, labels, message
):
    assert message in read_error(CLASSES, data=write_file("a.jsonl", json_lines(*labels)))


def test_true_and_false_are_labels_as_json_writes_them(write_file):
    path = write_file("a.jsonl", json_lines("true", "false") * 10)
    assert {each["label"] for each in read(CLASSES, data=path).splits["train"]} == {"true", "false"}


def test_repeated_key_is_refused_with_the_line(write_file, read_error):
    line = '{"text": "a", "label": "b", "label": "c"}\n'
    path = write_file("a.jsonl", json_lines('"b"') + line)
    assert "line 2 has the key 'label' twice" in read_error(CLASSES, data=path)


def test_deeply_nested_json_is_refused(write_file, read_error):
    path = write_file("a.jsonl", json_lines('"b"') + "[" * 100_000 + "\n")
    assert "line 2 is nested too deep" in read_error(CLASSES, data=path)


@pytest.mark.parametrize("value", ["1" + "0" * 400, "true", '"1_000"', "NaN", "[1]"])
def test_value_that_is_not_a_finite_number_is_refused(write_file, read_error, value):
    path = write_file("a.jsonl", f'{{"text": "a", "score": {value}}}\n')
    assert "not a finite number" in read_error(SCORES, data=path)


def test_lone_surrogates_are_replaced_and_counted(write_file):
    path = write_file("a.jsonl", '{"text": "a\\ud800b", "label": "\\udc00"}\n' * 10)
    corpus = read(CLASSES, data=path)
    assert corpus.splits["train"][0] == {"text": "a\ufffdb", "label": "\ufffd"}
    assert "lone surrogates replaced" in corpus.summary.line()
