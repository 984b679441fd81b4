"""The embedded datasets: what they hold, how they are cut, and that TFDS knows them."""

import collections
import importlib.metadata
import json
import pydoc_data.topics
import re
import subprocess
import sys

import numpy as np
import pytest
import tensorflow_datasets as tfds

from tasks.datasets import datasets, zoo_jupyter_fr, zoo_names, zoo_turkish_treebank
from zoo.errors import RequestError

SPLITS = ("train", "validation", "test")
NAMES = [
    "zoo_adding",
    "zoo_copy_memory",
    "zoo_delayed_recall",
    "zoo_jupyter_fr",
    "zoo_names",
    "zoo_pydoc",
    "zoo_turkish_treebank",
]


@pytest.fixture(scope="session")
def data_dir(tmp_path_factory):
    return tmp_path_factory.mktemp("tfds")


def load(name, data_dir):
    """All examples by split, and the features."""
    loaded, info = tfds.load(name, data_dir=data_dir, with_info=True)
    assert set(loaded) == set(SPLITS)
    return {split: list(tfds.as_numpy(loaded[split])) for split in SPLITS}, info.features


@pytest.fixture(scope="session")
def treebank(data_dir):
    return load("zoo_turkish_treebank", data_dir)


@pytest.fixture(scope="session")
def names(data_dir):
    return load("zoo_names", data_dir)


@pytest.fixture(scope="session")
def adding(data_dir):
    return load("zoo_adding/7", data_dir)[0]


