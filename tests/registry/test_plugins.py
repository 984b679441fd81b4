"""Plugins: entry points of distributions that tests write or that pip installs."""

import importlib
import sys
from pathlib import Path

import pytest
from plugins import install_plugins
from throwaway import one_line, registration

from registry import BrokenEntry, Registry


def test_plugin_adds_a_name_after_refresh(folder, cells):
    files = {
        "plug_a/__init__.py": "",
        "plug_a/leaky.py": registration("leaky", year=2001, tags=("gated",)),
    }
    assert "leaky" not in cells
    folder.add_distribution("plug-a", {"leaky": "plug_a.leaky:ignored"}, files)
    assert "leaky" not in cells, "installed plugins are read once"
    cells.refresh()
    assert cells.names(tags="gated") == ["leaky", "lstm", "mgu"]
    record = cells.records("leaky")[0]
    assert (record.year, record.origin, record.broken, record.line) == (2001, "plug-a", None, 4)
    assert record.file == str(folder.path / "plug_a/leaky.py")
    assert not any(name.startswith("plug_a") for name in sys.modules)
    assert cells.get("leaky").__module__ == "plug_a.leaky"
    assert cells.entry("leaky").origin == "plug-a"


def test_plugin_without_a_list_of_files_is_found_on_the_import_path(folder, cells):
    files = {
        "plug_b/__init__.py": "raise ValueError('imported')",
        "plug_b/leaky.py": registration("leaky", year=2002),
    }
    folder.add_distribution("plug-b", {"leaky": "plug_b.leaky"}, files, listed=False)
    single = {"plug_c.py": registration("single", year=3)}
    folder.add_distribution("plug-c", {"single": "plug_c"}, single, listed=False)
    cells.refresh()
    assert [cells.records(name)[0].year for name in ("leaky", "single")] == [2002, 3]


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("nowhere_at_all.leaky", "the source file of nowhere_at_all.leaky was not found"),
        ("plug_d.leaky", "the source file of plug_d.leaky was not found"),
        ("not a module", "the entry point's value 'not a module' is not a module name"),
    ],
)
def test_plugin_without_a_source_file_is_broken(folder, cells, value, reason):
    folder.add_distribution("plug-d", {"leaky": value}, {"plug_d/__init__.py": ""})
    cells.refresh()
    record = cells.records("leaky")[0]
    assert record.broken == reason
    assert (dict(record.facts), record.file) == ({}, None)
    with pytest.raises(BrokenEntry) as error:
        cells.get("leaky")
    assert "plug-d" in one_line(error)
    assert cells.get("mgu")


def test_plugin_can_register_from_another_module_of_its_package(folder, cells):
    files = {
        "plug_g/__init__.py": "",
        "plug_g/impl.py": registration("leaky"),
        "plug_g/point.py": "import plug_g.impl",
    }
    folder.add_distribution("plug-g", {"leaky": "plug_g.point"}, files)
    cells.refresh()
    assert cells.get("leaky").__module__ == "plug_g.impl"
    assert cells.entry("leaky").origin == "plug-g"


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The folder, on the import path, into which pip installs two distributions."""
    folder = install_plugins(tmp_path_factory.getbasetemp())
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    yield folder
    sys.path.remove(str(folder))


def test_installed_distributions_add_their_names(installed):
    names = {
        kind: Registry(kind, group=f"zoo.{kind}s").names() for kind in ("cell", "head", "task")
    }
    assert names == {
        "cell": ["broken_rnn", "leaky_rnn"],
        "head": ["cosine_logits"],
        "task": ["shout_tagging"],
    }
    record = Registry("cell", group="zoo.cells").records("leaky*")[0]
    assert record.origin == "zoo-plugin-example"


def test_installed_broken_cell_is_listed_and_cannot_be_looked_up(installed):
    registry = Registry("cell", group="zoo.cells")
    record = registry.records("broken_rnn")[0]
    assert (record.origin, record.year, record.tags) == ("zoo-plugin-broken", 2000, ("plugin",))
    assert record.file == str(installed / "zoo_plugin_broken" / "broken_rnn.py")
    assert "package_that_does_not_exist" in record.broken
    with pytest.raises(BrokenEntry, match="package_that_does_not_exist") as error:
        registry.get("broken_rnn")
    one_line(error)


def test_installation_writes_nothing_into_the_source_tree(installed):
    tests = Path(__file__).parents[1]
    found = [
        path for name in ("build", "*.egg-info") for path in tests.glob(f"*distribution/{name}")
    ]
    assert found == []
