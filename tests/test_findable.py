"""A reader finds a thing by searching for the field's word."""

import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).parents[1]

# Word -> the file that must come up, among at most this many files of code.
QUESTIONS = (
    ("gradient checkpointing", "zoo/engine/checkpointing.py", 8),
    ("teacher forcing", "zoo/models/encoder_decoder.py", 8),
    ("beam search", "zoo/decoding/beam_search.py", 12),
    ("truncated BPTT", "zoo/training/truncated_bptt.py", 8),
    ("unroll factor", "zoo/engine/unrolling.py", 8),
    ("defaults", "zoo/models/resolve.py", 25),
    ("entry points?", "registry/sources.py", 12),
    ("backward pass", "zoo/engine/scan.py", 12),
)


def files_with(word):
    """Return the files of code that hold a word, the case ignored, over line breaks."""
    pattern = re.compile(word.replace(" ", r"\s+"), re.IGNORECASE)
    found = []
    for package in ("registry", "tasks", "zoo"):
        for path in (ROOT / package).rglob("*.py"):
            if pattern.search(path.read_text(encoding="utf-8")):
                found.append(path.relative_to(ROOT).as_posix())
    return sorted(found)


@pytest.mark.parametrize(("word", "file", "most"), QUESTIONS)
def test_word_leads_to_the_file(word, file, most):
    found = files_with(word)
    assert file in found
    assert len(found) <= most, found
