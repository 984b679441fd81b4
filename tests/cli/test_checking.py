"""`zoo check`: the conformance suite on one cell."""

import json

import pytest

from zoo.cells import cells
from zoo.cli import main
from zoo.conformance import suite
from zoo.conformance.properties import PROPERTIES
from zoo.conformance.violation import Violation

CELL = """
from zoo.cells import cells
from zoo.cells.simple_rnn import SimpleRNNCell


@cells.register("good_cell", paper="none", year=2026, tags=())
class GoodCell(SimpleRNNCell):
    pass


@cells.register("bad_cell", paper="none", year=2026, tags=())
class BadCell(SimpleRNNCell):
    def step(self, x, state):
        return super().step(-x, state)
"""


@pytest.fixture
def zoo_check(capsys):
    """Return a function that runs `zoo check` and returns exit status, stdout and stderr."""

    def run_check(*argv):
        capsys.readouterr()
        status = main(["check", *map(str, argv)])
        return status, *capsys.readouterr()

    return run_check


def test_selected_properties_of_a_named_cell_pass(zoo_check):
    status, out, _ = zoo_check("gru", "--property=rows,gates", "--json")
    assert status == 0
    assert [(each["cell"], each["property"], each["passed"]) for each in json.loads(out)] == [
        ("gru", "gates", True),
        ("gru", "rows", True),
    ]


def test_every_cell_of_a_file_is_checked(zoo_check, tmp_path):
    path = tmp_path / "two_cells.py"
    path.write_text(CELL)
    status, out, _ = zoo_check(path, "--property=reference,rows", "--json")
    assert status == 1
    assert {(each["cell"], each["property"]): each["passed"] for each in json.loads(out)} == {
        ("bad_cell", "reference"): False,
        ("bad_cell", "rows"): True,
        ("good_cell", "reference"): True,
        ("good_cell", "rows"): True,
    }
    status, out, _ = zoo_check(path, "--property=reference,rows")
    assert status == 1
    assert "bad_cell: 1 of 2 properties" in out and "good_cell: 2 of 2 properties" in out
    assert "two_cells.py:" in out
    assert "good_cell" not in cells


def test_full_check_reports_the_layouts(zoo_check):
    status, out, _ = zoo_check("gru", "--property=mixed_precision", "--full")
    assert status == 0
    assert all(f"mixed_precision ({layout})" in out for layout in ("forward", "stacked"))


def test_list_prints_every_property_with_a_summary(zoo_check):
    status, out, _ = zoo_check("--list", "--json")
    assert status == 0
    records = json.loads(out)
    assert [each["property"] for each in records] == list(PROPERTIES)
    assert all(each["summary"].endswith(".") for each in records)
    _, out, _ = zoo_check("--list")
    assert all(each["property"] in out and each["summary"] in out for each in records)


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (("gru", "--property=rosw"), "unknown property 'rosw'. Did you mean 'rows'?"),
        (("gru", "--property=,"), "no property is selected"),
        (("lstn",), "'lstm'"),
        (("absent.py",), "absent.py does not exist"),
        (("folder/absent",), "folder/absent does not exist"),
        ((), "NAME"),
    ],
)
def test_invalid_request_exits_with_status_2_and_a_one_line_message(zoo_check, argv, message):
    status, out, err = zoo_check(*argv)
    assert (status, out) == (2, "")
    assert message in err and err.count("\n") == 1


def test_file_without_a_cell_exits_with_status_2_and_a_one_line_message(zoo_check, tmp_path):
    path = tmp_path / "empty.py"
    for text, message in (("", "does not register a cell"), ("import absent_module", "Module")):
        path.write_text(text)
        status, out, err = zoo_check(path)
        assert (status, out) == (2, "")
        assert message in err and str(path) in err and err.count("\n") == 1


def test_check_reports_each_property(json_of, run, monkeypatch):
    def violated(subject):
        raise Violation("expected more; measured less")

    monkeypatch.setattr(
        suite, "properties", {name: suite.properties[name] for name in ("docstring", "gates")}
    )
    assert [(result["property"], result["passed"]) for result in json_of("check", "mgu")] == [
        ("docstring", True),
        ("gates", True),
    ]
    assert "mgu: 2 of 2" in run("check", "mgu")
    monkeypatch.setitem(suite.properties, "gates", violated)
    passed, failed = json_of("check", "mgu", status=1)
    assert passed["passed"] and not failed["passed"]
    assert failed["reason"] == "expected more; measured less"
