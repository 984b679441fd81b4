"""The tags of the built-in cells, whose meanings are in docs/extending/cell.md."""

import pathlib
import re

import pytest

from zoo.cells import cells

FAMILIES = {
    "simple",
    "gated",
    "continuous",
    "orthogonal",
    "linear",
    "matrix_state",
    "reservoir",
    "diagonal",
}
ANCESTORS = {"lstm", "gru"}
GUIDE = pathlib.Path(__file__).parents[2] / "docs" / "extending" / "cell.md"
BUILT_INS = [entry for entry in cells.records() if entry.origin == "built-in"]


@pytest.mark.parametrize("entry", BUILT_INS, ids=lambda entry: entry.name)
def test_tags_of_a_cell_are_known_and_include_a_family(entry):
    tags = entry.facts["tags"]
    assert isinstance(tags, tuple) and len(set(tags)) == len(tags)
    assert set(tags) <= FAMILIES | ANCESTORS and FAMILIES & set(tags)
    assert "gated" in tags or not ANCESTORS & set(tags)
    assert not {"gated", "simple"} <= set(tags)
    assert "linear" in tags or "matrix_state" not in tags


@pytest.mark.parametrize("entry", BUILT_INS, ids=lambda entry: entry.name)
def test_tags_agree_with_the_structure_of_the_cell(entry):
    cell, tags = cells.get(entry.name)(units=8), set(entry.facts["tags"])
    assert cell.has_memory == ("matrix_state" in tags)
    assert {"linear", "diagonal"} <= tags or not cell.is_linear
    assert "diagonal" in tags or cell.recurrent_shape != "diagonal"
    assert "diagonal" not in tags or cell.recurrent_shape in ("diagonal", "none")


def test_every_tag_is_explained_in_the_guide():
    section = GUIDE.read_text(encoding="utf-8").split("## Tags")[1].split("\n## ")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)) == FAMILIES | ANCESTORS
