"""Listings: names, tags and records, without imports."""

import builtins
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from throwaway import Folder, registration

ROOT = Path(__file__).resolve().parents[2]


def test_names_are_sorted_and_match_patterns(cells):
    assert cells.names() == ["lstm", "mgu", "shout"]
    assert cells.names("*m*") == ["lstm", "mgu"]
    assert cells.names("?gu") == ["mgu"]
    assert cells.names("nothing*") == []


def test_names_are_filtered_by_all_tags(cells):
    assert cells.names(tags=("gated",)) == cells.names(tags="gated") == ["lstm", "mgu"]
    assert cells.names(tags=("small", "gated")) == ["mgu"]
    assert cells.names("l*", tags=["gated"]) == ["lstm"]
    assert cells.names(tags=("value",)) == ["shout"]
    assert [each.name for each in cells.records(tags=("small",))] == ["mgu"]


def test_registry_is_a_container_of_its_names(cells):
    assert "mgu" in cells
    assert "_helper" not in cells and not cells.records("_helper")
    assert "MGU" not in cells and None not in cells
    assert list(cells) == cells.names()
    assert len(cells) == 3


def test_listing_imports_nothing(folder, cells):
    cells.names("*", tags="gated")
    cells.records()
    assert "mgu" in cells and len(cells) == 3
    assert folder.imported() == set()


def test_records_are_equal_before_and_after_the_import(cells):
    before = {each.name: each for each in cells.records()}
    assert list(before) == ["lstm", "mgu", "shout"]
    assert all(each.object is None for each in before.values())
    assert before["lstm"].size is None, "a computed fact is unknown without an import"
    for name in cells:
        cells.get(name)
    after = {each.name: each for each in cells.records()}
    assert all(each.object is None for each in after.values())
    assert after.pop("lstm").size == 4
    assert after == {name: before[name] for name in after}


def test_fresh_process_lists_with_the_standard_library_only(tmp_path):
    folder = Folder(tmp_path)
    program = f"""
        import sys
        before = set(sys.modules)
        from {folder.package} import cells
        assert cells.names() == ["lstm", "mgu", "shout"]
        assert cells.names(tags="small") == ["mgu"]
        assert cells.records("mgu")[0].year == 2016
        assert "lstm" in cells
        new = set(sys.modules) - before
        own = {{name for name in new if name.split(".")[0] in ("registry", {folder.package!r})}}
        print(sorted(own - {{name for name in own if name.startswith("registry")}}))
        standard = sys.stdlib_module_names
        print(sorted(name for name in new - own if name.split(".")[0] not in standard))
    """
    path = os.pathsep.join((str(tmp_path), str(ROOT)))
    run = [sys.executable, "-S", "-c", textwrap.dedent(program)]
    done = subprocess.run(
        run, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": path}
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [f"[{folder.package!r}]", "[]"]


@pytest.fixture
def opened(folder, monkeypatch):
    """List of the files of the package that are opened during the test."""
    paths, open_file = [], builtins.open

    def counting_open(file, *args, **kwargs):
        if str(file).startswith(str(folder.path / folder.package)):
            paths.append(str(file))
        return open_file(file, *args, **kwargs)

    monkeypatch.setattr(builtins, "open", counting_open)
    return paths


def test_listing_opens_no_file_for_names_and_each_file_once_for_facts(folder, cells, opened):
    names = [f"cell_{number}" for number in range(20)]
    folder.add_modules(**{name: registration(name, tags=("x",)) for name in names})
    opened.clear()
    assert set(names) < set(cells.names()) and "cell_1" in cells and len(cells) == 23
    assert opened == []
    cells.records("cell_*")
    assert sorted(opened) == sorted(folder.file(name) for name in names)
    opened.clear()
    assert cells.names("cell_*", tags="x") == sorted(names)
    assert len(cells.records("cell_*")) == 20
    assert opened == []
    assert folder.imported() == set()
