"""Checksums of examples."""

import numpy as np
import pytest

from tasks.data.checksums import checksum
from tasks.data.sources import Corpus

EXAMPLES = [
    {"text": "caf\udce9", "label": "a"},
    {"vectors": np.zeros((2, 3), np.float32), "target": 0.5},
]


def test_equal_examples_have_equal_checksums():
    copies = [dict(reversed(example.items())) for example in EXAMPLES]
    assert checksum(copies) == checksum(EXAMPLES) != checksum([])
    assert Corpus("two", {"train": EXAMPLES}, {}).checksums == {"train": checksum(EXAMPLES)}


@pytest.mark.parametrize(
    "other",
    [
        EXAMPLES[::-1],
        EXAMPLES[:1],
        [EXAMPLES[0], {"vectors": np.zeros((3, 2), np.float32), "target": 0.5}],
        [EXAMPLES[0], {"vectors": np.full((2, 3), 1e-30, np.float32), "target": 0.5}],
        [{"text": "caf\udce9", "label": "b"}, EXAMPLES[1]],
        [{"text": "caf\udce9a", "label": ""}, EXAMPLES[1]],
    ],
)
def test_other_examples_have_another_checksum(other):
    assert checksum(other) != checksum(EXAMPLES)
