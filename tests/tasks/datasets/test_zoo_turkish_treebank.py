"""The Turkish Web Treebank."""

import importlib.metadata

import pytest

from tasks.data.sources import Role, read
from tasks.datasets import zoo_turkish_treebank

SPLITS = ("train", "validation", "test")


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    roles = (Role("words", "words"), Role("tags", "tags"))
    return read(roles, "zoo_turkish_treebank", data_dir=tmp_path_factory.mktemp("tfds"))


def test_treebank_has_4851_sentences_and_14_tags(corpus):
    sizes = {split: len(examples) for split, examples in corpus.splits.items()}
    assert sizes == {"train": 3880, "validation": 486, "test": 485}
    assert corpus.found == {"words": "tokens", "tags": "upos"}
    examples = sum(corpus.splits.values(), [])
    assert sum(len(example["words"]) for example in examples) == 81370
    assert all(len(example["words"]) == len(example["tags"]) > 0 for example in examples)
    seen = {tag for example in examples for tag in example["tags"]}
    assert sorted(seen) == list(zoo_turkish_treebank.TAGS)
    assert corpus.splits["train"][0] == {
        "words": ["Burda", "da", "öylemi", "yoksa", "kiloyla", "mı", "?"],
        "tags": ["PRON", "PRT", "VERB", "CONJ", "VERB", "PRT", "PUNCT"],
    }


def test_split_of_a_sentence_follows_its_number(corpus):
    file = next(f for f in importlib.metadata.files("turkish-treebanks") if f.name == "web.conllu")
    lines = [line.split("\t") for line in file.locate().read_text(encoding="utf-8").splitlines()]
    starts = [index for index, line in enumerate(lines) if line[0].startswith("# sent_id")]
    for split, position, number in (
        ("train", 0, 0),
        ("validation", 0, 8),
        ("test", 0, 9),
        ("train", 8, 10),
    ):
        rows = [row for row in lines[starts[number] : starts[number + 1]] if len(row) == 10]
        assert corpus.splits[split][position] == {
            "words": [row[1] for row in rows],
            "tags": [row[3] for row in rows],
        }


def test_multi_word_tokens_and_empty_nodes_are_skipped():
    rows = [("1-2", "du", "_"), ("1", "de", "ADP"), ("1.1", "x", "X"), ("2", "le", "DET")]
    text = "# c\n" + "\n".join(f"{number}\t{form}\t_\t{tag}" for number, form, tag in rows) + "\n\n"
    sentences = list(zoo_turkish_treebank.parse_sentences(text))
    assert sentences == [[("de", "ADP"), ("le", "DET")]]
