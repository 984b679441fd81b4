"""Interleaved timing: a disturbance of the machine slows all candidates alike."""

import statistics
import time
from collections.abc import Callable, Mapping

BLOCK_SECONDS = 0.25  # approximate duration of a block: consecutive runs of one candidate
MAX_RUNS = 10  # maximum number of timed runs in a block


def timed_runs(
    step: Callable[[], object], clock: Callable[[], float] = time.perf_counter
) -> list[float]:
    """Run `step` several times, for about `BLOCK_SECONDS`.

    A warm-up run comes first and is not returned: the caches hold the data of another candidate.

    Args:
        step: a zero-argument callable.
        clock: returns the time in seconds.

    Returns:
        The seconds of each timed run; at most `MAX_RUNS`.

    Example:
        >>> from zoo.timing.interleaving import timed_runs
        >>> all(seconds >= 0 for seconds in timed_runs(lambda: sum(range(1000))))
        True
    """
    warm_up = _seconds(step, clock)
    runs = min(MAX_RUNS, max(1, int(BLOCK_SECONDS / max(warm_up, 1e-9))))
    return [_seconds(step, clock) for _ in range(runs)]


def interleaved(
    candidates: Mapping[str, Callable[[], list[float]]],
    rounds: int,
    on_block_end: Callable[[], None] | None = None,
) -> dict[str, float]:
    """Time candidates in interleaved runs.

    In each round, every candidate runs one block; the order of the candidates is reversed from
    round to round. A warm-up round, which does not count, comes first.

    Args:
        candidates: name -> a zero-argument callable that returns the seconds of the runs of a
            block, usually by `timed_runs`.
        rounds: number of rounds that count.
        on_block_end: called after each block.

    Returns:
        Name -> the median of the seconds of all runs.
    """
    seconds: dict[str, list[float]] = {name: [] for name in candidates}
    for number in range(rounds + 1):
        for name in list(candidates)[:: 1 if number % 2 else -1]:
            measured = candidates[name]()
            if number > 0:
                seconds[name] += measured
            if on_block_end is not None:
                on_block_end()
    return {name: statistics.median(runs) for name, runs in seconds.items()}


def _seconds(step: Callable[[], object], clock: Callable[[], float]) -> float:
    start = clock()
    step()
    return clock() - start
