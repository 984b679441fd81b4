"""Names of people by language."""

import collections
import json

import pytest

from tasks.datasets import zoo_names

SPLITS = ("train", "validation", "test")


@pytest.fixture(scope="module")
def pairs(load):
    """Split -> pairs of name and language."""
    splits, features = load("zoo_names")
    language_of = features["language"].int2str
    return {
        split: [(e["name"].decode(), language_of(e["language"])) for e in splits[split]]
        for split in SPLITS
    }


def test_names_are_single_words_of_one_language(pairs):
    every_pair = sum(pairs.values(), [])
    assert len({name.casefold() for name, _ in every_pair}) == len(every_pair)
    assert all(name.isalpha() for name, _ in every_pair)
    counts = collections.Counter(language for _, language in every_pair)
    assert len(counts) == 15 and min(counts.values()) >= 300 and max(counts.values()) == 600
    names = {
        language: zoo_names.names_of_locale(locale)
        for language, locale in zoo_names.LOCALES.items()
    }
    for name, language in every_pair:
        assert [other for other in names if name in names[other]] == [language]


def test_names_are_shuffled_and_split_80_10_10(pairs):
    sizes = [len(pairs[split]) for split in SPLITS]
    assert sizes[1] == sizes[2] == sum(sizes) // 10
    assert all(len({language for _, language in pairs[split][:200]}) == 15 for split in SPLITS)


def test_another_process_draws_the_same_names(pairs, fresh_process):
    # The hash of a string differs between processes, and with it the order of a set.
    code = (
        "import json; from tasks.datasets.zoo_names import draw_names; "
        "print(json.dumps(draw_names()))"
    )
    assert [tuple(pair) for pair in json.loads(fresh_process(code))] == sum(pairs.values(), [])
