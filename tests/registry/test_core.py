"""The registry: registration, lookup, errors, and temporary registrations."""

import importlib
import sys

import pytest
from throwaway import NUMBER, Folder, one_line, registration

from registry import BrokenEntry, DuplicateName, Registry, RegistryError, UnknownName


def test_get_imports_only_the_module_of_the_name(folder, cells):
    cell = cells.get("mgu")
    assert cell is sys.modules[f"{folder.package}.mgu"].MGUCell
    assert folder.imported() == {f"{folder.package}.mgu"}
    assert cells.get("mgu") is cell


def test_register_returns_the_object_unchanged():
    registry = Registry("thing")

    def function():
        """Does nothing."""

    value = {"any": "value"}
    assert registry.register("function")(function) is function
    assert registry.register("value", tags=("x",))(value) is value
    assert registry.get("value") is value


@pytest.mark.parametrize("look_up", ["get", "entry"])
def test_also_import_modules_are_imported_with_an_entry_and_not_before(
    tmp_path, monkeypatch, look_up
):
    monkeypatch.syspath_prepend(str(tmp_path))
    module = f"companion{next(NUMBER)}"
    folder = Folder(tmp_path, also_import=(module,))
    folder.write(f"{module}.py", "")
    folder.cells.names(tags="gated")
    folder.cells.records()
    assert module not in sys.modules
    getattr(folder.cells, look_up)("mgu")
    assert module in sys.modules


# Names


@pytest.mark.parametrize("name", ["LSTM", "my-cell", "_hidden", "1cell", "", "a b", "zellé", None])
def test_invalid_name_is_rejected(name):
    with pytest.raises(RegistryError, match="lower case identifier") as error:
        Registry("cell").register(name)
    assert repr(name) in one_line(error)


def test_fact_named_like_a_field_is_rejected():
    with pytest.raises(RegistryError, match="'doc'") as error:
        Registry("cell").register("x", doc="text")
    one_line(error)


@pytest.mark.parametrize("name", ["MGU", "m-g-u", "m_gu", "MGUCell", "mgru"])
def test_unknown_name_gets_suggestions(folder, cells, name):
    with pytest.raises(UnknownName) as error:
        cells.get(name)
    message = one_line(error)
    assert message.startswith(
        f"unknown cell {name!r}; did you mean 'mgu'? `zoo list cells` lists them all; "
    )
    assert folder.group in message


def test_unknown_name_without_a_close_match_gets_no_suggestion(folder, cells):
    with pytest.raises(UnknownName) as error:
        cells.entry("quite_different")
    assert one_line(error) == (
        "unknown cell 'quite_different'. `zoo list cells` lists them all; "
        f"a plugin adds one by an entry point in the group {folder.group!r}."
    )
    assert folder.imported() == set()


@pytest.mark.parametrize(
    ("list_command", "message"),
    [
        ("zoo list tuners", "did you mean 'random'? `zoo list tuners` lists them all."),
        (None, "did you mean 'random'?"),
    ],
)
def test_unknown_name_in_a_registry_without_plugins_does_not_mention_them(list_command, message):
    registry = Registry("tuner", list_command=list_command)
    registry.register("random")(1)
    with pytest.raises(UnknownName) as error:
        registry.get("Random")
    assert one_line(error) == f"unknown tuner 'Random'; {message}"


# Duplicates


def test_duplicate_name_is_rejected_with_both_locations(folder, cells):
    with pytest.raises(DuplicateName) as error:
        cells.register("mgu")(object())
    assert f"{folder.file('mgu')}:5" in one_line(error), "a built-in need not be imported"
    line = sys._getframe().f_lineno
    with cells.temporary():
        cells.register("mine")(object())
        with pytest.raises(DuplicateName) as error:
            cells.register("mine")(object())
    for offset in (2, 4):
        assert f"{__file__}:{line + offset}" in one_line(error)


def test_reload_replaces_the_object(folder, cells):
    first = cells.get("mgu")
    module = importlib.reload(sys.modules[f"{folder.package}.mgu"])
    assert cells.get("mgu") is module.MGUCell is not first


