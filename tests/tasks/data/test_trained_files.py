"""Columns of training are used for files of the same form; others are searched anew."""

import pytest

from tasks.data import files
from tasks.data.labelled_files import read_labelled
from tasks.data.roles import READS
from tasks.data.trained_files import TrainedFiles
from tasks.outputs.document import Prediction
from tasks.outputs.files import parse
from zoo.errors import RequestError

WORDS, CLASSES, PAIRS = READS["tagged words"], READS["labelled text"], READS["pairs of texts"]
ROW = "{}\t{}\t_\t{}\t{}\t_\t_\t_\t_\t_\n"
CONLLU = (ROW.format(1, "the", "DET", "DT") + ROW.format(2, "cat", "NOUN", "NN") + "\n") * 10
COLUMNS = "the\tX\tDET\ncat\tY\tNOUN\n\nthat\tZ\tDET\ndog\tV\tNOUN\n\n" * 10
NAMED = "token\tchunk\tpos\n\n" + COLUMNS
NO_HEADER = "".join(f"{'good' if k % 2 else 'bad'},a long text number {k}\n" for k in range(30))
TABLE = "id,mood,body\n" + "".join(f"{k},{'good' if k % 2 else 'bad'},day {k}\n" for k in range(30))
REQUESTED = {"text": "body", "label": "mood"}


@pytest.fixture
def trained(write_file):
    """Return a function that reads a file for training and returns how it was read."""

    def read(name, content, roles, features=None, header=None):
        corpus = files.read(roles, write_file(name, content), features, header)
        return TrainedFiles.of(corpus.summary, features or {}, header)

    return read


def labelled(record, path, roles, **keywords):
    """Return the first example of a labelled file, and the line about what was read."""
    found = read_labelled(record, [path], roles, **keywords)
    return found.examples[0], found.summary.line()


def input_and_line(record, path, roles, **keywords):
    """Return the first input of a file for predictions, and what was read."""
    document = parse(path, path.read_text(), roles, trained=record, **keywords)
    first = next(item.input for item in document.items if item.input is not None)
    return first, document.described


def test_columns_of_a_tsv_file_are_not_those_of_conllu(trained, write_file):
    record, path = trained("a.tsv", COLUMNS, WORDS), write_file("new.conllu", CONLLU)
    example, line = labelled(record, path, WORDS)
    assert example == {"words": ["the", "cat"], "tags": ["DET", "NOUN"]}
    assert line.startswith("read new.conllu: words FORM, tags UPOS; 10 sentences; 2 tags")
    words, described = input_and_line(record, path, WORDS)
    assert words == ["the", "cat"]
    assert described == "words FORM; the predictions replace UPOS"


def test_columns_of_conllu_are_used_for_conllu_only(trained, write_file):
    record = trained("a.conllu", CONLLU, WORDS, {"tags": "xpos"})
    example, _ = labelled(record, write_file("new.conllu", CONLLU), WORDS)
    assert example["tags"] == ["DT", "NN"]
    described = input_and_line(record, write_file("in.conll", CONLLU), WORDS)[1]
    assert described == "words FORM; the predictions replace XPOS"
    example, line = labelled(record, write_file("new.tsv", COLUMNS), WORDS)
    assert example["tags"] == ["DET", "NOUN"] and "tags column 3 of 3" in line


@pytest.mark.parametrize("name", ["new.tsv", "new.iob", "new.train"])
def test_numbers_of_columns_are_used_for_files_without_a_header(trained, write_file, name):
    record = trained("a.tsv", COLUMNS, WORDS, {"tags": "2"})
    other = "the\tX\tDET\ncat\tX\tNOUN\n\n"  # alone, its column 2 could not hold the tags
    example, line = labelled(record, write_file(name, other), WORDS)
    assert example["tags"] == ["X", "X"] and "tags column 2 of 3" in line
    example, line = labelled(record, write_file("named.tsv", NAMED), WORDS)
    assert example["tags"] == ["DET", "NOUN"] and "tags column 'pos'" in line
    words, described = input_and_line(record, write_file("named.tsv", NAMED), WORDS)
    assert words == ["the", "cat"] and described.startswith("words column 'token'")


