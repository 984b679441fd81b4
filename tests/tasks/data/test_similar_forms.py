"""Forms of files that resemble those in the documentation: read right, or named in the message."""

import gzip

import pytest

from tasks.data.roles import READS
from tasks.data.sources import read

WORDS, CLASSES = READS["tagged words"], READS["labelled text"]
ENTITIES = "EU NNP B-ORG\nran VBD O\n\nPeter NNP B-PER\nsat VBD O\n\n"

COMPRESSED = gzip.compress(b"text,label\na,x\n", mtime=0)


@pytest.mark.parametrize(
    ("start", "skipped"),
    [
        ("-DOCSTART-\n\n", "10 -DOCSTART- lines skipped"),
        ("-docstart-\n\n", "10 -DOCSTART- lines skipped"),
        ("-docstart- -X- O\n\n", "10 -DOCSTART- lines skipped"),
        ("# id 7\n", "10 comment lines skipped"),
    ],
)
@pytest.mark.parametrize("name", ["a.txt", "a.conll", "a.train"])
def test_lines_before_sentences_are_not_words(write_file, name, start, skipped):
    corpus = read(WORDS, data=write_file(name, (start + ENTITIES) * 10))
    assert corpus.splits["train"][0]["words"] == ["EU", "ran"]
    assert sum(map(len, corpus.splits.values())) == 20
    assert skipped in corpus.summary.line()


@pytest.mark.parametrize("separator", [";", ",", "|"])
def test_columns_without_white_space_have_another_separator(write_file, separator):
    path = write_file("a.conll", ENTITIES.replace(" ", separator) * 10)
    corpus = read(WORDS, data=path)
    assert corpus.splits["train"][0] == {"words": ["EU", "ran"], "tags": ["NNP", "VBD"]}


def test_underscore_is_no_tag_in_columns(write_file):
    corpus = read(WORDS, data=write_file("a.tsv", "cats\tNOUN\nca\t_\nrun\tVERB\n\n" * 20))
    assert corpus.splits["train"][0]["tags"] == ["NOUN", "", "VERB"]
    line = corpus.summary.line()
    assert "; 2 tags; 20 words without a tag ('_') neither trained on nor scored" in line


def test_file_without_blank_lines_is_named(write_file, read_error):
    path = write_file("a.tsv", "a\tX\nb\tY\n" * 30)
    message = read_error(WORDS, data=path)
    assert "train is one sentence, and a blank line ends a sentence" in message
    corpus = read(WORDS, data=[path, path, path])
    assert "one sentence, since no blank line separates sentences" in corpus.summary.line()


@pytest.mark.parametrize("pair", ["/", "_"])
def test_words_with_their_tags_beside_them_are_named(write_file, read_error, pair):
    path = write_file("a.txt", f"The{pair}DT cat{pair}NN sat{pair}VBD\n" * 20)
    assert "each word has its tag beside it" in read_error(WORDS, data=path)


def test_hint_names_a_column_that_may_hold_tags(write_file):
    row = "{}\tw{}\tx\t{}\t{}\n"
    text = "".join(row.format(k + 1, k, "NV"[k % 2], "abc"[k % 3]) for k in range(6)) + "\n"
    remarks = read(WORDS, data=write_file("a.tsv", text * 10)).summary.remarks
    assert any("""--features='{"tags": "5"}'""" in remark for remark in remarks)


def test_label_of_fasttext_ends_at_white_space(write_file, read_error):
    path = write_file("a.train", "__label__x\ttext here\n__label__y\tmore\n" * 10)
    assert read(CLASSES, data=path).splits["train"][0] == {"label": "x", "text": "text here"}
    path = write_file("b.train", "__label__x\t__label__y\tmore\n" * 10)
    assert "2 labels instead of one" in read_error(CLASSES, data=path)


@pytest.mark.parametrize("missing", ["nan", "NaN", " "])
def test_missing_label_of_a_table_is_refused(write_file, read_error, missing):
    path = write_file("a.csv", f"text,label\na,x\nb,{missing}\n" + "c,y\n" * 10)
    assert "line 3: 'label' is" in read_error(CLASSES, data=path)