def fresh(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize(
    "order", ["tasks.datasets, tensorflow_datasets", "tensorflow_datasets, tasks.datasets"]
)
def test_tfds_knows_the_builders_in_either_order_of_imports(order):
    done = fresh(
        f"import {order}, tensorflow_datasets as tfds\n"
        "from tasks.datasets import datasets\n"
        "print(*(tfds.builder_cls(name) is datasets.get(name) for name in datasets.names()))"
    )
    assert done.stdout.split() == ["True"] * len(NAMES), done.stderr


def test_one_builder_can_be_looked_up_first_in_a_fresh_process():
    done = fresh("from tasks.datasets import datasets\nprint(datasets.get('zoo_pydoc').name)")
    assert done.stdout.strip() == "zoo_pydoc", done.stderr


def test_importing_the_registry_imports_no_heavy_library():
    done = fresh(
        "import sys, tasks.datasets as d\nprint(d.datasets.names())\n"
        "print(sorted({'tensorflow', 'tensorflow_datasets', 'keras', 'numpy'} & set(sys.modules)))"
    )
    assert done.stdout.splitlines() == [str(NAMES), "[]"]


@pytest.mark.parametrize("name", NAMES)
def test_each_builder_states_its_licence_and_citation_and_version(name, tmp_path):
    builder = datasets.get(name)(data_dir=tmp_path)
    assert str(builder.version) == "1.0.0" and builder.release_notes == {"1.0.0": "First version."}
    assert builder.info.citation.startswith("@") and builder.info.description
    record = next(record for record in datasets.records(name))
    assert record.facts["licence"] == builder.info.redistribution_info.license
    assert record.facts["tags"]


def test_the_treebank_has_the_documented_splits_and_only_single_words(treebank):
    splits, features = treebank
    assert {split: len(splits[split]) for split in SPLITS} == {
        "train": 3880,
        "validation": 486,
        "test": 485,
    }
    assert sum(len(example["tokens"]) for split in SPLITS for example in splits[split]) == 81370
    assert all(len(e["tokens"]) == len(e["upos"]) > 0 for split in SPLITS for e in splits[split])
    seen = {tag for split in SPLITS for example in splits[split] for tag in example["upos"]}
    assert {features["upos"].feature.int2str(tag) for tag in seen} == set(zoo_turkish_treebank.TAGS)
    assert list(zoo_turkish_treebank.TAGS) == sorted(zoo_turkish_treebank.TAGS)


def test_the_treebank_deals_out_sentences_by_their_number(treebank):
    splits, features = treebank
    file = next(f for f in importlib.metadata.files("turkish-treebanks") if f.name == "web.conllu")
    lines = [line.split("\t") for line in file.locate().read_text(encoding="utf-8").splitlines()]
    starts = [place for place, line in enumerate(lines) if line[0].startswith("# sent_id")]

    def sentence(number):
        rows = [row for row in lines[starts[number] : starts[number + 1]] if len(row) == 10]
        return [row[1] for row in rows], [row[3] for row in rows]

    for split, place, number in (
        ("train", 0, 0),
        ("validation", 0, 8),
        ("test", 0, 9),
        ("train", 8, 10),
    ):
        example = splits[split][place]
        assert [token.decode() for token in example["tokens"]] == sentence(number)[0]
        assert [features["upos"].feature.int2str(tag) for tag in example["upos"]] == sentence(
            number
        )[1]


def test_the_treebank_leaves_out_what_is_no_single_word():
    rows = [("1-2", "du", "_"), ("1", "de", "ADP"), ("1.1", "x", "X"), ("2", "le", "DET")]
    text = "# c\n" + "\n".join(f"{number}\t{form}\t_\t{tag}" for number, form, tag in rows) + "\n\n"
    assert list(zoo_turkish_treebank._sentences(text)) == [[("de", "ADP"), ("le", "DET")]]


@pytest.fixture(scope="session")
def pydoc(data_dir):
    splits, _ = load("zoo_pydoc", data_dir)
    assert [len(splits[split]) for split in SPLITS] == [1, 1, 1]
    return {split: splits[split][0]["text"].decode() for split in SPLITS}


def test_pydoc_deals_out_topics_by_their_place_in_the_alphabet(pydoc):
    topics = pydoc_data.topics.topics
    paragraphs = {name: topics[name].strip("\n").split("\n\n") for name in topics}
    count = collections.Counter(
        " ".join(each.split()) for name in topics for each in paragraphs[name]
    )
    checked = 0
    for place, name in enumerate(sorted(topics)):
        expected = {0: "test", 1: "validation"}.get(place % 10, "train")
        for each in paragraphs[name]:
            if count[" ".join(each.split())] == 1 and len(each) > 200:
                assert [split for split in SPLITS if each in pydoc[split]] == [expected], name
                checked += 1
    assert checked > 200


def test_pydoc_has_next_to_nothing_of_train_in_the_other_splits(pydoc):
    def runs(text):
        words = text.split()
        return [tuple(words[start : start + 10]) for start in range(len(words) - 9)]

    train = set(runs(pydoc["train"]))
    for split in ("validation", "test"):
        held_out = runs(pydoc[split])
        assert sum(run in train for run in held_out) < 0.02 * len(held_out), split
    assert sum(map(len, pydoc.values())) > 250_000


def test_names_are_single_words_of_one_language_only(names):
    splits, features = names
    pairs = [
        (e["name"].decode(), features["language"].int2str(e["language"]))
        for s in SPLITS
        for e in splits[s]
    ]
    assert len({name.casefold() for name, _ in pairs}) == len(pairs)
    assert all(name.isalpha() for name, _ in pairs)
    counts = collections.Counter(language for _, language in pairs)
    assert len(counts) == 15 and min(counts.values()) >= 300 and max(counts.values()) == 600
    own = {language: zoo_names._names(locale) for language, locale in zoo_names.LOCALES.items()}
    assert all([of for of in own if name in own[of]] == [language] for name, language in pairs)


def test_names_are_shuffled_and_cut_80_10_10(names):
    splits, features = names
    sizes = [len(splits[split]) for split in SPLITS]
    assert sizes[1] == sizes[2] == sum(sizes) // 10
    assert all(len({e["language"] for e in splits[split][:200]}) == 15 for split in SPLITS)
    name_of = features["language"].int2str
    drawn = [
        (e["name"].decode(), name_of(e["language"])) for split in SPLITS for e in splits[split]
    ]
    # Another process hashes strings differently: the order of a set must not show.
    done = fresh(
        "import json; from tasks.datasets.zoo_names import _examples; print(json.dumps(_examples()))"
    )
    assert [tuple(pair) for pair in json.loads(done.stdout)] == drawn


def test_jupyter_messages_are_pairs_without_a_leak(data_dir):
    splits, features = load("zoo_jupyter_fr", data_dir)
    assert isinstance(features, tfds.features.Translation)
    pairs = {
        split: [(e["en"].decode(), e["fr"].decode()) for e in splits[split]] for split in SPLITS
    }
    assert 2900 < sum(map(len, pairs.values())) < 3400
    assert all(250 < len(pairs[split]) < 400 for split in ("validation", "test"))
    known = [english.casefold().rstrip(" .:!?…") for split in SPLITS for english, _ in pairs[split]]
    assert len(set(known)) == len(known)
    assert all(
        text == " ".join(text.split()) and text
        for split in SPLITS
        for pair in pairs[split]
        for text in pair
    )
    assert ("Restart Kernel and Run All", "Redémarrer le noyau et exécuter tout le code") in sum(
        pairs.values(), []
    )


def test_jupyter_messages_lose_context_plural_doubles_and_gaps():
    catalogues = [
        {
            "": {"domain": "x"},
            "schema\x04Open\n the  file": ["Ouvrir\nle fichier"],
            "%1 row": ["%1 ligne", "no"],
            "%1 (%2)": ["%1 (%2)"],
            "Nothing": [" "],
        },
        {"open the file…": ["Autre"], "Close": ["Fermer"]},
    ]
    assert list(zoo_jupyter_fr._messages(catalogues).values()) == [
        ("Open the file", "Ouvrir le fichier"),
        ("%1 row", "%1 ligne"),
        ("Close", "Fermer"),
    ]


def test_a_jupyter_message_has_its_split_whatever_else_there_is(tmp_path, monkeypatch):
    builder = datasets.get("zoo_jupyter_fr")(data_dir=tmp_path)
    catalogue = {f"message {chr(97 + k % 26)}{chr(97 + k // 26)}": ["message"] for k in range(200)}

    def split_of(catalogue):
        monkeypatch.setattr(zoo_jupyter_fr, "_catalogues", lambda: [catalogue])
        return {
            example["en"]: split
            for split, examples in builder._split_generators(None).items()
            for _, example in examples
        }

    whole = split_of(catalogue)
    assert set(whole.values()) == set(SPLITS)
    half = split_of(dict(list(catalogue.items())[::2]))
    assert len(half) == 100 and half.items() <= whole.items()


def test_adding_marks_one_timestep_in_each_half_and_sums_them(adding):
    assert [len(adding[split]) for split in SPLITS] == [10_000, 1_000, 1_000]
    vectors = np.stack([example["vectors"] for example in adding["train"]])
    targets = np.array([example["target"] for example in adding["train"]])
    assert vectors.shape == (10_000, 7, 2) and vectors.dtype == np.float32
    numbers, marks = vectors[..., 0], vectors[..., 1]
    assert set(np.unique(marks)) == {0.0, 1.0} and numbers.min() >= 0 and numbers.max() < 1
    # Seven timesteps: three in the first half, four in the second, each of them marked at times.
    np.testing.assert_array_equal(marks[:, :3].sum(1), 1)
    np.testing.assert_array_equal(marks[:, 3:].sum(1), 1)
    assert np.all(marks.mean(0) > 0.2)
    np.testing.assert_allclose(targets, (numbers * marks).sum(1), rtol=1e-6)
    assert abs(targets.var() - 1 / 6) < 0.01 and abs(targets.mean() - 1) < 0.02


def test_adding_is_drawn_anew_for_each_split_and_the_same_each_time(adding, tmp_path):
    first = {split: adding[split][0]["vectors"] for split in SPLITS}
    assert not np.array_equal(first["train"], first["validation"])
    again = next(
        datasets.get("zoo_adding")(data_dir=tmp_path, config="7")._generate_examples(0, 1)
    )[1]
    np.testing.assert_array_equal(again["vectors"], first["train"])


def test_adding_has_100_timesteps_unless_named(tmp_path):
    assert datasets.get("zoo_adding")(data_dir=tmp_path).info.features["vectors"].shape == (100, 2)
    assert tfds.builder("zoo_adding/12345", data_dir=tmp_path).info.features["vectors"].shape == (
        12345,
        2,
    )


@pytest.mark.parametrize("config", ["abc", "0", "1", "-5", "007", "2.5"])
def test_adding_refuses_what_is_no_number_of_timesteps(config, tmp_path):
    with pytest.raises(RequestError, match=rf"zoo_adding/{config}: .* whole number from 2 up"):
        datasets.get("zoo_adding")(data_dir=tmp_path, config=config)


@pytest.fixture(scope="session")
def copying(data_dir):
    splits = load("zoo_copy_memory/4", data_dir)[0]
    return {
        split: [(e["text"].decode(), e["answer"].decode()) for e in splits[split]]
        for split in SPLITS
    }


def test_copy_memory_shows_ten_symbols_and_wants_them_back_after_the_delay(copying):
    assert [len(copying[split]) for split in SPLITS] == [10_000, 1_000, 1_000]
    for text, answer in copying["test"]:
        assert re.fullmatch(
            r"[a-h]{10}[.]{3}[?][.]{10}", text
        )  # T + 20 timesteps: the delay counts the delimiter
        assert answer == "." * 14 + text[:10]
    for place in range(10):
        counts = collections.Counter(text[place] for text, _ in copying["train"])
        assert set(counts) == set("abcdefgh") and min(counts.values()) > 1100


def test_delayed_recall_shows_the_class_first_and_then_nothing_of_it(data_dir):
    splits, features = load("zoo_delayed_recall/5", data_dir)
    pairs = [(e["text"].decode(), features["label"].int2str(e["label"])) for e in splits["train"]]
    assert [len(splits[split]) for split in SPLITS] == [10_000, 1_000, 1_000]
    assert all(re.fullmatch("[A-H][a-h]{5}", text) and text[0] == label for text, label in pairs)
    counts = collections.Counter(label for _, label in pairs)
    assert set(counts) == set("ABCDEFGH") and min(counts.values()) > 1100
    told = collections.Counter((label, letter) for text, label in pairs for letter in text[1:])
    assert max(told.values()) < 1.2 * min(told.values())


def test_what_is_generated_is_new_in_each_split_and_the_same_each_time(copying, tmp_path):
    for name in ("zoo_copy_memory", "zoo_delayed_recall"):
        builder = datasets.get(name)(data_dir=tmp_path, config="4")
        first, again, other = (
            [example["text"] for _, example in builder._generate_examples(seed, 30)]
            for seed in (0, 0, 1)
        )
        assert first == again and not set(first) & set(other)
    assert (
        copying["train"][0][0]
        == next(
            datasets.get("zoo_copy_memory")(data_dir=tmp_path, config="4")._generate_examples(0, 1)
        )[1]["text"]
    )


@pytest.mark.parametrize("name", ["zoo_copy_memory", "zoo_delayed_recall"])
def test_a_delay_is_a_whole_number(name, tmp_path):
    assert datasets.get(name)(data_dir=tmp_path).builder_config.name == "100"
    assert datasets.get(name)(data_dir=tmp_path, config="1").difficulty == 1
    for config in ("0", "abc", "-3", "02"):
        with pytest.raises(
            RequestError,
            match=rf"{name}/{config}: .* a delay in timesteps; write a whole number from 1 up",
        ):
            datasets.get(name)(data_dir=tmp_path, config=config)
