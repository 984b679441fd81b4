"""`zoo list`: records of every kind, and a table that fits the terminal."""

import pytest
from rich.console import Console

from zoo.cells import cells
from zoo.cli import output
from zoo.cli.listing import KINDS


def test_list_returns_records_of_every_kind(json_of):
    records = json_of("list")
    assert {record["kind"] for record in records} == {kind.removesuffix("s") for kind in KINDS}
    assert all(record["name"] and record["kind"] for record in records)
    for kind, registry in KINDS.items():
        assert [record["name"] for record in json_of("list", kind)] == registry.names()


def test_pattern_and_tags_filter_the_records(json_of):
    named = [record["name"] for record in json_of("list", "cell", "*lstm*", "--tags=lstm")]
    assert {"lstm", "peephole_lstm"} <= set(named) < set(KINDS["cells"].names())


def test_empty_columns_are_dropped(run):
    header = run("list", "cells").splitlines()[0].split()
    assert header == ["name", "year", "description", "paper", "from"]
    header = run("list", "tuners").splitlines()[0].split()
    assert header == ["name", "description", "from"]


@pytest.mark.parametrize("width", [80, 120])
def test_table_fits_the_terminal_and_keeps_names_whole(width, monkeypatch, run):
    def console(**options):
        return Console(**{**options, "width": width, "force_terminal": True, "color_system": None})

    monkeypatch.setattr("zoo.runs.console.Console", console)
    lines = run("list", "cells").splitlines()
    assert width - 12 < max(map(len, lines)) <= width
    first_words = [line.split()[0] for line in lines[1:] if not line.startswith(" ")]
    assert first_words == cells.names()
    record = next(each for each in cells.records() if each.name == "multiplicative_lstm")
    words = set(" ".join(lines).split())
    assert set((record.facts.get("about") or record.doc).split()) <= words


def test_title_and_missing_values_are_shown(capsys):
    output.table(("a", ">b"), [("x", 1), ("y",)], "a title")
    assert capsys.readouterr().out.split() == ["a", "title", "a", "b", "x", "1", "y"]
