"""The number of parts of a batch: from TensorFlow's threads, the rows and the cell."""

import pytest

from zoo.cells import cells
from zoo.engine import batch_parts as module
from zoo.engine.batch_parts import batch_parts, parallel_operations, row_ranges

INTRA, INTER = "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"


@pytest.fixture
def on_cpu(monkeypatch):
    monkeypatch.setattr(module, "on_cpu", lambda: True)
    monkeypatch.setattr(module, "cores", lambda: 3)
    for name in (INTRA, INTER):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, 1),
        ({INTRA: "2", INTER: "2"}, 1),
        ({INTRA: "1"}, 3),
        ({INTRA: "1", INTER: "2"}, 2),
        ({INTRA: "1", INTER: "1"}, 1),
        ({INTRA: "one", INTER: "2"}, 1),
    ],
)
def test_operations_run_side_by_side_if_each_has_one_thread(
    variables, expected, on_cpu, monkeypatch
):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert parallel_operations() == expected


def test_a_gpu_runs_one_operation_on_all_its_threads(on_cpu, monkeypatch):
    monkeypatch.setenv(INTRA, "1")
    monkeypatch.setattr(module, "on_cpu", lambda: False)
    assert parallel_operations() == 1


def built(name, units, features=100):
    cell = cells.get(name)(units)
    cell.build((None, None, features))
    return cell


@pytest.mark.parametrize(
    ("name", "units", "rows", "parts"),
    [
        ("lstm", 128, 32, 2),
        ("lstm", 128, None, 2),
        ("lstm", 128, 15, 1),
        ("lstm", 128, 1, 1),
        ("lstm", 64, 32, 1),  # 64 * 256 elements
        ("ind_rnn", 512, 32, 1),  # no recurrent product
        ("min_gru", 128, 32, 1),
        ("min_gru", 512, 32, 2),
        ("gated_delta_net", 256, 32, 2),
    ],
)
def test_large_cells_and_batches_are_divided(name, units, rows, parts, on_cpu, monkeypatch):
    cell = built(name, units)
    assert batch_parts(cell, rows) == 1
    monkeypatch.setenv(INTRA, "1")
    monkeypatch.setenv(INTER, "2")
    assert batch_parts(cell, rows) == parts


@pytest.mark.parametrize(("rows", "parts"), [(7, 2), (8, 3), (2, 2), (5, 1)])
def test_rows_are_divided_evenly(rows, parts):
    ranges = row_ranges(rows, parts)
    assert [first for first, _ in ranges] == [0, *(end for _, end in ranges[:-1])]
    sizes = [end - first for first, end in ranges]
    assert sum(sizes) == rows and max(sizes) - min(sizes) <= 1
