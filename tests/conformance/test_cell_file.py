"""Cells of a file that is not installed: import, registration, loading in a new process."""

import sys

import pytest
from wrong_cells import WRONG

from zoo.cells import cells
from zoo.conformance.cell_file import cells_in_file, is_path
from zoo.conformance.fresh_process import FreshProcess
from zoo.conformance.subject import Subject
from zoo.conformance.violation import Violation
from zoo.errors import RequestError

CELL = """
from helper import NAME
from zoo.cells import cells
from zoo.cells.simple_rnn import SimpleRNNCell


@cells.register(NAME, paper="none", year=2026, tags=())
class FileCell(SimpleRNNCell):
    pass
"""


@pytest.fixture
def cell_path(tmp_path):
    (tmp_path / "helper.py").write_text('NAME = "file_cell"\n')
    path = tmp_path / "file_cell.py"
    path.write_text(CELL)
    return path


def test_is_path_accepts_a_suffix_or_a_slash():
    assert is_path("cell.py") and is_path("folder/cell") and is_path("./lstm")
    assert not is_path("lstm") and not is_path("peephole_lstm")


def test_cells_of_a_file_are_registered_within_the_context_only(cell_path):
    search_path = list(sys.path)
    with cells_in_file(cell_path) as names:
        assert names == ["file_cell"]
        assert cells.entry("file_cell").file == str(cell_path)
    assert "file_cell" not in cells
    assert sys.path == search_path
    assert not any("file_cell" in module for module in sys.modules)
    sys.modules.pop("helper", None)


def test_file_of_an_installed_cell_is_not_imported_again():
    builder = cells.get("mgu")
    with cells_in_file(cells.entry("mgu").file) as names:
        assert names == ["mgu"]
        assert cells.get("mgu") is builder


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = 1\n", "does not register a cell"),
        ("x = 1 / 0\n", "cannot be imported: ZeroDivisionError: division by zero"),
        ("raise SystemExit(3)\n", "cannot be imported: SystemExit: 3"),
        ("def f(:\n", "cannot be imported: SyntaxError"),
        (CELL.replace("NAME,", '"lstm",').replace("from helper", "#"), "cannot be imported: Dupl"),
    ],
)
def test_file_without_a_valid_cell_is_rejected(text, message, tmp_path):
    path = tmp_path / "wrong.py"
    path.write_text(text)
    known = cells.names()
    with pytest.raises(RequestError, match=message), cells_in_file(path):
        pass
    assert cells.names() == known
    assert not any("wrong" in module and "checked" in module for module in sys.modules)


@pytest.mark.parametrize(
    ("name", "message"), [("absent.py", "does not exist"), (".", "is not a file")]
)
def test_path_without_a_file_is_rejected(name, message, tmp_path):
    with pytest.raises(RequestError, match=message), cells_in_file(tmp_path / name):
        pass


def test_import_error_is_raised_with_zoo_traceback(tmp_path, monkeypatch):
    monkeypatch.setenv("ZOO_TRACEBACK", "1")
    path = tmp_path / "wrong.py"
    path.write_text("x = 1 / 0\n")
    with pytest.raises(ZeroDivisionError), cells_in_file(path):
        pass


def test_fresh_process_loads_a_cell_of_a_file_and_reports_an_unknown_cell(cell_path):
    """Load a cell of a file, a built-in cell, and a cell that only this process has registered."""
    with cells_in_file(cell_path) as (file_cell,), cells.temporary():
        cells.register("only_here")(WRONG["wrong_without_source"][0])
        subjects = [Subject(name, "forward") for name in (file_cell, "lstm", "only_here")]
        with FreshProcess(subjects) as process:
            process.demand_loads(subjects[0])
            process.demand_loads(subjects[1])
            with pytest.raises(Violation, match="only_here"):
                process.demand_loads(subjects[2])
    sys.modules.pop("helper", None)
