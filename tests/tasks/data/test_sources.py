"""Reading examples: from prepared datasets by the type of their features, and from the user's own files."""

import gzip
import importlib.metadata
import json
import os
import socket
import subprocess
import sys
import time

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_datasets as tfds

from tasks.data import sources
from tasks.data.sources import Role, online, read
from zoo.errors import RequestError, RunError

WORDS = (Role("words", "words", ("tokens", "form")), Role("tags", "tags", ("upos", "pos")))
TEXT = (Role("text", "text", ("text",)),)
CLASSES = (Role("text", "text", ("text",)), Role("label", "label", ("label", "intent_name")))
PAIRS = (Role("source", "text", ("source",)), Role("target", "text", ("target",)))
NUMBERS = (Role("vectors", "vectors", ("vectors",)), Role("target", "number", ("target",)))
TAGGED = "a\tDET\tX1\ncat\tNOUN\tX2\n\nsits\tVERB\tX3\n"


@pytest.fixture(scope="session")
def data_dir(tmp_path_factory):
    return tmp_path_factory.mktemp("tfds")


@pytest.fixture
def offline(monkeypatch):
    monkeypatch.setattr(sources, "online", lambda: False)


@pytest.fixture
def store(tmp_path):
    """Writes a prepared TFDS dataset into tmp_path: features, and lists of examples by split."""

    def write(name, features, **splits):
        features = tfds.features.FeaturesDict(features)
        tfds.dataset_builders.store_as_tfds_dataset(
            name=name,
            version="1.0.0",
            data_dir=tmp_path,
            features=features,
            split_datasets={
                split: tf.data.Dataset.from_generator(
                    lambda e=examples: e, output_signature=features.get_tensor_spec()
                )
                for split, examples in splits.items()
            },
            disable_shuffling=True,
        )
        return tmp_path

    return write


@pytest.fixture
def file(tmp_path):
    def write(name, content):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def refusal(*args, error=RequestError, **kwargs):
    with pytest.raises(error) as caught:
        read(*args, **kwargs)
    message = str(caught.value)
    assert "\n" not in message
    return message


def texts(count):
    return [{"text": f"t{number}", "label": number % 2} for number in range(count)]


LABELLED = {"text": tfds.features.Text(), "label": tfds.features.ClassLabel(names=["no", "yes"])}
SENTENCES = {"tokens": tfds.features.Sequence(tfds.features.Text()),
             "upos": tfds.features.Sequence(tfds.features.ClassLabel(names=["N", "V"])),
             "xpos": tfds.features.Sequence(tfds.features.Text())}  # fmt: skip


def sentence(*words, tags=None):
    return {"tokens": list(words), "upos": [0] * len(words) if tags is None else tags,
            "xpos": [word.upper() for word in words]}  # fmt: skip


# --- datasets ---


def test_an_embedded_dataset_is_prepared_in_silence_and_read(data_dir, capfd):
    corpus = read(WORDS, "zoo_turkish_treebank", data_dir=data_dir)
    printed = capfd.readouterr()
    assert printed.out == "" and "it/s" not in printed.err and "examples" not in printed.err
    assert tfds.core.utils.tqdm_utils._active  # As it was: the setting is the caller's.
    assert {split: len(examples) for split, examples in corpus.splits.items()} == {
        "train": 3880, "validation": 486, "test": 485}  # fmt: skip
    assert corpus.splits["train"][0] == {
        "words": ["Burda", "da", "öylemi", "yoksa", "kiloyla", "mı", "?"],
        "tags": ["PRON", "PRT", "VERB", "CONJ", "VERB", "PRT", "PUNCT"],
    }
    assert (
        corpus.found == {"words": "tokens", "tags": "upos"}
        and corpus.name == "zoo_turkish_treebank"
    )
    assert (data_dir / "zoo_turkish_treebank" / "1.0.0").is_dir()


def test_an_embedded_dataset_takes_its_configuration_from_the_name(data_dir):
    corpus = read(NUMBERS, "zoo_adding/5", data_dir=data_dir)
    example = corpus.splits["test"][0]
    assert example["vectors"].shape == (5, 2) and example["vectors"].dtype == np.float32
    assert isinstance(example["target"], float)
    assert example["target"] == pytest.approx(
        (example["vectors"][:, 0] * example["vectors"][:, 1]).sum()
    )


