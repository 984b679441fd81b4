"""Files keep their columns, comments and empty nodes; the predictions are added."""

import pathlib

import pytest

from tasks.data.cleaning import valid_text
from tasks.data.roles import Role
from tasks.outputs.document import Prediction
from tasks.outputs.files import LINES, check_output, parse
from tasks.outputs.tables import texts
from zoo.errors import RequestError

CLASSES = (Role("text", "text", ("text", "review")), Role("label", "label", ("label",)))
PAIRS = (Role("source", "text", ("source",)), Role("target", "text", ("target",)))
TAGS = (Role("words", "words", ("words", "form")), Role("tags", "tags", ("upos", "tags")))


def inputs(document):
    return [item.input for item in document.items if item.input is not None]


def rendered(document, output, score=None):
    """Return the output file for a function of the input that returns the prediction."""
    lines = [
        item.render(None if item.input is None else Prediction(output(item.input), score))
        for item in document.items
    ]
    return document.head + "".join(lines)


# Tables


def test_label_is_not_part_of_the_text_and_columns_are_kept():
    text = 'id,label,text\n1,good,"fine, \n""very"""\n2,bad,dull\n'
    document = parse(pathlib.Path("in.csv"), text, CLASSES)
    assert inputs(document) == ['fine, \n"very"', "dull"]
    assert rendered(document, len, 0.5) == (
        'id,label,text,prediction,score\n1,good,"fine, \n""very""",13,0.5\n2,bad,dull,4,0.5\n'
    )


def test_separator_is_kept_and_names_are_not_repeated():
    document = parse(pathlib.Path("in.csv"), "Review;prediction\na,b;c\n", CLASSES)
    assert inputs(document) == ["a,b"]
    assert rendered(document, str.upper) == ("Review;prediction;prediction_2;score\na,b;c;A,B;\n")


def test_column_of_training_is_read():
    text = "text,body\nno,yes\n"
    assert inputs(parse(pathlib.Path("in.csv"), text, CLASSES, {"text": "body"})) == ["yes"]
    assert inputs(parse(pathlib.Path("in.csv"), text, CLASSES)) == ["no"]
    without_header = parse(pathlib.Path("in.csv"), "a,long text\nb,text\n", CLASSES, header=False)
    assert inputs(without_header) == ["long text", "text"]
    assert rendered(without_header, str.upper).startswith("a,long text,LONG TEXT,\n")
    assert inputs(parse(pathlib.Path("in.csv"), "x,y\n", CLASSES, {"text": "1"}, False)) == ["x"]


def test_file_with_only_the_input_is_read():
    assert inputs(parse(pathlib.Path("in.csv"), "Review\nfine\n", CLASSES)) == ["fine"]
    unnamed = pathlib.Path("in.csv"), "fine\ndull\n", CLASSES
    for header, expected in ((True, ["dull"]), (False, ["fine", "dull"])):
        assert inputs(parse(*unnamed, header=header)) == expected
    with pytest.raises(RequestError, match="does not name a column.*--header=false"):
        parse(*unnamed)
    document = parse(pathlib.Path("in.tsv"), "one\ttwo\nthree\tfour\n", PAIRS)
    assert inputs(document) == ["one", "three"]
    assert rendered(document, str.upper) == "one\ttwo\tONE\t\nthree\tfour\tTHREE\t\n"
    assert inputs(parse(pathlib.Path("in.tsv"), "source\ttarget\na\tb\n", PAIRS)) == ["a"]


def test_cell_of_a_tsv_file_stays_on_its_line():
    document = parse(pathlib.Path("in.tsv"), "source\ta\n1\tb\n", PAIRS)
    assert rendered(document, lambda text: "x\ty\nz").splitlines()[1] == "1\tb\tx y z\t"


def test_json_lines_keep_their_keys():
    text = '{"text": "a", "n": [1, {"é": null}]}\n\n{"label": "x", "text": ""}\n'
    document = parse(pathlib.Path("in.jsonl"), text, CLASSES)
    assert inputs(document) == ["a", ""]
    assert rendered(document, str.upper, 0.25) == (
        '{"text": "a", "n": [1, {"é": null}], "prediction": "A", "score": 0.25}\n'
        '{"label": "x", "text": "", "prediction": "", "score": 0.25}\n'
    )
    vectors = (Role("vectors", "vectors"), Role("target", "number"))
    assert inputs(parse(pathlib.Path("in.jsonl"), '{"vectors": [[1, 2]]}', vectors)) == ["[[1, 2]]"]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("in.csv", "a,b\n1,2\n", "does not name a column.*'text'.*--features.*--header"),
        ("in.csv", "text,b\n1\n", "line 2 has 1 columns, nothing in column 2"),
        ("in.csv", "text,text\n1,2\n", "'text' heads columns 1 and 2"),
        ("in.csv", 'text,b\n"1,2\n', "cannot be read"),
        ("in.jsonl", "[1]\n", "line 1 is not a JSON object"),
        ("in.jsonl", '{"text": 1, "text": 2}\n', "the key 'text' twice"),
        ("in.jsonl", '{"a":' * 100_000, "is nested too deep"),
        ("in.jsonl", '{"text": "a"}\n{"b": 1}\n', "line 2 has no 'text'; it has b"),
        ("in.jsonl", '{"text": 1}\n', "line 1: 'text' is 1, which is not a text"),
        ("in.conllu", "1\ta" + "\t_" * 8 + "\n", "this .conllu file cannot fill the roles"),
    ],
)
def test_file_without_the_input_is_rejected(name, text, message):
    with pytest.raises(RequestError, match=message):
        parse(pathlib.Path(name), text, CLASSES)


