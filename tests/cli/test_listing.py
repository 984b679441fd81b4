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
    named = [record["name"] for record in json_of("list", "cell", "*lstm*", "--tag=lstm")]
    assert {"lstm", "peephole_lstm"} <= set(named) < set(KINDS["cells"].names())


def test_entries_with_all_of_several_tags_are_listed(json_of):
    both = [record["name"] for record in json_of("list", "cells", "--tag=gated,linear")]
    tagged = [set(cells.names(tags=tag)) for tag in ("gated", "linear")]
    assert set(both) == tagged[0] & tagged[1] and "min_gru" in both
    kinds = {record["kind"] for record in json_of("list", "--tag=diagonal")}
    assert kinds == {"cell", "initializer"}


def test_sorting_by_year_lists_equal_years_by_name(json_of):
    records = json_of("list", "cells", "--sort=year")
    order = [(record["year"], record["name"]) for record in records]
    assert order == sorted(order) and order[0] == (1990, "simple_rnn")
    assert json_of("list", "cells", "--sort=name") == json_of("list", "cells")


def test_entries_without_a_year_come_last_and_a_year_may_be_a_text(json_of):
    with cells.temporary():
        for name, year in (("tmp_a", "2020"), ("tmp_b", None), ("tmp_c", 1950)):
            cells.register(name, **({} if year is None else {"year": year}))(object())
        names = [record["name"] for record in json_of("list", "cells", "--sort=year")]
    assert (names[0], names[-2:]) == ("tmp_c", ["tmp_a", "tmp_b"])


def test_listing_by_tag_and_year_imports_no_large_library(fresh_process):
    fresh_process(
        "import sys\n"
        "from zoo.cli import main\n"
        "assert main(['list', 'cells', '--tag=gated', '--sort=year']) == 0\n"
        "assert not {'keras', 'tensorflow', 'numpy', 'wrapt'} & set(sys.modules)\n"
        "assert not {'zoo.cli.training', 'tasks.data.readers'} & set(sys.modules)\n"
    )


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
