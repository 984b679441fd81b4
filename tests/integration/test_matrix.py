"""Cells in every arrangement of a task: a sample of the cells, or all with `-m full`."""

import re

import pytest
from keras import ops
from matrix import PROPERTIES, Matrix, every_case, representatives, summary
from sampling import failure_message, sample

from zoo.cells import cells
from zoo.cells.simple_rnn import SimpleRNNCell

NAMES, ARRANGEMENTS = cells.names(), tuple(representatives())
# A different cell in each arrangement.
SAMPLE = list(zip(sample(NAMES, len(ARRANGEMENTS), "matrix"), ARRANGEMENTS, strict=True))


@pytest.fixture(scope="session")
def matrix(tmp_path_factory):
    return Matrix(tmp_path_factory.mktemp("matrix"), every_case())


@pytest.mark.parametrize(
    "property_name", [property_name for property_name in PROPERTIES if property_name != "file"]
)
@pytest.mark.parametrize(("name", "arrangement"), SAMPLE)
@pytest.mark.costly
def test_sampled_cell_in_arrangement_has_property(matrix, name, arrangement, property_name):
    fault = matrix.fault(name, arrangement, property_name)
    assert fault is None, failure_message(fault)


@pytest.mark.full
@pytest.mark.parametrize("property_name", PROPERTIES)
@pytest.mark.parametrize("arrangement", ARRANGEMENTS)
@pytest.mark.parametrize("name", NAMES)
def test_every_cell_in_arrangement_has_property(matrix, name, arrangement, property_name):
    assert matrix.fault(name, arrangement, property_name) is None


class IgnoresItsState(SimpleRNNCell):
    def step(self, x, state):
        return super().step(x, (0.0 * state[0],))


class SearchSpaceUnknownArgument(SimpleRNNCell):
    search_space = {"depth": (1, 2)}


class ReadsOtherRows(SimpleRNNCell):
    def project(self, x):
        x = super().project(x)
        return x - ops.mean(x, axis=0, keepdims=True)


@pytest.mark.parametrize(
    ("builder", "property_name", "message"),
    [
        (IgnoresItsState, "step", "none in .*recurrent_kernel"),
        (SearchSpaceUnknownArgument, "space", "depth"),
        (ReadsOtherRows, "export", "expected (that )?(tags|scores)"),
        pytest.param(IgnoresItsState, "file", "wrong", marks=pytest.mark.full),
    ],
)
def test_wrong_cell_is_rejected(builder, property_name, message, tmp_path):
    with cells.temporary():
        cells.register("wrong_here", paper="none", year=2000, tags=())(builder)
        case = "wrong_here", "aligned"
        assert re.search(message, Matrix(tmp_path, [case]).fault(*case, property_name))


def test_summary_has_a_line_for_each_cell_and_each_failure():
    verdicts = {
        ("a", "aligned", "step"): None,
        ("a", "aligned", "file"): "a fault",
        ("b", "aligned", "step"): None,
    }
    assert summary(verdicts) == ["a: 1 of 2", "b: 1 of 1", "FAILED a aligned file: a fault"]
