"""The mistakes of `benchmarks.mutations` apply to the files of the cells."""

import collections

import pytest

from benchmarks.mistakes import MISTAKES
from benchmarks.mutations import changed_file


@pytest.mark.parametrize("cell", MISTAKES)
def test_each_mistake_changes_the_file(cell):
    unchanged = changed_file(cell, "changed", "\n\n\n@cells", "\n\n\n@cells")
    sources = [changed_file(cell, "changed", old, new) for _, old, new in MISTAKES[cell]]
    assert len({unchanged, *sources}) == len(sources) + 1
    for source in sources:
        compile(source, cell, "exec")


def test_a_text_that_occurs_twice_is_rejected():
    with pytest.raises(ValueError, match="occurs 2 times, not once"):
        changed_file("lstm", "changed", "f * c", "")
    with pytest.raises(ValueError, match="occurs 0 times"):
        changed_file("lstm", "changed", "c_new", "")


def test_the_mistakes_are_ten_of_fifteen_cells():
    assert collections.Counter(map(len, MISTAKES.values())) == {10: 15}