def test_tfds_data_dir_is_honoured(tmp_path, monkeypatch):
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path))
    read(TEXT, "zoo_pydoc")
    assert (tmp_path / "zoo_pydoc").is_dir()


@pytest.mark.parametrize(
    ("name", "package"),
    [
        ("zoo_turkish_treebank", "turkish-treebanks"),
        ("zoo_names", "Faker"),
        ("zoo_jupyter_fr", "jupyterlab-language-pack-fr-FR"),
    ],
)
def test_a_missing_package_is_named_with_the_extra(name, package, tmp_path, monkeypatch):
    def absent(asked):
        raise importlib.metadata.PackageNotFoundError(asked)

    monkeypatch.setattr(importlib.metadata, "files", absent)
    monkeypatch.setitem(sys.modules, "faker.providers.person.hr_HR", None)
    message = refusal(TEXT, name, data_dir=tmp_path)
    assert package in message and 'pip install "recurrent-zoo[corpora]"' in message


def test_wrong_configurations_and_versions_are_refused(tmp_path):
    assert "zoo_adding/abc: 'abc'" in refusal(NUMBERS, "zoo_adding/abc", data_dir=tmp_path)
    message = refusal(CLASSES, "zoo_names/abc", data_dir=tmp_path)
    assert "'zoo_names/abc'" in message and "Try 'zoo_names'" in message
    assert "'zoo_names:9.9.9'" in refusal(CLASSES, "zoo_names:9.9.9", data_dir=tmp_path)
    message = refusal(WORDS, "universal_dependencies/en_line", data_dir=tmp_path)
    assert "'universal_dependencies/en_lines'" in message and "Failed" not in message
    assert "'foo bar'" in refusal(TEXT, "foo bar", data_dir=tmp_path)


def test_an_unprepared_stock_dataset_without_network_says_how_to_prepare_it(tmp_path, offline):
    start = time.monotonic()
    message = refusal(TEXT, "imdb_reviews", data_dir=tmp_path)
    assert time.monotonic() - start < 5
    assert "'imdb_reviews'" in message and str(tmp_path) in message and "--data_dir" in message
    assert "python -c \"import tensorflow_datasets as tfds; tfds.load('imdb_reviews'" in message


def test_a_failed_download_is_a_run_error(tmp_path, monkeypatch, capfd):
    def fail(*args, **kwargs):
        print("news")
        raise OSError("the server\nsaid no")

    monkeypatch.setattr(sources, "online", lambda: True)
    monkeypatch.setattr(tfds.core.DatasetBuilder, "download_and_prepare", fail)
    message = refusal(TEXT, "imdb_reviews", data_dir=tmp_path, error=RunError)
    assert "'imdb_reviews'" in message and "the server" in message
    assert capfd.readouterr().out == ""


def test_a_package_that_a_stock_builder_needs_is_named(tmp_path, monkeypatch):
    def fail(*args, **kwargs):
        raise ModuleNotFoundError("No module named 'conllu'")

    monkeypatch.setattr(tfds, "builder", fail)
    assert "pip install conllu" in refusal(
        WORDS, "universal_dependencies/en_lines", data_dir=tmp_path
    )


@pytest.mark.parametrize(
    ("wrong", "right"), [("zoo_nmaes", "zoo_names"), ("tiny_shakspeare", "tiny_shakespeare")]
)
def test_an_unknown_name_gets_close_matches(wrong, right, tmp_path):
    message = refusal(TEXT, wrong, data_dir=tmp_path)
    assert (
        repr(wrong) in message
        and message.count(repr(right)) == 1
        and "zoo list datasets" in message
    )


