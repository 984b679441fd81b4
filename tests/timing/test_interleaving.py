"""Interleaved timing with a clock that advances only while a candidate runs."""

import pytest

from zoo.timing import interleaving
from zoo.timing.interleaving import BLOCK_SECONDS, MAX_RUNS, interleaved, timed_runs


class Clock:
    """Advances by the seconds that the next run of `step` takes."""

    def __init__(self, *seconds):
        self.now, self.seconds = 0.0, list(seconds)

    def step(self):
        self.now += self.seconds.pop(0)

    def __call__(self):
        return self.now


@pytest.mark.parametrize(
    ("seconds", "timed"),
    [
        pytest.param([9.0, 1.0], [1.0], id="slow"),
        pytest.param([BLOCK_SECONDS / 4, 0.25, 0.5, 1, 2], [0.25, 0.5, 1, 2], id="four runs"),
        pytest.param([0.0] * 99, [0.0] * MAX_RUNS, id="instant"),
    ],
)
def test_first_run_is_not_timed_and_a_block_is_short(seconds, timed):
    clock = Clock(*seconds)
    assert timed_runs(clock.step, clock) == timed


def test_order_alternates_and_the_first_round_is_a_warm_up():
    order, blocks = [], []

    def candidate(name, *rounds):
        measured = iter(rounds)
        return lambda: order.append(name) or next(measured)

    candidates = {
        "a": candidate("a", [99.0], [1.0, 2.0], [9.0]),
        "b": candidate("b", [99.0], [4.0], [6.0]),
    }
    medians = interleaved(candidates, rounds=2, on_block_end=lambda: blocks.append(len(order)))
    assert medians == {"a": 2.0, "b": 5.0}
    assert "".join(order) == "baabba"
    assert blocks == [1, 2, 3, 4, 5, 6]


def test_real_clock_measures_seconds(monkeypatch):
    monkeypatch.setattr(interleaving, "BLOCK_SECONDS", 0.0)
    (seconds,) = timed_runs(lambda: sum(range(100_000)))
    assert 1e-5 < seconds < 10
