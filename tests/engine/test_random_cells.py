"""Gradients of the engine against those of the unrolled loop, for a sample of random cells.

`python -m benchmarks.random_cells` compares more of them, each at three widths in both precisions.
"""

import pytest

from tests.engine.random_cells import FEATURES, TOLERANCES, draw_cell, relative_differences
from zoo.engine.tracing import step_trace


def assert_equal(builder, units, dtype):
    differences = relative_differences(builder, units, dtype)
    worst = max(differences, key=differences.get)
    assert differences[worst] <= TOLERANCES[dtype], (
        f"{worst} at {units} units in {dtype} differs by {differences[worst]:.1e}\n"
        f"{builder.facts.source}"
    )


@pytest.mark.parametrize("seed", range(40))
def test_gradients_of_a_random_cell_match_the_unrolled_loop(seed):
    builder = draw_cell(seed)
    first, second, third = builder.facts.widths
    assert_equal(builder, second, "float64")
    if seed % 2 == 1:
        assert_equal(builder, first, "float64")
    if seed % 4 == 0:
        assert_equal(builder, third, "float32")


def test_random_cells_take_both_backward_passes():
    elementwise = []
    for seed in range(12):
        cell = draw_cell(seed)(4)
        cell.build((None, FEATURES))
        elementwise.append(step_trace(cell).structure.elementwise)
    assert 2 <= sum(elementwise) <= 10


def test_a_seed_draws_the_same_cell_each_time():
    assert draw_cell(7).facts == draw_cell(7).facts
    assert draw_cell(7).facts != draw_cell(8).facts
