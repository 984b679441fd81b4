"""The registry of cells: its module-level functions, and the facts of every built-in cell."""

import pytest

import zoo.cells
from zoo.cells import cells

BUILT_INS = [entry for entry in zoo.cells.records() if entry.origin == "built-in"]


def test_package_functions_match_the_registry():
    assert zoo.cells.get("mgu") is cells.get("mgu")
    assert zoo.cells.names("*lstm*") == cells.names("*lstm*") != []
    assert zoo.cells.entry("mgu") == cells.entry("mgu")
    assert zoo.cells.records("mgu") == cells.records("mgu")


@pytest.mark.parametrize("entry", BUILT_INS, ids=lambda entry: entry.name)
def test_listing_reads_the_facts_of_every_cell(entry):
    assert isinstance(entry.facts["year"], int)
    assert entry.facts["paper"] and entry.facts["tags"]
    good_for = entry.facts["good_for"]
    assert good_for and not good_for.endswith(".") and "\n" not in good_for
