"""Sources: the modules of a package as built-ins, and their precedence over plugins."""

import importlib
import runpy

import pytest
from throwaway import one_line, registration

from registry import BrokenEntry, DuplicateName


def test_new_file_adds_a_name(folder, cells):
    assert "fresh" not in cells
    folder.add_modules(fresh=registration("fresh"))
    assert "fresh" in cells
    assert cells.get("fresh").__name__ == "Cell"


def test_file_whose_name_is_invalid_is_listed_as_broken(folder, cells):
    folder.add_modules(Upper="")
    assert "Upper" not in cells
    assert "lower case identifier" in cells.records("Upper")[0].broken
    with pytest.raises(BrokenEntry, match="lower case identifier"):
        cells.get("Upper")


def test_built_in_under_another_name_than_its_file_is_rejected(folder, cells):
    folder.add_modules(one=registration("two"))
    with pytest.raises(BrokenEntry, match="name of its file"):
        cells.get("one")
    assert "two" not in cells


def test_built_in_can_be_a_package(folder, cells):
    folder.add_modules(
        **{"deep/__init__": "from {package}.deep import impl\n", "deep/impl": registration("deep")}
    )
    with cells.temporary():
        assert cells.get("deep").__module__ == f"{folder.package}.deep.impl"
    assert cells.entry("deep").origin == "built-in"


def test_built_in_run_as_a_program_keeps_its_name(folder, cells):
    runpy.run_path(folder.file("mgu"), run_name="__main__")
    assert cells.entry("mgu").origin == "built-in"
    assert cells.get("mgu").__module__ == "__main__"
    assert importlib.import_module(f"{folder.package}.mgu").MGUCell is cells.get("mgu")


def test_plugin_cannot_replace_a_built_in(folder, cells):
    folder.add_distribution("plug-e", {"mgu": "plug_e"}, {"plug_e.py": registration("mgu", year=1)})
    cells.refresh()
    built_in, plugin = cells.records("mgu")
    assert (built_in.origin, built_in.broken, built_in.year) == ("built-in", None, 2016)
    assert plugin.origin == "plug-e" and "built-in" in plugin.broken
    assert cells.names() == ["lstm", "mgu", "shout"]
    with pytest.raises(DuplicateName) as error:
        importlib.import_module("plug_e")
    assert folder.file("mgu") in one_line(error)
    assert str(folder.path / "plug_e.py") in str(error.value)
    assert cells.get("mgu").__name__ == "MGUCell"


def test_duplicate_plugin_name_belongs_to_the_first_distribution(folder, cells, monkeypatch):
    folder.add_distribution("plug-f", {"leaky": "plug_f"}, {"plug_f.py": registration("leaky")})
    # Python finds plug-z first: precedence does not follow the import path.
    folder.path = folder.path / "earlier"
    folder.add_distribution("plug-z", {"leaky": "plug_z"}, {"plug_z.py": registration("leaky")})
    monkeypatch.syspath_prepend(str(folder.path))
    cells.refresh()
    first, second = cells.records("leaky")
    assert (first.origin, first.broken) == ("plug-f", None)
    assert second.origin == "plug-z" and "plug-f" in second.broken
    assert cells.get("leaky").__module__ == "plug_f"
    assert cells.names().count("leaky") == 1
