"""The registry, on throw-away packages and distributions."""

import copy
import dataclasses
import importlib
import itertools
import os
import re
import runpy
import subprocess
import sys
import textwrap
import time
import types
import warnings
from pathlib import Path

import pytest
from plugins import install_plugins

from registry import BrokenEntry, DuplicateName, Entry, Registry, RegistryError, UnknownName
from registry import facts as source_facts
from registry.suggestions import closest

ROOT = Path(__file__).resolve().parents[2]
NUMBER = itertools.count()
MGU = '''\
"""The module of the minimal gated unit."""
from {package} import cells


@cells.register("mgu", paper="Zhou et al. 2016", year=2016, tags=("gated", "small"))
class MGUCell:
    """Minimal gated unit.

    More about it.
    """
'''
LSTM = '''\
"""The module of the LSTM."""
from {package} import cells


@cells.register("lstm", paper="Hochreiter & Schmidhuber 1997", year=1997, tags=("gated",), size=2 * len("ab"))
class LSTMCell:
    """Long short-term memory."""
'''
SHOUT = '''\
"""Shouts every word."""
from {package} import cells

shout = cells.register(
    "shout", tags=["value"]
)({{"loud": True}})
'''


class Folder:
    """A package of cells written to a temporary folder, with a registry, and distributions beside it."""

    def __init__(self, path, brings=()):
        self.path = path
        self.package = f"throwaway{next(NUMBER)}"
        self.group = f"{self.package}.plugins"
        init = f"""
            from registry import Registry

            cells = Registry("cell", package={self.package!r}, group={self.group!r}, brings={brings!r})
        """
        self.write(f"{self.package}/__init__.py", init)
        self.entries(
            mgu=MGU, lstm=LSTM, shout=SHOUT, _helper="raise RuntimeError('helpers are no entries')"
        )

    @property
    def cells(self):
        return importlib.import_module(self.package).cells

    def write(self, name, text):
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text), encoding="utf-8")
        importlib.invalidate_caches()
        return str(file)

    def entries(self, **texts):
        for name, text in texts.items():
            self.write(f"{self.package}/{name}.py", text.format(package=self.package))

    def file(self, name):
        return str(self.path / self.package / f"{name}.py")

    def distribution(self, name, points, files=(), listed=True):
        """Write a distribution: entry points {name: value} and modules {file: text}."""
        lines = "".join(f"{point} = {value}\n" for point, value in points.items())
        folder = f"{name.replace('-', '_')}-1.0.dist-info"
        self.write(f"{folder}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        self.write(f"{folder}/entry_points.txt", f"[{self.group}]\n{lines}")
        for file, text in dict(files).items():
            self.write(file, text.format(package=self.package))
        if listed:
            self.write(f"{folder}/RECORD", "".join(f"{file},,\n" for file in dict(files)))

    def imported(self):
        return {name for name in sys.modules if name.startswith(f"{self.package}.")}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    before = set(sys.modules)
    yield Folder(tmp_path)
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(tmp_path)):
            del sys.modules[name]


@pytest.fixture
def cells(folder):
    return folder.cells


def registration(name, body="pass", **facts):
    """Return the source of a module that registers a class `Cell` under a name."""
    listed = "".join(f", {fact}={value!r}" for fact, value in facts.items())
    return f'from {{package}} import cells\n\n\n@cells.register("{name}"{listed})\nclass Cell:\n    {body}\n'


def one_line(error):
    text = str(error.value)
    assert text.count("\n") == 0 and text[0] not in "'\""
    return text


# Looking up


def test_get_imports_only_the_module_that_holds_the_name(folder, cells):
    got = cells.get("mgu")
    assert got is sys.modules[f"{folder.package}.mgu"].MGUCell
    assert folder.imported() == {f"{folder.package}.mgu"}
    assert cells.get("mgu") is got


def test_register_returns_the_object_unchanged():
    registry = Registry("thing")

    def function():
        """Does nothing."""

    value = {"any": "value"}
    assert registry.register("function")(function) is function
    assert registry.register("value", tags=("x",))(value) is value
    assert registry.get("value") is value