def test_the_probe_is_bounded_and_says_what_it_found(monkeypatch):
    monkeypatch.setattr(sources.urllib.request, "getproxies", dict)
    asked = []

    def slow(address, timeout):
        asked.append(address)
        time.sleep(1)
        raise OSError

    monkeypatch.setattr(socket, "create_connection", slow)
    start = time.monotonic()
    assert not online(0.1) and time.monotonic() - start < 0.8
    assert asked == [("storage.googleapis.com", 443)]

    def refuse(address, timeout):
        raise OSError

    monkeypatch.setattr(socket, "create_connection", refuse)
    assert not online(1)
    monkeypatch.setattr(
        socket,
        "create_connection",
        lambda address, timeout: asked.append(address) or socket.socket(),
    )
    assert online(1)
    monkeypatch.setattr(
        sources.urllib.request, "getproxies", lambda: {"https": "http://proxy.example:3128"}
    )
    assert online(1) and asked[-1] == ("proxy.example", 3128)


def test_prepared_data_is_read_without_code_or_network(store, offline):
    rows = [sentence("a", "b", tags=[0, 1]), sentence(), sentence("c")]
    data_dir = store("mine", SENTENCES, train=rows, dev=[sentence("d")], test=[sentence("e")])
    corpus = read(WORDS, "mine", data_dir=data_dir)
    assert corpus.splits["train"] == [
        {"words": ["a", "b"], "tags": ["N", "V"]},
        {"words": ["c"], "tags": ["N"]},
    ]
    assert corpus.splits["validation"] == [{"words": ["d"], "tags": ["N"]}]
    corpus = read(WORDS, "mine", data_dir=data_dir, features={"tags": "xpos"})
    assert corpus.splits["train"][0]["tags"] == ["A", "B"] and corpus.found["tags"] == "xpos"
    preferred = (WORDS[0], Role("tags", "tags", ("xpos", "upos")))
    assert read(preferred, "mine", data_dir=data_dir).found["tags"] == "xpos"


def test_a_stock_dataset_prepared_by_another_tfds_is_read(store, offline):
    data_dir = store(
        "tiny_shakespeare", LABELLED, train=texts(2), validation=texts(1), test=texts(1)
    )
    (data_dir / "tiny_shakespeare" / "1.0.0").rename(data_dir / "tiny_shakespeare" / "0.5.0")
    assert len(read(CLASSES, "tiny_shakespeare", data_dir=data_dir).splits["train"]) == 2


def test_features_that_do_not_fit_are_refused_with_what_there_is(store):
    rows = [sentence("a")]
    data_dir = store("mine", SENTENCES, train=rows, dev=rows, test=rows)
    message = refusal(WORDS, "mine", data_dir=data_dir, features={"tags": "ner"})
    assert (
        "'ner'" in message
        and "upos: Sequence(ClassLabel)" in message
        and "xpos: Sequence(Text)" in message
    )
    assert "'word'" in refusal(WORDS, "mine", data_dir=data_dir, features={"word": "tokens"})
    message = refusal(WORDS, "mine", data_dir=data_dir, features={"words": "upos"})
    assert "'upos'" in message and "kind words" in message
    message = refusal((Role("words", "words"),), "mine", data_dir=data_dir)
    assert "several could be it (tokens, xpos)" in message and "features=" in message
    message = refusal(NUMBERS, "mine", data_dir=data_dir)
    assert "'vectors'" in message and "none fits" in message and "tokens: Sequence(Text)" in message


def test_words_and_tags_of_unequal_length_are_refused(store):
    rows = [sentence("a"), sentence("b", "c", tags=[0])]
    data_dir = store("mine", SENTENCES, train=rows[:1], dev=rows, test=rows[:1])
    message = refusal(WORDS, "mine", data_dir=data_dir)
    assert (
        "'mine'" in message
        and "'dev'" in message
        and "example 1" in message
        and "2 words" in message
    )


def test_a_text_feature_is_a_label_where_its_name_is_preferred(store):
    text, number = tfds.features.Text(), tfds.features.Scalar(np.int32)
    features = {"text": text, "intent_name": text, "intent": number}
    rows = [{"text": "hello", "intent_name": "greet", "intent": 1}]
    data_dir = store("mine", features, train=rows, valid=rows, test=rows)
    corpus = read(CLASSES, "mine", data_dir=data_dir)
    assert corpus.splits["validation"] == [{"text": "hello", "label": "greet"}]
    message = refusal((CLASSES[0], Role("label", "label")), "mine", data_dir=data_dir)
    assert "'label'" in message and "intent: Scalar () of int32" in message


