"""Delayed recall."""

import collections
import re

from tasks import datasets


def test_first_letter_is_the_label_and_the_others_are_independent_of_it(tmp_path):
    builder = datasets.get("zoo_delayed_recall")(data_dir=tmp_path, config="5")
    pairs = [
        (example["text"], example["label"])
        for _, example in builder._split_generators(None)["train"]
    ]
    assert all(re.fullmatch("[A-H][a-h]{5}", text) and text[0] == label for text, label in pairs)
    counts = collections.Counter(label for _, label in pairs)
    assert set(counts) == set("ABCDEFGH") and min(counts.values()) > 1100
    together = collections.Counter((label, letter) for text, label in pairs for letter in text[1:])
    assert len(together) == 64 and max(together.values()) < 1.2 * min(together.values())


def test_written_examples_match_generated_examples(load, small_splits, tmp_path):
    splits, features = load("zoo_delayed_recall/5")
    builder = datasets.get("zoo_delayed_recall")(data_dir=tmp_path, config="5")
    for split, generated in builder._split_generators(None).items():
        for written, (_, expected) in zip(splits[split], generated, strict=True):
            assert written["text"].decode() == expected["text"]
            assert features["label"].int2str(written["label"]) == expected["label"]