def test_names_of_columns_are_used_for_files_with_a_header(trained, write_file):
    record = trained("a.tsv", NAMED, WORDS, {"tags": "chunk"})
    assert labelled(record, write_file("b.tsv", NAMED), WORDS)[0]["tags"] == ["X", "Y"]
    example, line = labelled(record, write_file("c.tsv", COLUMNS), WORDS)
    assert example["tags"] == ["DET", "NOUN"] and "tags column 3 of 3" in line
    words, described = input_and_line(record, write_file("d.tsv", "token\nthe\ncat\n"), WORDS)
    assert words == ["the", "cat"] and described.startswith("words column 'token'")


def test_names_of_a_table_are_looked_for_in_json_lines(trained, write_file):
    record = trained("a.csv", TABLE, CLASSES, REQUESTED)
    line = '{"text": "no", "body": "yes", "mood": "bad"}\n'
    for name in ("new.jsonl", "new.ndjson"):
        path = write_file(name, line)
        example, read = labelled(record, path, CLASSES)
        assert example == {"text": "yes", "label": "bad"} and "text key 'body'" in read
        assert input_and_line(record, path, CLASSES) == ("yes", "text key 'body'")
    other = write_file("other.jsonl", '{"text": "a", "label": "bad"}\n')
    assert labelled(record, other, CLASSES)[0] == {"text": "a", "label": "bad"}
    assert input_and_line(record, other, CLASSES) == ("a", "text key 'text'")
    keys = trained("a.jsonl", line * 10 + line.replace("bad", "good") * 10, CLASSES, REQUESTED)
    assert labelled(keys, write_file("new.csv", TABLE), CLASSES)[0]["text"] == "day 0"
    assert input_and_line(keys, write_file("new.csv", TABLE), CLASSES)[0] == "day 0"


def test_missing_column_of_training_is_an_error(trained, write_file):
    record = trained("a.csv", TABLE, CLASSES, REQUESTED)
    path = write_file("new.csv", "title,text,mood\na,b,good\n")
    for read in (labelled, input_and_line):
        with pytest.raises(RequestError, match="no column 'body'"):
            read(record, path, CLASSES)
    example, _ = labelled(record, path, CLASSES, features={"text": "title"})
    assert example == {"text": "a", "label": "good"}
    assert input_and_line(record, path, CLASSES, features={"text": "title"})[0] == "a"


def test_table_without_a_header(trained, write_file):
    record = trained("a.csv", NO_HEADER, CLASSES, header=False)
    same = write_file("same.csv", NO_HEADER)
    example, line = labelled(record, same, CLASSES)
    assert example["label"] == "bad" and "text column 2 of 2, label column 1 of 2; 30" in line
    assert input_and_line(record, same, CLASSES) == (
        "a long text number 0",
        "text column 2 of 2",
    )
    # A header that was added since is not an example.
    for content in ("label,text\nbad,fine\n", "Text,Label\nfine,bad\n"):
        path = write_file("headed.csv", content)
        assert labelled(record, path, CLASSES)[0] == {"text": "fine", "label": "bad"}
        assert input_and_line(record, path, CLASSES)[0] == "fine"
    path = write_file("keys.jsonl", '{"label": "bad", "text": "fine"}\n')
    assert labelled(record, path, CLASSES)[0] == {"text": "fine", "label": "bad"}
    assert input_and_line(record, path, CLASSES)[0] == "fine"
    assert input_and_line(record, write_file("one.csv", "only this\nand that\n"), CLASSES) == (
        "only this",
        "text column 1 of 1",
    )


