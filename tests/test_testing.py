"""`zoo.testing`: the conformance suite as parametrized pytest tests."""

import os
import subprocess
import sys

import pytest
from conftest import PROJECT_FOLDER
from wrong_cells import WRONG

import zoo.testing
from registry import UnknownName
from zoo.cells import cells
from zoo.conformance.subject import LAYOUTS
from zoo.conformance.violation import Violation
from zoo.errors import RequestError

TESTS = """
import zoo.testing
from zoo.cells import cells
from zoo.cells.simple_rnn import SimpleRNNCell


@zoo.testing.parametrize_cells(["leaky_rnn"], properties=["reference", "docstring"])
def test_plugin(check):
    check()


@cells.register("excused", exceptions={"docstring": "no paper", "rows": "not needed"})
class Excused(SimpleRNNCell):
    def reference(self, weights, x, state):
        return super().reference(weights, 2 * x, state)


@zoo.testing.parametrize_cells(["excused"], properties=["docstring", "rows", "reference"])
def test_excused(check):
    check()
"""


def parameters_of(decorator):
    """Return the parameters of a parametrize mark."""
    name, parameters = decorator.mark.args
    assert name == "check"
    return parameters


@pytest.mark.costly
def test_plugin_author_runs_the_suite_with_pytest(installed_plugins, tmp_path):
    (tmp_path / "test_plugin.py").write_text(TESTS)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-rA", "test_plugin.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join((PROJECT_FOLDER, str(installed_plugins)))},
        capture_output=True,
        text=True,
    )
    for line in (
        "PASSED test_plugin.py::test_plugin[leaky_rnn-docstring]",
        "PASSED test_plugin.py::test_plugin[leaky_rnn-reference]",
        "XFAIL test_plugin.py::test_excused[excused-docstring] - no paper",
        "FAILED test_plugin.py::test_excused[excused-rows] - [XPASS(strict)] not needed",
        "FAILED test_plugin.py::test_excused[excused-reference]",
    ):
        assert line in done.stdout, done.stdout + done.stderr
    assert "2 failed, 2 passed, 1 xfailed" in done.stdout


def test_check_raises_the_violation():
    with cells.temporary():
        cells.register("without_source")(WRONG["wrong_without_source"][0])
        (parameter,) = parameters_of(
            zoo.testing.parametrize_cells(["without_source"], ["docstring"])
        )
    assert parameter.id == "without_source-docstring"
    with pytest.raises(Violation, match="Source"):
        parameter.values[0]()


def test_all_cells_are_the_default_and_exceptions_are_strict_xfails():
    parameters = parameters_of(zoo.testing.parametrize_cells(properties=["learning"]))
    marks = {parameter.id: parameter.marks for parameter in parameters}
    assert set(marks) == {f"{name}-learning" for name in cells.names()}
    assert not marks["lstm-learning"]
    (mark,) = marks["min_gru-learning"]
    assert mark.name == "xfail"
    assert mark.kwargs == {
        "strict": True,
        "reason": cells.entry("min_gru").facts["exceptions"]["learning"],
    }


def test_full_covers_every_layout():
    parameters = parameters_of(zoo.testing.parametrize_cells(["gru"], ["keras_file"], full=True))
    assert {parameter.id for parameter in parameters} == {
        f"gru-keras_file-{layout}" for layout in LAYOUTS
    }


def test_unknown_names_are_rejected():
    with pytest.raises(UnknownName, match="lstm"):
        zoo.testing.parametrize_cells(["lstn"])
    with pytest.raises(RequestError, match="reference"):
        zoo.testing.parametrize_cells(["lstm"], ["refrence"])
