"""Every cell in every arrangement of a task: a few of them always, all with `pytest -m full`, as docs/matrix.md says."""

import re

import pytest
from keras import ops
from matrix import PROPERTIES, TABLE, Matrix, every_case, representatives, rows, table

from zoo.cells import cells
from zoo.cells.simple_rnn import SimpleRNNCell

NAMES, ARRANGEMENTS = cells.names(), tuple(representatives())
# Another cell for each arrangement, and none of those that the trained runs of the other tests are of.
SOME = [
    (NAMES[k * len(NAMES) // len(ARRANGEMENTS)], arrangement)
    for k, arrangement in enumerate(ARRANGEMENTS)
]


@pytest.fixture(scope="session")
def matrix(tmp_path_factory):
    return Matrix(tmp_path_factory.mktemp("matrix"), every_case())


@pytest.mark.parametrize("asked", [asked for asked in PROPERTIES if asked != "file"])
@pytest.mark.parametrize(("name", "arrangement"), SOME)
def test_some_cells(matrix, name, arrangement, asked):
    assert matrix.judge(name, arrangement, asked) is None


@pytest.mark.full
@pytest.mark.parametrize("asked", PROPERTIES)
@pytest.mark.parametrize("arrangement", ARRANGEMENTS)
@pytest.mark.parametrize("name", NAMES)
def test_every_cell(matrix, name, arrangement, asked):
    assert matrix.judge(name, arrangement, asked) is None


@pytest.mark.full
def test_the_committed_table_says_so(matrix):
    told = "run `python -m tests.matrix`, which writes docs/matrix.md"
    assert rows(TABLE.read_text(encoding="utf-8")) == rows(table(matrix.verdicts(), 0)), told


class HearsNothing(SimpleRNNCell):
    def step(self, x, state):
        return super().step(x, (0.0 * state[0],))


class SearchesNothing(SimpleRNNCell):
    search_space = {"depth": (1, 2)}


class ReadsOtherRows(SimpleRNNCell):
    def project(self, x):
        x = super().project(x)
        return x - ops.mean(x, axis=0, keepdims=True)


@pytest.mark.parametrize(
    ("builder", "asked", "complaint"),
    [
        (HearsNothing, "step", "none in .*recurrent_kernel"),
        (SearchesNothing, "space", "depth"),
        (ReadsOtherRows, "export", "expected (that )?(tags|scores)"),
        pytest.param(HearsNothing, "file", "wrong", marks=pytest.mark.full),
    ],
)
def test_a_wrong_cell_is_told(builder, asked, complaint, tmp_path):
    with cells.temporary():
        cells.register("wrong_here", paper="none", year=2000, tags=())(builder)
        assert re.search(
            complaint,
            Matrix(tmp_path, [("wrong_here", "aligned")]).judge("wrong_here", "aligned", asked),
        )