def test_pairs_without_a_header(trained, write_file):
    pairs = "".join(f"one {k}\tun {k}\n" for k in range(30))
    record = trained("a.tsv", pairs, PAIRS)
    assert record.numbered and record.header is None
    assert labelled(record, write_file("b.tsv", pairs), PAIRS)[0]["source"] == "one 0"
    headed = write_file("c.tsv", "target\tsource\nun\tone\n")
    assert labelled(record, headed, PAIRS)[0] == {"source": "one", "target": "un"}
    assert input_and_line(record, headed, PAIRS)[0] == "one"
    table = write_file("d.csv", "target,source\nun,one\n")
    assert labelled(record, table, PAIRS)[0] == {"source": "one", "target": "un"}
    assert input_and_line(record, table, PAIRS)[0] == "one"


def test_labels_of_trec_are_read_as_in_training(trained, write_file):
    lines = "NUM:date When was it?\nHUM:ind Who was it?\nNUM:count How many?\n"
    record = trained("a.label", lines * 10, CLASSES, {"label": "fine"})
    assert labelled(record, write_file("b.label", lines), CLASSES)[0]["label"] == "NUM:date"
    fasttext = write_file("b.txt", "__label__NUM How many?\n")
    assert labelled(record, fasttext, CLASSES)[0] == {"label": "NUM", "text": "How many?"}
    assert input_and_line(record, write_file("c.test", lines), CLASSES)[0] == "When was it?"


def test_columns_in_a_txt_file_are_not_texts_for_a_tagger_of_columns(trained, write_file):
    columns = COLUMNS.replace("\t", " ")
    record, path = trained("train.txt", columns, WORDS), write_file("test.txt", columns)
    assert input_and_line(record, path, WORDS)[0] == ["the", "cat"]
    texts = write_file("texts.txt", "the cat\nthe dog\n")
    words, described = input_and_line(record, texts, WORDS)
    assert words == "the cat" and described.startswith("a text on each line; columns are read with")
    assert input_and_line(record, texts, WORDS, header=False)[0] == ["the", "the"]


def test_run_of_an_old_version_keeps_the_requested_columns(write_file):
    record = TrainedFiles.of(None, REQUESTED, None)
    assert labelled(record, write_file("a.csv", TABLE), CLASSES)[0]["text"] == "day 0"


def test_flag_that_has_no_effect_is_refused(trained, write_file):
    record = trained("a.csv", TABLE, CLASSES, REQUESTED)
    texts = write_file("a.txt", "a\nb\n")
    for keywords in ({"features": {"text": "1"}}, {"header": True}):
        with pytest.raises(RequestError, match="a text on each line, which has no columns"):
            input_and_line(record, texts, CLASSES, **keywords)
    with pytest.raises(RequestError, match="features names the role 'txt'"):
        input_and_line(record, write_file("b.csv", TABLE), CLASSES, features={"txt": "body"})
    with pytest.raises(RequestError, match="has no column 'lemma'"):
        path = write_file("b.conllu", CONLLU)
        input_and_line(TrainedFiles(), path, WORDS, features={"words": "lemma"})


def test_only_column_whose_first_line_is_an_input_is_refused(write_file):
    path = write_file("a.csv", "this is a rather long text\nanother\n")
    with pytest.raises(RequestError, match="line 1 looks like data.*--header=false"):
        parse(path, path.read_text(), CLASSES)
    assert len(parse(path, path.read_text(), CLASSES, header=True).items) == 1
    assert len(parse(path, path.read_text(), CLASSES, header=False).items) == 2


def test_only_column_needs_the_name_of_the_input_or_a_flag(trained, write_file):
    record = trained("a.csv", TABLE, CLASSES, REQUESTED)
    path = write_file("one.csv", "fine\ndull\n")
    with pytest.raises(RequestError, match="'body'"):
        input_and_line(record, path, CLASSES)
    assert input_and_line(record, path, CLASSES, header=False)[0] == "fine"
    assert input_and_line(record, write_file("b.csv", "body\nfine\n"), CLASSES)[0] == "fine"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("test.txt", COLUMNS.replace("\t", " ")),
        ("new.test", COLUMNS.replace("\t", " ")),
        ("eng.testa", COLUMNS.replace("\t", " ")),
        ("new.conll", CONLLU),
        ("new.dev", CONLLU),
    ],
)
def test_files_are_read_for_predictions_as_for_training(trained, write_file, name, content):
    for record in (trained("a.tsv", COLUMNS, WORDS), trained("a.conllu", CONLLU, WORDS)):
        path = write_file(name, content)
        expected = labelled(record, path, WORDS)[0]["words"]
        assert input_and_line(record, path, WORDS)[0] == expected == ["the", "cat"]