def test_same_object_can_be_registered_twice():
    registry = Registry("thing")
    value = object()
    registry.register("value")(value)
    registry.register("value")(value)
    assert registry.get("value") is value


def test_two_objects_registered_on_one_line_are_duplicates():
    registry = Registry("thing")
    with pytest.raises(DuplicateName):
        for each in (DuplicateName, UnknownName):
            registry.register("error")(each)
    interactive = "registry.register('typed')(object())"
    exec(interactive, {"registry": registry})
    with pytest.raises(DuplicateName):
        exec(interactive, {"registry": registry})


# Failed imports


@pytest.mark.parametrize(
    ("end", "reason"),
    [
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("raise ValueError", "ValueError"),
        ("raise OSError('\\n\\n  the cause\\nand more')", "OSError: the cause"),
    ],
)
def test_failed_import_is_listed_afterwards(folder, cells, end, reason):
    folder.add_modules(bad=registration("bad") + f"def fail():\n    {end}\n\n\nfail()\n")
    assert cells.records("bad")[0].broken is None
    for _ in range(2):
        with pytest.raises(BrokenEntry) as error:
            cells.get("bad")
        one_line(error)
    assert cells.records("bad")[0].broken == reason
    assert str(error.value).endswith(f"is broken: {reason}")
    assert "bad" in cells


def test_repaired_module_can_be_looked_up(folder, cells):
    folder.add_modules(bad="raise ValueError\n")
    with pytest.raises(BrokenEntry):
        cells.get("bad")
    folder.add_modules(bad=registration("bad"))
    assert cells.get("bad").__name__ == "Cell"
    assert cells.records("bad")[0].broken is None


def test_module_that_does_not_register_its_name_is_broken(folder, cells):
    folder.add_modules(silent="x = 1\n")
    module = f"{folder.package}_plugin"
    folder.add_distribution("off-name", {"wanted": module}, {f"{module}.py": registration("given")})
    cells.refresh()
    with pytest.raises(BrokenEntry, match="registered nothing instead of 'silent'"):
        cells.get("silent")
    with pytest.raises(BrokenEntry, match="registered 'given' instead of 'wanted'") as error:
        cells.get("wanted")
    assert "off-name" in one_line(error)


def test_refresh_discards_failures(folder, cells):
    folder.add_modules(bad="def fail():\n    raise ValueError\nfail()\n")
    with pytest.raises(BrokenEntry):
        cells.get("bad")
    assert cells.records("bad")[0].broken
    cells.refresh()
    assert cells.records("bad")[0].broken is None


# Temporary registrations


def test_temporary_undoes_registrations(cells):
    before = cells.names()
    with pytest.raises(ZeroDivisionError), cells.temporary() as inside:
        assert inside is cells
        cells.register("mine", tags=("x",))(1)
        with cells.temporary():
            cells.register("inner")(2)
        assert cells.names(tags="x") == ["mine"] and "inner" not in cells
        raise ZeroDivisionError
    assert cells.names() == before
    with pytest.raises(UnknownName):
        cells.get("mine")


def test_temporary_keeps_built_ins_and_plugins_imported_inside(folder, cells):
    folder.add_distribution("plug-h", {"leaky": "plug_h"}, {"plug_h.py": registration("leaky")})
    cells.refresh()
    lstm = cells.get("lstm")
    with cells.temporary():
        mgu, leaky = cells.get("mgu"), cells.get("leaky")
        shout = importlib.import_module(f"{folder.package}.shout").shout
        reloaded = importlib.reload(sys.modules[f"{folder.package}.lstm"]).LSTMCell
    assert (cells.get("mgu"), cells.get("leaky"), cells.get("shout")) == (mgu, leaky, shout)
    assert cells.get("lstm") is reloaded is not lstm


def test_origin_is_run_time_outside_the_module_of_the_registry(cells):
    with cells.temporary():
        cells.register("mine")(1)
        assert cells.entry("mine").origin == "run time"
    here = Registry("thing")
    here.register("value")(1)
    assert here.entry("value").origin == "built-in"
    with here.temporary():
        here.register("other")(2)
    assert here.names() == ["value"]
