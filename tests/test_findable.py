"""A search for a term of the field finds the file that implements it."""

import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).parents[1]

# (term, file that the search must find, maximum number of files found)
TERMS = (
    ("gradient checkpointing", "zoo/engine/checkpointing.py", 8),
    ("teacher forcing", "zoo/models/encoder_decoder.py", 8),
    ("beam search", "zoo/decoding/beam_search.py", 12),
    ("truncated BPTT", "zoo/training/truncated_bptt.py", 8),
    ("unroll factor", "zoo/engine/unrolling.py", 8),
    ("defaults are decided", "zoo/models/resolve.py", 3),
    ("entry points?", "registry/sources.py", 12),
    ("which backward pass runs when", "zoo/engine/scan.py", 3),
)


def files_with(word):
    """Return the code files that contain a term, ignoring case and line breaks."""
    pattern = re.compile(word.replace(" ", r"\s+"), re.IGNORECASE)
    found = []
    for package in ("registry", "tasks", "zoo"):
        for path in (ROOT / package).rglob("*.py"):
            if pattern.search(path.read_text(encoding="utf-8")):
                found.append(path.relative_to(ROOT).as_posix())
    return sorted(found)


@pytest.mark.parametrize(("word", "file", "most"), TERMS)
def test_search_for_a_term_finds_its_file(word, file, most):
    found = files_with(word)
    assert file in found
    assert len(found) <= most, found
