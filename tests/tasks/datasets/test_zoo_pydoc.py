"""English prose of Python's help topics."""

import collections
import pydoc_data.topics

import pytest

SPLITS = ("train", "validation", "test")


@pytest.fixture(scope="module")
def texts(load):
    """Split -> its text."""
    splits, _ = load("zoo_pydoc")
    assert [len(splits[split]) for split in SPLITS] == [1, 1, 1]
    return {split: splits[split][0]["text"].decode() for split in SPLITS}


def test_split_of_a_topic_follows_its_alphabetical_position(texts):
    topics = pydoc_data.topics.topics
    paragraphs = {name: topics[name].strip("\n").split("\n\n") for name in topics}
    counts = collections.Counter(
        " ".join(paragraph.split()) for name in topics for paragraph in paragraphs[name]
    )
    checked = 0
    for index, name in enumerate(sorted(topics)):
        expected = {0: "test", 1: "validation"}.get(index % 10, "train")
        for paragraph in paragraphs[name]:
            if counts[" ".join(paragraph.split())] == 1 and len(paragraph) > 200:
                assert [split for split in SPLITS if paragraph in texts[split]] == [expected], name
                checked += 1
    assert checked > 200


def test_less_than_2_percent_of_validation_and_test_occur_in_train(texts):
    def phrases(text):
        words = text.split()
        return [tuple(words[start : start + 10]) for start in range(len(words) - 9)]

    train = set(phrases(texts["train"]))
    for split in ("validation", "test"):
        held_out = phrases(texts[split])
        assert sum(phrase in train for phrase in held_out) < 0.02 * len(held_out), split
    assert sum(map(len, texts.values())) > 250_000