def test_equal_decimals_are_one_label(write_file):
    path = write_file("a.csv", "text,label\n" + "a,0.5\nb,0.50\nc,-0.0\nd,0\ne,10\nf,100\n" * 10)
    labels = {each["label"] for each in read(CLASSES, data=path).splits["train"]}
    assert labels == {"0.5", "0", "10", "100"}


def test_header_in_the_middle_is_skipped(write_file):
    path = write_file("a.csv", ("text,label\n" + "a,x\nb,y\n" * 5) * 2)
    corpus = read(CLASSES, data=path)
    assert corpus.summary.classes == 2
    assert "1 repeated header line skipped" in corpus.summary.line()


def test_classes_that_differ_in_case_are_reported(write_file):
    path = write_file("a.csv", "text,label\n" + "a,Good\nb,good\nc,bad\n" * 10)
    line = read(CLASSES, data=path).summary.line()
    assert "labels that differ only in case: 'Good' and 'good'" in line


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", COMPRESSED, "compressed by gzip. Let its name end in"),
        ("a.csv", b"PK\x03\x04abc", "a zip archive or a spreadsheet"),
        ("a.csv", b"PAR1abc", "a Parquet file"),
        ("a.json", b'[{"text": "a", "label": "x"}]', "jq -c '.[]' "),
        ("a.jsonl", b'[{"text": "a"},\n{"text": "b"}]', "The file is one list; write one object"),
    ],
)
def test_other_kinds_of_files_are_named(write_file, read_error, name, content, message):
    assert message in read_error(CLASSES, data=write_file(name, content))


def test_splits_of_different_forms_are_each_read_in_their_form(write_file):
    train = write_file("train.tsv", ENTITIES.replace(" ", "\t") * 10)
    row = "{}\t{}\t_\t{}\t_\t_\t_\t_\t_\t_\n"
    test = write_file("test.conllu", row.format(1, "he", "PRP") + row.format(2, "ran", "VBD"))
    corpus = read(WORDS, data=[train, test])
    assert corpus.splits["test"] == [{"words": ["he", "ran"], "tags": ["PRP", "VBD"]}]
    assert "test: words FORM, tags UPOS" in corpus.summary.line()
    table = write_file("train.csv", "id,text,label\n" + "1,a,x\n2,b,y\n" * 10)
    lines = write_file("test.jsonl", '{"label": "x", "text": "c"}\n')
    corpus = read(CLASSES, data=[table, lines])
    assert corpus.splits["test"] == [{"text": "c", "label": "x"}]
    assert "test: text key 'text', label key 'label'" in corpus.summary.line()


def test_names_of_splits_have_long_forms(write_file):
    table = "text,label\n" + "a,x\nb,y\n" * 10
    for name in ("training.csv", "development.csv", "testing.csv"):
        folder = write_file(f"d/{name}", table).parent
    corpus = read(CLASSES, data=folder)
    assert {len(examples) for examples in corpus.splits.values()} == {20}


def test_header_that_is_read_as_an_example_is_reported(write_file):
    path = write_file("a.csv", "text,label\n" + "a,x\nb,y\n" * 10)
    line = read(CLASSES, data=path, header=False).summary.line()
    assert "the first line is read as an example, but looks like a header" in line


def test_texts_of_a_language_model_are_not_compared_as_examples(write_file):
    path = write_file("a.txt", "word " * 300)
    line = read(READS["text"], data=[path, path, path]).summary.line()
    assert line.endswith("1,500 / 1,500 / 1,500 characters")


def test_files_of_conll_2003_are_read_from_a_folder(write_file):
    for name in ("eng.train", "eng.testa", "eng.testb"):
        folder = write_file(f"ner/{name}", "-DOCSTART- -X- O\n\n" + ENTITIES * 10).parent
    corpus = read(WORDS, data=folder, features={"tags": "3"})
    assert {len(examples) for examples in corpus.splits.values()} == {20}
    assert "3 -DOCSTART- lines skipped" in corpus.summary.line()