COMMENTED = "# sent_id = 0\n-X- -DOCSTART-\nthe DET\n# SYM\ncat NOUN\n\n# sent_id = 1\nit PRON\n"


def sentences_and_output(path, **keywords):
    """Return the words of each sentence, and the output with the tag T for each."""
    document = parse(path, path.read_text(), WORDS, **keywords)
    items = [(item, item.input) for item in document.items]
    tagged = [each.render(words and Prediction(["T"] * len(words))) for each, words in items]
    return [words for _, words in items if words], document.head + "".join(tagged)


def test_comments_are_those_of_training(write_file):
    path = write_file("a.conll", COMMENTED)
    words, output = sentences_and_output(path)
    found = read_labelled(TrainedFiles(), [path], WORDS)
    assert (
        words == [example["words"] for example in found.examples] == [["the", "#", "cat"], ["it"]]
    )
    assert output == COMMENTED.replace("DET", "DET T").replace("SYM", "SYM T").replace(
        "NOUN", "NOUN T"
    ).replace("PRON", "PRON T")


def test_number_sign_is_a_word_in_a_file_of_words(write_file):
    words, output = sentences_and_output(write_file("a.conll", "#tag\n#\nthe\n\nit\n#\n"))
    assert words == [["#tag", "#", "the"], ["it", "#"]]
    assert output == "#tag T\n# T\nthe T\n\nit T\n# T\n"


def test_header_of_a_file_for_predictions_names_the_words_only(trained, write_file):
    named = trained("a.tsv", NAMED, WORDS)
    numbered, conllu = trained("b.tsv", COLUMNS, WORDS), trained("c.conllu", CONLLU, WORDS)
    path = write_file("in.tsv", "id\ttoken\n1\tthe\n2\tcat\n")
    for record in (named, numbered, conllu, TrainedFiles()):
        words, output = sentences_and_output(path, trained=record)
        assert words == [["the", "cat"]]
        assert output == "id\ttoken\tprediction\n1\tthe\tT\n2\tcat\tT\n"
    # The first line is data if another of its cells occurs again.
    path = write_file("data.tsv", "Form\tNOUN\nfills\tVERB\n\ncat\tNOUN\n")
    for record in (numbered, conllu, TrainedFiles()):
        assert sentences_and_output(path, trained=record)[0] == [["Form", "fills"], ["cat"]]
    path = write_file("words.tsv", "Words\nfail\n")
    assert sentences_and_output(path, trained=numbered)[0] == [["Words", "fail"]]
    with pytest.raises(RequestError, match="no column 'word'.*"):
        input_and_line(numbered, path, WORDS, features={"words": "word"})


def test_column_that_is_not_named_is_told_with_the_flag_of_the_header(write_file):
    path = write_file("a.tsv", "Wort\nthe\n")
    with pytest.raises(RequestError, match="--header=true.* has no column 'word'"):
        parse(path, path.read_text(), WORDS, {"words": "word"})


def test_repeated_header_is_copied(write_file):
    path = write_file("a.csv", "text,label\na,x\ntext,label\nb,y\n")
    document = parse(path, path.read_text(), CLASSES)
    assert [item.input for item in document.items] == ["a", None, "b"]
    assert document.items[1].render(None) == "text,label,,\n"


@pytest.mark.parametrize(("name", "content"), [("a.json", "[]\n"), ("a.txt", "the/DT cat/NN\n")])
def test_what_training_refuses_is_not_a_text_on_each_line(write_file, name, content):
    path = write_file(name, content)
    with pytest.raises(RequestError, match="JSON is read with|its tag beside it"):
        parse(path, path.read_text(), WORDS)