# Words

CONLLU = """# sent_id = 1
# text = Vámonos al mar
1-2\tVámonos\t_\t_\t_\t_\t_\t_\t_\t_
1\tVamos\tir\tVERB\tv\tMood=Imp\t0\troot\t_\t_
2\tnos\tnosotros\tPRON\tp\t_\t1\tobj\t_\t_
2.1\tnada\t_\t_\t_\t_\t_\t_\t_\t_
3\tal mar\t_\tNOUN\tn\t_\t1\tobl\t_\tSpaceAfter=No

# a comment without words


1\tSí\tsí\t_\t_\t_\t0\troot\t_\t_
"""


@pytest.mark.parametrize(("features", "column"), [(None, 3), ({"tags": "xpos"}, 4)])
def test_conllu_changes_only_the_column_of_the_tags(features, column):
    document = parse(pathlib.Path("in.conllu"), CONLLU, TAGS, features)
    assert inputs(document) == [["Vamos", "nos", "al mar"], ["Sí"]]
    found = rendered(document, lambda words: [word.upper() for word in words]).splitlines()
    lines = CONLLU.splitlines()
    assert len(found) == len(lines)
    for line, result in zip(lines, found, strict=True):
        cells, after = line.split("\t"), result.split("\t")
        if cells[0].isdigit():
            assert after[column] == cells[1].upper()
            after[column] = cells[column]
        assert after == cells


def test_columns_get_the_tag_beside_the_gold_one():
    text = "-DOCSTART- -X- O\n\nEU NNP B-ORG\nrejects VBZ O\n\n\nGermany NNP B-LOC\n"
    document = parse(pathlib.Path("in.conll"), text, TAGS)
    assert inputs(document) == [["EU", "rejects"], ["Germany"]]
    assert rendered(document, lambda words: ["T"] * len(words)) == (
        "-DOCSTART- -X- O\n\nEU NNP B-ORG T\nrejects VBZ O T\n\n\nGermany NNP B-LOC T\n"
    )
    document = parse(pathlib.Path("in.tsv"), "id\tform\ttags\n1\ta b\tX\n2\t#\tY\n", TAGS)
    assert inputs(document) == [["a b", "#"]]
    assert rendered(document, lambda words: ["P", "Q"]) == (
        "id\tform\ttags\tprediction\n1\ta b\tX\tP\n2\t#\tY\tQ\n"
    )
    numbered = parse(pathlib.Path("in.tsv"), "1\ta\tX\n2\tb\tY\n", TAGS)
    assert inputs(numbered) == [["a", "b"]]
    assert inputs(parse(pathlib.Path("in.tsv"), "x\ty\n", TAGS, {"words": "2"})) == [["y"]]


@pytest.mark.parametrize(
    ("name", "text", "features", "message"),
    [
        ("in.conllu", "1\ta\n", None, "line 1 has 2 columns instead of the 10"),
        ("in.conllu", CONLLU, {"tags": "lemma"}, "has no column 'lemma'"),
        ("in.tsv", "a\tX\n\tY\n", None, "line 2 has nothing in column 1"),
        ("in.tsv", "\nform\ttags\na\tX\n\tY\n", None, "line 4 has nothing in column 1"),
        ("in.tsv", "a\tX\n", {"words": "7"}, "has no column '7'"),
        ("in.csv", "text,label\n", None, "this .csv file cannot fill the roles"),
    ],
)
def test_malformed_file_of_words_is_rejected(name, text, features, message):
    with pytest.raises(RequestError, match=message):
        parse(pathlib.Path(name), text, TAGS, features)


# Texts


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        (".txt", "A\nB C\n"),
        (".tsv", "text\tprediction\tscore\na\tA\t0.5\nb c\tB C\t0.5\n"),
        (".csv", 'text,prediction,score\na,A,0.5\n"b\nc","B\nC",0.5\n'),
        (".jsonl", '{"text": "a", "prediction": "A", "score": 0.5}\n'),
    ],
)
def test_texts_have_a_prediction_on_each_line(end, expected):
    assert rendered(texts(["a", "b\nc"], end), str.upper, 0.5).startswith(expected)


def test_surrogates_are_replaced():
    assert valid_text("\ud800a\udcffb") == "\ufffda\ufffdb"
    assert valid_text("\ud83d\ude00 \ufeff") == "\U0001f600 \ufeff"


def test_output_of_another_form_is_rejected(tmp_path):
    source = tmp_path / "in.csv"
    source.write_text("text\n")
    assert check_output(source, "table", tmp_path / "OUT.CSV.gz") == ".csv"
    assert check_output(None, LINES, tmp_path / "out.txt") == ".txt"
    for output, message in (
        (tmp_path / "out.tsv", "have the form .csv"),
        (tmp_path / "out", "have the form .csv"),
        (source, "is also the file of --input"),
    ):
        with pytest.raises(RequestError, match=message):
            check_output(source, "table", output)
    (tmp_path / "folder.txt").mkdir()
    with pytest.raises(RequestError, match="is a folder"):
        check_output(None, LINES, tmp_path / "folder.txt")