def test_missing_splits_are_set_apart_from_train_by_position(store):
    data_dir = store("alone", LABELLED, train=texts(20))
    splits = read(CLASSES, "alone", data_dir=data_dir).splits
    assert [example["text"] for example in splits["validation"]] == ["t9", "t19"]
    assert [example["text"] for example in splits["test"]] == ["t8", "t18"]
    assert len(splits["train"]) == 16 and splits["train"][1] == {"text": "t1", "label": "yes"}
    data_dir = store("no_test", LABELLED, train=texts(20), val=texts(3))
    splits = read(CLASSES, "no_test", data_dir=data_dir).splits
    assert [example["text"] for example in splits["test"]] == ["t9", "t19"]
    assert len(splits["validation"]) == 3 and len(splits["train"]) == 18


def test_a_test_split_without_labels_counts_as_missing(store):
    bare = [{"text": "x", "label": -1}] * 3
    data_dir = store("contest", LABELLED, train=texts(20), validation=texts(2), test=bare)
    splits = read(CLASSES, "contest", data_dir=data_dir).splits
    assert [example["text"] for example in splits["test"]] == ["t9", "t19"]
    data_dir = store("holes", LABELLED, train=texts(3) + bare, validation=texts(2), test=texts(2))
    message = refusal(CLASSES, "holes", data_dir=data_dir)
    assert "'holes'" in message and "'train'" in message and "example 3" in message


def test_empty_and_missing_train_splits_are_refused(store):
    data_dir = store("small", LABELLED, train=texts(5))
    message = refusal(CLASSES, "small", data_dir=data_dir)
    assert "'validation'" in message and "small" in message and "three files" in message
    data_dir = store(
        "blank", LABELLED, train=texts(1), validation=[{"text": " ", "label": 0}], test=texts(1)
    )
    assert "'validation'" in refusal(CLASSES, "blank", data_dir=data_dir)
    data_dir = store("tests", LABELLED, test=texts(1))
    assert "no split 'train'" in refusal(CLASSES, "tests", data_dir=data_dir)


def test_exactly_one_source_is_given():
    assert "give one of the two" in refusal(TEXT)
    assert "'x'" in refusal(TEXT, "x", ("y.txt",))


