"""The English Web Treebank read from files, if ../shared/data has it."""

import pathlib

import pytest

from tasks.data import sources
from tasks.library import tasks

EWT = pathlib.Path(__file__).parents[3] / "shared" / "data" / "ud_en_ewt"
FILES = tuple(EWT / f"en_ewt-ud-{part}.tsv.gz" for part in ("train_from_sources", "dev", "test"))

pytestmark = pytest.mark.skipif(
    not all(file.exists() for file in FILES), reason="../shared/data has no ud_en_ewt"
)


@pytest.fixture(scope="module")
def corpus():
    return sources.read(tasks.get("pos_tagging").roles, data=[str(file) for file in FILES])


def test_english_web_treebank_has_all_sentences(corpus):
    assert {split: len(examples) for split, examples in corpus.splits.items()} == {
        "train": 12_544,
        "validation": 2_001,
        "test": 2_077,
    }


def test_english_web_treebank_has_17_universal_tags(corpus):
    examples = [example for split in corpus.splits.values() for example in split]
    assert all(len(example["words"]) == len(example["tags"]) for example in examples)
    assert len({tag for example in examples for tag in example["tags"]}) == 17
    where = next(example for example in examples if example["words"][:3] == ["Where", "in", "the"])
    assert where["tags"][:3] == ["ADV", "ADP", "DET"]
