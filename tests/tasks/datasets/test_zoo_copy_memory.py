"""Copy memory."""

import collections
import re

from tasks import datasets


def test_answer_repeats_ten_symbols_after_the_delay(tmp_path):
    builder = datasets.get("zoo_copy_memory")(data_dir=tmp_path, config="4")
    pairs = [
        (example["text"], example["answer"])
        for _, example in builder._split_generators(None)["train"]
    ]
    for text, answer in pairs:
        # T + 20 timesteps: the delay includes the delimiter.
        assert re.fullmatch(r"[a-h]{10}[.]{3}[?][.]{10}", text)
        assert answer == "." * 14 + text[:10]
    for position in range(10):
        counts = collections.Counter(text[position] for text, _ in pairs)
        assert set(counts) == set("abcdefgh") and min(counts.values()) > 1100


def test_written_examples_match_generated_examples(load, small_splits, tmp_path):
    splits, _ = load("zoo_copy_memory/4")
    builder = datasets.get("zoo_copy_memory")(data_dir=tmp_path, config="4")
    for split, generated in builder._split_generators(None).items():
        for written, (_, expected) in zip(splits[split], generated, strict=True):
            assert {key: value.decode() for key, value in written.items()} == expected