def test_entry_of_a_class(folder, cells):
    entry = cells.entry("mgu")
    assert (entry.name, entry.object) == ("mgu", cells.get("mgu"))
    assert dict(entry.facts) == {
        "paper": "Zhou et al. 2016",
        "year": 2016,
        "tags": ("gated", "small"),
    }
    assert (entry.paper, entry.year, entry.equation_class) == ("Zhou et al. 2016", 2016, None)
    assert (entry.file, entry.line, entry.place) == (
        folder.file("mgu"),
        5,
        f"{folder.file('mgu')}:5",
    )
    assert (entry.doc, entry.origin, entry.broken) == ("Minimal gated unit.", "built-in", None)


def test_entry_of_a_value_has_the_docstring_of_its_module_and_the_place_of_the_call(folder, cells):
    entry = cells.entry("shout")
    assert entry.object == {"loud": True}
    assert (entry.doc, entry.file, entry.line, entry.tags) == (
        "Shouts every word.",
        folder.file("shout"),
        4,
        ["value"],
    )


def test_entry_is_frozen_and_can_be_copied_and_hashed(cells):
    entry = cells.entry("mgu")
    with pytest.raises(dataclasses.FrozenInstanceError):
        entry.name = "other"
    with pytest.raises(TypeError):
        entry.facts["year"] = 1
    with pytest.raises(AttributeError):
        _ = entry._private
    assert copy.copy(entry) == entry
    assert hash(copy.copy(entry)) == hash(entry)
    assert isinstance(entry, Entry)