def test_reading_files_in_a_fresh_process_needs_no_tensorflow(file):
    path = file("all.txt", "abcdefghij" * 10)
    code = (
        "import sys\nfrom tasks.data.sources import Role, read\n"
        f"read((Role('text', 'text'),), data=({str(path)!r},))\nprint('tensorflow' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "False", done.stderr


# --- files ---


def test_a_text_file_is_one_example_and_its_tenths_are_set_apart(file):
    text = "".join(chr(ord("a") + number) for number in range(20)) * 5
    corpus = read(TEXT, data=(file("all.txt", "\ufeff" + text.replace("d", "\r\n")),))
    text = text.replace("d", "\n")
    expected = {"train": text[:80], "validation": text[80:90], "test": text[90:]}
    assert corpus.splits == {split: [{"text": part}] for split, part in expected.items()}
    assert corpus.name == "all.txt" and corpus.found == {"text": "text"}
    assert "'validation'" in refusal(TEXT, data=(file("short.txt", "abc"),))
    assert ".csv or .jsonl" in refusal(CLASSES, data=(file("all.txt", text),)).replace(
        ".tsv or ", ""
    )


def test_three_files_are_train_validation_test(file):
    paths = [file(f"{name}.txt.gz", gzip.compress(name.encode())) for name in "abc"]
    corpus = read(TEXT, data=paths)
    assert [corpus.splits[split][0]["text"] for split in ("train", "validation", "test")] == [
        "a",
        "b",
        "c",
    ]
    assert corpus.name == "a.txt.gz, b.txt.gz, c.txt.gz"
    message = refusal(TEXT, data=paths[:2])
    assert "2 paths" in message and "three files" in message


@pytest.mark.parametrize("word", ["dev", "valid", "validation", "VAL"])
def test_a_folder_is_read_by_the_names_of_its_files(file, word):
    folder = file("d/en-train_1.tsv", TAGGED).parent
    file(f"d/en-{word}.tsv", "b\tX\n")
    file("d/en_test.tsv", "c\tY\n")
    file("d/latest.tsv", "no\tsplit\n")
    file("d/train.md", "not data")
    corpus = read(WORDS, data=(folder,))
    assert corpus.splits["train"] == [
        {"words": ["a", "cat"], "tags": ["DET", "NOUN"]}, {"words": ["sits"], "tags": ["VERB"]}]  # fmt: skip
    assert corpus.splits["validation"][0]["words"] == ["b"] and corpus.splits["test"][0][
        "words"
    ] == ["c"]


def test_folders_that_are_unclear_are_refused(file):
    folder = file("d/my_train.tsv", TAGGED).parent
    file("d/train.tsv", TAGGED)
    message = refusal(WORDS, data=(folder,))
    assert "my_train.tsv" in message and "both train" in message
    os.remove(folder / "my_train.tsv")
    os.rename(folder / "train.tsv", folder / "train-test.tsv")
    assert "several splits" in refusal(WORDS, data=(folder,))
    os.rename(folder / "train-test.tsv", folder / "corpus.tsv")
    message = refusal(WORDS, data=(folder,))
    assert "corpus.tsv" in message and "'train'" in message


CONLLU = (
    "# text = one\n1-2\tdu\t_\t_\t_\t_\t_\t_\t_\t_\n1\tde\t_\tADP\tP\t_\t_\t_\t_\t_\n2\tle\t_\tDET\tD\t_\t_\t_\t_\t_\n"
    "2.1\tx\t_\tX\t_\t_\t_\t_\t_\t_\n\n1\tLe\t_\tDET\tD\t_\t_\t_\t_\t_\n"
)


def three(path):
    return (path, path, path)


def test_conllu_gives_words_and_either_column_of_tags(file):
    path = file("a.conllu", CONLLU)
    corpus = read(WORDS, data=three(path))
    assert [example["words"] for example in corpus.splits["test"]] == [["de", "le"], ["Le"]]
    assert [example["tags"] for example in corpus.splits["test"]] == [["ADP", "DET"], ["DET"]]
    assert corpus.found == {"words": "form", "tags": "upos"}
    corpus = read(WORDS, data=three(path), features={"tags": "xpos"})
    assert corpus.splits["test"][0]["tags"] == ["P", "D"]
    message = refusal(WORDS, data=three(path), features={"tags": "lemma"})
    assert "'lemma'" in message and "xpos: XPOS" in message
    bare = file("b.conllu", "1\tde\t_\tADP\t_\t_\t_\t_\t_\t_\n")
    assert "'xpos' is '_' throughout" in refusal(WORDS, data=three(bare), features={"tags": "xpos"})


@pytest.mark.parametrize(
    ("line", "part"),
    [("1\tde\tADP", "3 columns"), ("x\tde" + "\t_" * 8, "'x'"), ("1\t" + "\t_" * 8, "empty FORM")],
)
def test_a_malformed_conllu_line_is_named(file, line, part):
    path = file("a.conllu", CONLLU + "\n" + line + "\n")
    message = refusal(WORDS, data=three(path))
    assert f"{path} line 9" in message and part in message and "Correct" in message


def test_tagged_words_take_further_columns_by_number(file):
    path = file("a.tsv", TAGGED)
    assert read(WORDS, data=three(path)).found == {"words": "1", "tags": "2"}
    corpus = read(WORDS, data=three(path), features={"tags": "3"})
    assert corpus.splits["train"][0]["tags"] == ["X1", "X2"]
    message = refusal(WORDS, data=three(path), features={"tags": "4"})
    assert "'4'" in message and "3: column" in message


@pytest.mark.parametrize("line", ["word", "word\t", "\ttag"])
def test_a_malformed_tagged_line_is_named(file, line):
    path = file("a.tsv", TAGGED + "\n" + line + "\n")
    message = refusal(WORDS, data=three(path))
    assert f"{path} line 6" in message and "word TAB tag" in message


def test_csv_tsv_and_json_lines_give_the_same_examples(file):
    expected = [{"text": 'say "a, b"', "label": "pos"}, {"text": "two\nlines", "label": "1"}]
    table = 'id, label,text\n1,pos,"say ""a, b"""\n2,1,"two\nlines"\n'
    assert read(CLASSES, data=three(file("a.csv", "\ufeff" + table))).splits["test"] == expected
    lines = [{"text": 'say "a, b"', "label": "pos"}, {"label": 1, "text": "two\nlines\u2028"}]
    path = file(
        "a.jsonl", "\n".join(json.dumps(line, ensure_ascii=False) for line in lines) + "\n\n"
    )
    expected[1]["text"] += "\u2028"
    assert read(CLASSES, data=three(path)).splits["test"] == expected
    path = file("a.tsv", 'label\ttext\nneg\t"quoted\n')
    assert read(CLASSES, data=three(path)).splits["test"] == [{"text": '"quoted', "label": "neg"}]


def test_columns_are_found_by_name_or_asked_for(file):
    roles = (CLASSES[0], Role("score", "number", ("score",)))
    path = file("a.csv", "text,score,stars\ngood,4.5,5\nbad,-1e2,1\n")
    assert read(roles, data=three(path)).splits["train"][1] == {"text": "bad", "score": -100.0}
    assert (
        read(roles, data=three(path), features={"score": "stars"}).splits["train"][0]["score"]
        == 5.0
    )
    message = refusal(CLASSES, data=three(path))
    assert "'label'" in message and "text: column, score: column, stars: column" in message
    assert "'mark'" in refusal(roles, data=three(path), features={"score": "mark"})


@pytest.mark.parametrize(
    ("name", "content", "parts"),
    [
        ("a.csv", "text,label\na,b\nc\n", ("line 3", "1 columns", "text, label")),
        ("a.csv", 'text,label\na,b\n"c,d\n', ("line 3", "quotes")),
        ("a.csv", "text,label\na,\n", ("line 2", "'label' is ''")),
        ("a.csv", "text,label\n", ("no example",)),
        ("a.jsonl", '{"text": "a", "label": "b"}\n{"text": "a"}\n', ("line 2", "no 'label'")),
        (
            "a.jsonl",
            '{"text": "a", "label": "b"}\n{"text": 3, "label": "b"}\n',
            ("line 2", "'text' is 3"),
        ),
        ("a.jsonl", '{"text": "a", "label": null}\n', ("line 1", "'label' is None")),
        ("a.jsonl", '{"text": "a", "label": "b"}\n{"text"\n', ("line 2", "no JSON", "one object")),
        ("a.jsonl", "[1, 2]\n", ("line 1", "no JSON object")),
    ],
)
def test_malformed_tables_are_refused_with_the_line(file, name, content, parts):
    path = file(name, content)
    message = refusal(CLASSES, data=three(path))
    assert str(path) in message and all(part in message for part in parts), message


@pytest.mark.parametrize("value", ["many", "nan", ""])
def test_what_is_no_number_is_refused(file, value):
    path = file("a.csv", f"text,score\na,1\nb,{value}\n")
    message = refusal((CLASSES[0], Role("score", "number", ("score",))), data=three(path))
    assert f"{path} line 3" in message and repr(value) in message


def test_files_that_cannot_be_read_are_refused(file, tmp_path):
    path = file("latin.txt", b"\xef\xbb\xbfcaf\xe9 au lait")
    message = refusal(TEXT, data=(path,))
    assert str(path) in message and "0xe9 at offset 6" in message and "iconv" in message
    message = refusal(TEXT, data=(tmp_path / "absent.txt",))
    assert str(tmp_path / "absent.txt") in message and "does not exist" in message
    message = refusal(TEXT, data=(file("empty.txt", " \n\n"),))
    assert "empty.txt is empty" in message and "example" in message
    path = file("half.txt.gz", gzip.compress(b"a" * 10_000)[:-9])
    assert str(path) in refusal(TEXT, data=(path,)) and "gzip" in refusal(TEXT, data=(path,))
    message = refusal(TEXT, data=(file("a.docx", "x"),))
    assert "'.docx'" in message and ".txt, .conllu, .tsv, .csv, .jsonl" in message
    assert "is a folder" in refusal(TEXT, data=three(file("d.txt/x", "x").parent))


def test_roles_that_a_kind_of_file_cannot_give_are_refused(file):
    message = refusal(WORDS, data=(file("a.txt", "x"),))
    assert ".conllu or .tsv" in message and "'words' (kind words)" in message
    assert "name a dataset" in refusal(NUMBERS, data=(file("a.csv", "vectors,target\n1,2\n"),))
    two = (Role("source", "text"), Role("target", "text"))
    assert "2 roles" in refusal(two, data=(file("a.txt", "x"),))


# --- pairs of texts ---


def pair(source, target):
    return {"source": source, "target": target}


@pytest.mark.parametrize(
    ("keys", "config", "source"),
    [
        (("fr", "en"), None, "fr"),
        (("en", "fr"), None, "en"),
        (None, "fr_to_en", "fr"),
        (None, "en-fr", "en"),
        (None, None, "en"),
    ],
)
def test_a_translation_is_read_in_the_direction_that_its_builder_says(
    keys, config, source, tmp_path, offline
):
    class Mine(tfds.core.GeneratorBasedBuilder, skip_registration=True):
        pkg_dir_path = None  # a test is no package
        VERSION = tfds.core.Version("1.0.0")
        BUILDER_CONFIGS = [tfds.core.BuilderConfig(name=config)] if config else []

        def _info(self):
            return tfds.core.DatasetInfo(
                builder=self,
                features=tfds.features.Translation(languages=("en", "fr")),
                supervised_keys=keys,
            )

        def _split_generators(self, dl_manager):
            return {
                split: [(0, {"en": "yes", "fr": "oui"})]
                for split in ("train", "validation", "test")
            }

        def _generate_examples(self):
            """Not asked."""

    Mine(data_dir=tmp_path).download_and_prepare()
    target = {"en": "fr", "fr": "en"}[source]
    name = f"mine/{config}" if config else "mine"
    corpus = read(PAIRS, name, data_dir=tmp_path)
    assert corpus.found == {"source": source, "target": target}
    assert corpus.splits["test"] == [pair(*(("oui", "yes") if source == "fr" else ("yes", "oui")))]
    corpus = read(PAIRS, name, data_dir=tmp_path, features={"source": target})
    assert corpus.found == {"source": target, "target": source}


def test_the_embedded_pairs_are_english_and_french(data_dir):
    corpus = read(PAIRS, "zoo_jupyter_fr", data_dir=data_dir)
    assert corpus.found == {"source": "en", "target": "fr"}
    assert pair(
        "Restart Kernel and Run All", "Redémarrer le noyau et exécuter tout le code"
    ) in sum(corpus.splits.values(), [])


def test_two_texts_of_a_dataset_are_a_pair_and_three_are_not(store):
    text = tfds.features.Text()
    data_dir = store(
        "two", {"a": text, "b": text}, train=[{"a": f"a{k}", "b": f"b{k}"} for k in range(10)]
    )
    assert read(PAIRS, "two", data_dir=data_dir).splits["train"][0] == pair("a0", "b0")
    data_dir = store(
        "three", {"a": text, "b": text, "c": text}, train=[{"a": "x", "b": "y", "c": "z"}] * 10
    )
    assert "several could be it (a, b, c)" in refusal(PAIRS, "three", data_dir=data_dir)
    chosen = read(PAIRS, "three", data_dir=data_dir, features={"source": "c", "target": "a"})
    assert chosen.splits["train"][0] == pair("z", "x")


ROWS = [(f"s{number}", f't « {number} » "x') for number in range(10)]
TRAIN = [pair(*row) for row in ROWS[:8]]


@pytest.mark.parametrize("header", ["", "source\ttarget\tby\n"])
def test_a_pair_on_each_line_needs_no_header(file, header):
    lines = header + "\n".join(f"{source}\t{target}\tsomebody" for source, target in ROWS)
    for path in (file("pairs.tsv", lines), file("pairs.tsv.gz", gzip.compress(lines.encode()))):
        assert read(PAIRS, data=(path,)).splits["train"] == TRAIN
    features = (
        {"source": "3", "target": "1"} if not header else {"source": "by", "target": "source"}
    )
    assert read(PAIRS, data=(path,), features=features).splits["train"][0] == pair("somebody", "s0")


def test_columns_with_other_names_are_a_header_when_they_are_asked_for(file):
    path = file("pairs.tsv", "en\tde\n" + "a\tb\n" * 10)
    assert read(PAIRS, data=(path,), features={"source": "de", "target": "en"}).splits["test"] == [
        pair("b", "a")
    ]
    table = file("pairs.csv", "en,de\n" + "a,b\n" * 10)
    assert read(PAIRS, data=(table,), features={"source": "de", "target": "en"}).splits["test"] == [
        pair("b", "a")
    ]
    assert "features={'source': NAME}" in refusal(PAIRS, data=(table,))


def test_a_bare_line_without_a_second_column_is_named(file):
    message = refusal(PAIRS, data=(file("pairs.tsv", "a\tb\n\nc\n"),))
    assert "line 3" in message and "column 2" in message and "'c'" in message
    assert "'target'" in refusal(PAIRS, data=(file("pairs.tsv", "a\nc\n"),))


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
def test_two_files_are_parallel_line_by_line(file, names):
    paths = [
        file(name, "".join(row[place] + "\r\n" for row in ROWS)) for place, name in enumerate(names)
    ]
    corpus = read(PAIRS, data=paths)
    assert corpus.splits["train"] == TRAIN and corpus.splits["test"] == [pair(*ROWS[8])]
    assert corpus.name == ", ".join(names)
    # As they are named: the second language first is another task.
    if "source.txt" not in names:
        assert read(PAIRS, data=paths[::-1]).splits["train"][0] == pair(*ROWS[0][::-1])


def test_parallel_files_of_three_splits_and_a_folder_of_them(file):
    paths = [
        file(f"corpus/{split}.{language}.gz", gzip.compress(f"{split} {language}\n".encode()))
        for split in ("train", "dev", "test")
        for language in ("en", "de")
    ]
    file("corpus/README.md", "no text")
    splits = read(PAIRS, data=paths).splits
    assert splits == {
        "train": [pair("train en", "train de")],
        "validation": [pair("dev en", "dev de")],
        "test": [pair("test en", "test de")],
    }
    corpus = read(PAIRS, data=(paths[0].parent,))
    assert corpus.found == {
        "source": "de",
        "target": "en",
    }  # in the order of the alphabet, unless told otherwise
    corpus = read(PAIRS, data=(paths[0].parent,), features={"source": "en"})
    assert corpus.splits == splits and corpus.found == {"source": "en", "target": "de"}
    assert "'it'" in refusal(PAIRS, data=(paths[0].parent,), features={"source": "it"})


def test_a_folder_of_tables_of_pairs_is_read_as_before(file):
    for split in ("train", "dev", "test"):
        path = file(f"corpus/{split}.tsv", f"{split}\tx\n")
    assert read(PAIRS, data=(path.parent,)).splits["validation"] == [pair("dev", "x")]


def test_parallel_files_that_do_not_line_up_are_refused_with_both_counts(file):
    message = refusal(PAIRS, data=(file("train.en", "a\nb\nc\n"), file("train.fr", "a\nb\n")))
    assert "train.en has 3" in message and "train.fr has 2" in message
    file("two/train.en", "a\n"), file("two/train.fr", "b\n")
    assert "same split and language" in refusal(
        PAIRS, data=(file("two/train.old.en", "c\n").parent,)
    )


def test_a_line_without_its_translation_is_left_out(file):
    lines = "\n".join(f"s{number}" for number in range(12))
    paths = file("a.en", lines), file("a.fr", "\n" + lines.removeprefix("s0\n"))
    assert pair("s0", "") not in sum(read(PAIRS, data=paths).splits.values(), [])
    assert sum(map(len, read(PAIRS, data=paths).splits.values())) == 11