def test_brings_are_imported_with_any_entry_and_not_before(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    brought = f"brought{next(NUMBER)}"
    folder = Folder(tmp_path, brings=(brought,))
    folder.write(f"{brought}.py", "")
    folder.cells.names(tags="gated")
    folder.cells.records()
    assert brought not in sys.modules
    folder.cells.get("mgu")
    assert brought in sys.modules
    del sys.modules[brought]
    folder.cells.entry("mgu")
    assert brought in sys.modules


# Listing


def test_names_are_sorted_and_match_wildcards(cells):
    assert cells.names() == ["lstm", "mgu", "shout"]
    assert cells.names("*m*") == ["lstm", "mgu"]
    assert cells.names("?gu") == ["mgu"]
    assert cells.names("nothing*") == []


def test_names_with_all_the_tags(cells):
    assert cells.names(tags=("gated",)) == cells.names(tags="gated") == ["lstm", "mgu"]
    assert cells.names(tags=("small", "gated")) == ["mgu"]
    assert cells.names("l*", tags=["gated"]) == ["lstm"]
    assert cells.names(tags=("value",)) == ["shout"]
    assert [each.name for each in cells.records(tags=("small",))] == ["mgu"]


def test_contains_iter_len(cells):
    assert "mgu" in cells
    assert (
        "_helper" not in cells
        and not cells.records("_helper")
        and "MGU" not in cells
        and None not in cells
    )
    assert list(cells) == cells.names()
    assert len(cells) == 3


def test_listing_imports_nothing(folder, cells):
    cells.names("*", tags="gated")
    cells.records()
    assert "mgu" in cells and len(cells) == 3
    assert folder.imported() == set()


def test_records_say_the_same_before_and_after_the_import(cells):
    before = {each.name: each for each in cells.records()}
    assert list(before) == ["lstm", "mgu", "shout"]
    assert all(each.object is None for each in before.values())
    assert before["lstm"].size is None, (
        "a fact that has to be computed is unknown without an import"
    )
    for name in cells:
        cells.get(name)
    after = {each.name: each for each in cells.records()}
    assert all(each.object is None for each in after.values())
    assert after.pop("lstm").size == 4
    assert after == {name: before[name] for name in after}


def test_facts_that_cannot_be_read_are_unknown(folder, cells):
    computed = "from {package} import cells\nname = 'computed'\ncells.register(name, year=1)(3)\n"
    spread = "from {package} import cells\nfacts = dict(year=1)\ncells.register('spread', **facts, tags=5)(3)\n"
    folder.entries(computed=computed, spread=spread)
    for name in ("computed", "spread"):
        (record,) = cells.records(name)
        assert (record.year, record.broken) == (None, None)
        assert None not in record.facts
    assert cells.names(tags="anything") == []
    assert cells.entry("computed").year == cells.entry("spread").year == 1


def test_registrations_are_found_inside_conditions_and_told_apart_by_registry(folder, cells):
    text = """\
        from {package} import cells
        from registry import Registry
        heads = Registry("head")
        try:
            heads.register("both", year=1)(1)
            if True:
                cells.register("both", year=2)(2)
        except ImportError:
            raise
    """
    folder.entries(both=textwrap.dedent(text))
    record = cells.records("both")[0]
    assert (record.year, record.line) == (2, 7)
    assert cells.entry("both").line == 7


def test_a_new_file_is_a_new_name(folder, cells):
    assert "fresh" not in cells
    folder.entries(fresh=registration("fresh"))
    assert "fresh" in cells
    assert cells.get("fresh").__name__ == "Cell"


def test_an_edited_file_is_read_anew(folder, cells):
    folder.entries(fresh=registration("fresh", year=1990))
    assert cells.records("fresh")[0].year == 1990
    folder.entries(fresh=registration("fresh", year=2020, paper="x"))
    assert cells.records("fresh")[0].year == 2020


def test_a_fresh_process_lists_without_importing_anything_but_the_standard_library(tmp_path):
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
        ours = {{name for name in new if name.split(".")[0] in ("registry", {folder.package!r})}}
        print(sorted(ours - {{name for name in ours if name.startswith("registry")}}))
        print(sorted(name for name in new - ours if name.split(".")[0] not in sys.stdlib_module_names))
    """
    path = os.pathsep.join((str(tmp_path), str(ROOT)))
    run = [sys.executable, "-S", "-c", textwrap.dedent(program)]
    done = subprocess.run(
        run, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": path}
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [f"[{folder.package!r}]", "[]"]


def test_listing_gives_no_warnings_for_what_is_in_a_file(folder, cells):
    folder.entries(tex=registration("tex", '"""Computes \\sigma(x)."""'))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        record = cells.records("tex")[0]
    assert (record.doc, record.broken) == ("Computes \\sigma(x).", None)


def test_listing_sixty_files_is_fast(folder, cells):
    step = "    def step(self, x, h):\n        z = self.sigmoid(x @ self.kernel + h @ self.recurrent_kernel)\n"
    step += "        return z * h + (1 - z) * x, (h,)\n\n"
    body = '"""A cell."""\n\n' + step * 18
    texts = {
        f"cell_{number}": registration(f"cell_{number}", body, tags=("x",)) for number in range(60)
    }
    folder.entries(**texts)
    assert len(texts["cell_0"].splitlines()) >= 78
    assert _best_seconds(lambda: cells.names()) < 0.02
    assert _best_seconds(lambda: "cell_1" in cells) < 0.02
    # Parsed anew each time; the bound leaves room for a slow machine, not for an import or a second parse.
    assert _best_seconds(lambda: (source_facts._read.cache_clear(), cells.records())) < 0.5
    assert _best_seconds(lambda: cells.names(tags="x")) < 0.02


def _best_seconds(call):
    seconds = []
    for _ in range(5):
        start = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


# Names


@pytest.mark.parametrize("name", ["LSTM", "my-cell", "_hidden", "1cell", "", "a b", "zellé", None])
def test_names_are_lower_case_identifiers(name):
    with pytest.raises(RegistryError, match="lower case identifier") as error:
        Registry("cell").register(name)
    assert repr(name) in one_line(error)


def test_a_file_whose_name_is_no_name_is_listed_as_broken(folder, cells):
    folder.entries(Upper="")
    assert "Upper" not in cells
    assert "lower case identifier" in cells.records("Upper")[0].broken
    with pytest.raises(BrokenEntry, match="lower case identifier"):
        cells.get("Upper")


def test_a_fact_may_not_bear_the_name_of_a_field():
    with pytest.raises(RegistryError, match="'doc'") as error:
        Registry("cell").register("x", doc="text")
    one_line(error)


@pytest.mark.parametrize("asked", ["MGU", "m-g-u", "m_gu", "MGUCell", "mgru"])
def test_an_unknown_name_gets_suggestions(folder, cells, asked):
    with pytest.raises(UnknownName) as error:
        cells.get(asked)
    message = one_line(error)
    assert f"there is no cell {asked!r}; did you mean 'mgu'" in message
    assert "`zoo list cells`" in message and folder.group in message


def test_an_unknown_name_that_is_like_nothing(folder, cells):
    with pytest.raises(UnknownName) as error:
        cells.entry("quite_different")
    assert "did you mean" not in one_line(error)
    assert folder.imported() == set()


def test_a_registry_without_plugins_does_not_speak_of_them():
    registry = Registry("tuner")
    registry.register("random")(1)
    with pytest.raises(UnknownName) as error:
        registry.get("Random")
    assert (
        one_line(error)
        == "there is no tuner 'Random'; did you mean 'random'? `zoo list tuners` lists them all"
    )


def test_at_most_three_suggestions_the_exact_one_first():
    names = ["lstm_a", "lstm_b", "lstm_c", "lstm_d", "lstm"]
    assert len(closest("lstm_e", names)) == 3
    assert closest("LSTM-D", names)[0] == "lstm_d"
    assert closest("LSTMCell", names, "cell")[0] == "lstm"
    assert closest("m---g---u---", ["mgu"]) == closest("m___g___u___", ["mgu"]) == ["mgu"]
    assert closest("ab", ["a_b", "ab", "ab_", "a__b"]) == ["a_b", "ab", "ab_"]


def test_registry_errors_are_lookup_errors_on_one_line():
    assert issubclass(RegistryError, LookupError) and not issubclass(RegistryError, KeyError)
    assert all(
        issubclass(each, RegistryError) for each in (UnknownName, DuplicateName, BrokenEntry)
    )
    assert str(UnknownName("two\n lines")) == "two lines"


# Duplicates


def test_another_object_under_a_taken_name_names_both_places(folder, cells):
    with pytest.raises(DuplicateName) as error:
        cells.register("mgu")(object())
    assert f"{folder.file('mgu')}:5" in one_line(error), (
        "a built-in has its name before it is imported"
    )
    line = sys._getframe().f_lineno
    with cells.temporary():
        cells.register("mine")(object())
        with pytest.raises(DuplicateName) as error:
            cells.register("mine")(object())
    assert f"{__file__}:{line + 2}" in one_line(error) and f"{__file__}:{line + 4}" in one_line(
        error
    )


def test_a_reload_replaces_the_object(folder, cells):
    first = cells.get("mgu")
    module = importlib.reload(sys.modules[f"{folder.package}.mgu"])
    assert cells.get("mgu") is module.MGUCell is not first


def test_the_same_object_twice_is_fine():
    registry = Registry("thing")
    value = object()
    registry.register("value")(value)
    registry.register("value")(value)
    assert registry.get("value") is value


def test_one_line_can_still_register_two_objects():
    registry = Registry("thing")
    with pytest.raises(DuplicateName):
        for each in (DuplicateName, UnknownName):
            registry.register("error")(each)
    typed = "registry.register('typed')(object())"
    exec(typed, {"registry": registry})
    with pytest.raises(DuplicateName):
        exec(typed, {"registry": registry})


def test_a_built_in_has_the_name_of_its_file(folder, cells):
    folder.entries(one=registration("two"))
    with pytest.raises(BrokenEntry, match="name of its file"):
        cells.get("one")
    assert "two" not in cells


def test_a_built_in_may_be_a_folder(folder, cells):
    folder.entries(
        **{"deep/__init__": "from {package}.deep import impl\n", "deep/impl": registration("deep")}
    )
    with cells.temporary():
        assert cells.get("deep").__module__ == f"{folder.package}.deep.impl"
    assert cells.entry("deep").origin == "built-in"


def test_a_built_in_that_is_run_as_a_program_keeps_its_name(folder, cells):
    runpy.run_path(folder.file("mgu"), run_name="__main__")
    assert cells.entry("mgu").origin == "built-in"
    assert cells.get("mgu").__module__ == "__main__"
    assert importlib.import_module(f"{folder.package}.mgu").MGUCell is cells.get("mgu")


# Broken entries


BROKEN = {
    "syntax": ("def broken(:\n", "SyntaxError: .* \\(line 1\\)", "SyntaxError"),
    "missing": (
        "import os\nimport not_there_at_all.part\n",
        "line 2 imports 'not_there_at_all'",
        "not_there_at_all",
    ),
    "missing_from": (
        "from not_there_at_all.part import x\n",
        "line 1 imports 'not_there_at_all'",
        "not_there_at_all",
    ),
    "raising": (
        "'doc'\nraise ImportError('buy\\nme')\n",
        "line 2 raises ImportError",
        "ImportError: buy",
    ),
    "null": ("x = '\0'\n", "null bytes", "null bytes"),
}


@pytest.mark.parametrize("case", BROKEN)
@pytest.mark.parametrize("origin", ["built-in", "a-plugin"])
def test_what_is_bound_to_fail_is_listed_as_broken_and_takes_nothing_down(
    folder, cells, case, origin
):
    text, listed, raised = BROKEN[case]
    if origin == "built-in":
        folder.entries(bad=text)
    else:
        module = f"{folder.package}_plugin"
        folder.distribution(origin, {"bad": module}, {f"{module}.py": text})
        cells.refresh()
    record = cells.records("bad")[0]
    assert record.origin == origin
    assert re.search(listed, record.broken)
    assert "\n" not in record.broken
    with pytest.raises(BrokenEntry, match=raised) as error:
        cells.get("bad")
    one_line(error)
    assert error.value.__cause__ is not None
    assert cells.get("mgu") and cells.names() == ["bad", "lstm", "mgu", "shout"]


@pytest.mark.parametrize(
    "text",
    [
        "try:\n    import not_there_at_all\nexcept ImportError:\n    pass\n",
        "def later():\n    import not_there_at_all\n",
        "from . import lstm\n",
        "import module_without_a_spec\n",
        "if False:\n    raise ValueError\n",
    ],
)
def test_what_may_well_work_is_not_called_broken(folder, cells, monkeypatch, text):
    monkeypatch.setitem(
        sys.modules, "module_without_a_spec", types.ModuleType("module_without_a_spec")
    )
    folder.entries(good=text + "from {package} import cells\ncells.register('good')(1)\n")
    assert cells.records("good")[0].broken is None
    assert cells.get("good") == 1


@pytest.mark.parametrize(
    ("end", "reason"),
    [
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("raise ValueError", "ValueError"),
        ("raise OSError('\\n\\n  the cause\\nand more')", "OSError: the cause"),
    ],
)
def test_what_only_an_import_shows_is_remembered(folder, cells, end, reason):
    folder.entries(bad=registration("bad") + f"def fail():\n    {end}\n\n\nfail()\n")
    assert cells.records("bad")[0].broken is None
    for _ in range(2):
        with pytest.raises(BrokenEntry) as error:
            cells.get("bad")
        one_line(error)
    assert cells.records("bad")[0].broken == reason
    assert str(error.value).endswith(f"is broken: {reason}")
    assert "bad" in cells


def test_a_repaired_module_can_be_got(folder, cells):
    folder.entries(bad="raise ValueError\n")
    with pytest.raises(BrokenEntry):
        cells.get("bad")
    folder.entries(bad=registration("bad"))
    assert cells.get("bad").__name__ == "Cell"
    assert cells.records("bad")[0].broken is None


def test_a_module_that_does_not_register_its_name(folder, cells):
    folder.entries(silent="x = 1\n")
    module = f"{folder.package}_plugin"
    folder.distribution("off-name", {"wanted": module}, {f"{module}.py": registration("given")})
    cells.refresh()
    with pytest.raises(BrokenEntry, match="registered nothing instead of 'silent'"):
        cells.get("silent")
    with pytest.raises(BrokenEntry, match="registered 'given' instead of 'wanted'") as error:
        cells.get("wanted")
    assert "off-name" in one_line(error)


def test_refresh_forgets_failures(folder, cells):
    folder.entries(bad="def fail():\n    raise ValueError\nfail()\n")
    with pytest.raises(BrokenEntry):
        cells.get("bad")
    assert cells.records("bad")[0].broken
    cells.refresh()
    assert cells.records("bad")[0].broken is None


# Plugins


def test_a_plugin_adds_a_name(folder, cells):
    files = {
        "plug_a/__init__.py": "",
        "plug_a/leaky.py": registration("leaky", year=2001, tags=("gated",)),
    }
    assert "leaky" not in cells
    folder.distribution("plug-a", {"leaky": "plug_a.leaky:ignored"}, files)
    assert "leaky" not in cells, "installed plugins are read once"
    cells.refresh()
    assert cells.names(tags="gated") == ["leaky", "lstm", "mgu"]
    record = cells.records("leaky")[0]
    assert (record.year, record.origin, record.broken, record.line) == (2001, "plug-a", None, 4)
    assert record.file == str(folder.path / "plug_a/leaky.py")
    assert not any(name.startswith("plug_a") for name in sys.modules)
    assert cells.get("leaky").__module__ == "plug_a.leaky"
    assert cells.entry("leaky").origin == "plug-a"


def test_a_plugin_whose_distribution_lists_no_files_is_found_as_python_would(folder, cells):
    files = {
        "plug_b/__init__.py": "raise ValueError('imported')",
        "plug_b/leaky.py": registration("leaky", year=2002),
    }
    folder.distribution("plug-b", {"leaky": "plug_b.leaky"}, files, listed=False)
    folder.distribution(
        "plug-c", {"single": "plug_c"}, {"plug_c.py": registration("single", year=3)}, listed=False
    )
    cells.refresh()
    assert [cells.records(name)[0].year for name in ("leaky", "single")] == [2002, 3]


@pytest.mark.parametrize("value", ["nowhere_at_all.leaky", "plug_d.leaky", "not a module"])
def test_a_plugin_without_a_source_file_is_broken(folder, cells, value):
    folder.distribution("plug-d", {"leaky": value}, {"plug_d/__init__.py": ""})
    cells.refresh()
    record = cells.records("leaky")[0]
    assert "was not found" in record.broken or "is no module" in record.broken
    assert (record.year, record.file) == (None, None)
    with pytest.raises(BrokenEntry) as error:
        cells.get("leaky")
    assert "plug-d" in one_line(error)
    assert cells.get("mgu")


def test_a_plugin_never_replaces_a_built_in(folder, cells):
    folder.distribution("plug-e", {"mgu": "plug_e"}, {"plug_e.py": registration("mgu", year=1)})
    cells.refresh()
    built_in, plugin = cells.records("mgu")
    assert (built_in.origin, built_in.broken, built_in.year) == ("built-in", None, 2016)
    assert plugin.origin == "plug-e" and "built-in" in plugin.broken
    assert cells.names() == ["lstm", "mgu", "shout"]
    with pytest.raises(DuplicateName) as error:
        importlib.import_module("plug_e")
    assert folder.file("mgu") in one_line(error) and str(folder.path / "plug_e.py") in str(
        error.value
    )
    assert cells.get("mgu").__name__ == "MGUCell"


def test_of_two_plugins_the_first_by_distribution_has_the_name(folder, cells, monkeypatch):
    folder.distribution("plug-f", {"leaky": "plug_f"}, {"plug_f.py": registration("leaky")})
    # Python meets the other one first: the order is not that of the search path.
    folder.path = folder.path / "earlier"
    folder.distribution("plug-z", {"leaky": "plug_z"}, {"plug_z.py": registration("leaky")})
    monkeypatch.syspath_prepend(str(folder.path))
    cells.refresh()
    first, second = cells.records("leaky")
    assert (first.origin, first.broken) == ("plug-f", None)
    assert second.origin == "plug-z" and "plug-f" in second.broken
    assert cells.get("leaky").__module__ == "plug_f"
    assert cells.names().count("leaky") == 1


def test_a_plugin_may_register_from_another_module_of_its_package(folder, cells):
    files = {
        "plug_g/__init__.py": "",
        "plug_g/impl.py": registration("leaky"),
        "plug_g/point.py": "import plug_g.impl",
    }
    folder.distribution("plug-g", {"leaky": "plug_g.point"}, files)
    cells.refresh()
    assert cells.get("leaky").__module__ == "plug_g.impl"
    assert cells.entry("leaky").origin == "plug-g"


# Temporary additions


def test_temporary_undoes_additions_and_deprecations(cells):
    before = cells.names()
    with pytest.raises(ZeroDivisionError), cells.temporary() as inside:
        assert inside is cells
        cells.register("mine", tags=("x",))(1)
        cells.deprecate("older", "mgu", "2.0")
        with cells.temporary():
            cells.register("inner")(2)
        assert cells.names(tags="x") == ["mine"] and "inner" not in cells
        raise ZeroDivisionError
    assert cells.names() == before
    for gone in ("mine", "older"):
        with pytest.raises(UnknownName):
            cells.get(gone)


def test_built_ins_and_plugins_imported_late_survive(folder, cells):
    folder.distribution("plug-h", {"leaky": "plug_h"}, {"plug_h.py": registration("leaky")})
    cells.refresh()
    lstm = cells.get("lstm")
    with cells.temporary():
        mgu, leaky = cells.get("mgu"), cells.get("leaky")
        shout = importlib.import_module(f"{folder.package}.shout").shout
        reloaded = importlib.reload(sys.modules[f"{folder.package}.lstm"]).LSTMCell
    assert (cells.get("mgu"), cells.get("leaky"), cells.get("shout")) == (mgu, leaky, shout)
    assert cells.get("lstm") is reloaded is not lstm


def test_origin_of_what_is_registered_elsewhere(cells):
    with cells.temporary():
        cells.register("mine")(1)
        assert cells.entry("mine").origin == "run time"
    here = Registry("thing")
    here.register("value")(1)
    assert here.entry("value").origin == "built-in"
    with here.temporary():
        here.register("other")(2)
    assert here.names() == ["value"]


# Deprecations


def test_a_deprecated_name_resolves_with_a_warning_at_the_caller(cells):
    cells.deprecate("minimal", "mgu", "0.3")
    for look_up in (cells.get, cells.entry):
        with pytest.warns(FutureWarning, match=r"'minimal' is now 'mgu'.*version 0\.3") as caught:
            found = look_up("minimal")
        assert found in (cells.get("mgu"), cells.entry("mgu"))
        assert caught[0].filename == __file__
    assert cells.entry("mgu").name == "mgu"
    assert "minimal" not in cells.names() and "minimal" not in cells
    assert not cells.records("minimal")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        cells.get("mgu")


def test_a_chain_of_deprecations_ends_at_the_newest_name(cells):
    cells.deprecate("first", "second", "0.2")
    cells.deprecate("second", "mgu", "0.3")
    with pytest.warns(FutureWarning, match=r"'first' is now 'mgu'.*0\.2"):
        assert cells.get("first") is cells.get("mgu")
    with pytest.raises(RegistryError, match="stands for") as error:
        cells.deprecate("mgu", "first", "1.0")
    one_line(error)


def test_a_deprecated_name_cannot_be_taken(folder, cells):
    cells.deprecate("minimal", "mgu", "0.3")
    cells.deprecate("minimal", "mgu", "0.3")
    with pytest.raises(DuplicateName, match="already deprecated"):
        cells.deprecate("minimal", "lstm", "0.3")
    with pytest.raises(DuplicateName, match="deprecated name of 'mgu'"):
        cells.register("minimal")(1)
    with pytest.raises(DuplicateName) as error:
        cells.deprecate("shout", "mgu", "0.3")
    assert folder.file("shout") in one_line(error)
    folder.distribution("plug-i", {"minimal": "plug_i"}, {"plug_i.py": registration("minimal")})
    cells.refresh()
    assert "deprecated" in cells.records("minimal")[0].broken
    assert "minimal" not in cells


# Real distributions


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
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


def test_the_installed_broken_cell_is_broken_and_alone(installed):
    registry = Registry("cell", group="zoo.cells")
    record = registry.records("broken_rnn")[0]
    assert (record.origin, record.year, record.tags) == ("zoo-plugin-broken", 2000, ("plugin",))
    assert record.file == str(installed / "zoo_plugin_broken" / "broken_rnn.py")
    assert "package_that_does_not_exist" in record.broken
    with pytest.raises(BrokenEntry, match="package_that_does_not_exist") as error:
        registry.get("broken_rnn")
    one_line(error)


def test_an_installation_leaves_nothing_in_the_tree(installed):
    tests = Path(__file__).parents[1]
    left = [
        path for name in ("build", "*.egg-info") for path in tests.glob(f"*distribution/{name}")
    ]
    assert left == []
