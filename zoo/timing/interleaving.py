"""Contenders take turns, so that what slows the machine for a while slows all of them alike."""

import statistics
import time

TURN = 0.25  # seconds that a turn should last
MOST = 10  # measured runs in a turn


def turn(step, clock=time.perf_counter):
    """The seconds of several runs of `step`, after one that is not measured: another contender has had the caches."""
    began = clock()
    step()
    runs = min(MOST, max(1, int(TURN / max(clock() - began, 1e-9))))
    return [_seconds(step, clock) for _ in range(runs)]


def interleaved(turns, rounds, told=None):
    """The median seconds of each contender, by name, over `rounds` in which each has its turn.

    turns: name -> a function of nothing that gives the seconds of a turn's runs. The order is reversed from round to
    round. The first round warms up and does not count. told: called after each turn.
    """
    seconds = {name: [] for name in turns}
    for number in range(rounds + 1):
        for name in list(turns)[:: 1 if number % 2 else -1]:
            measured = turns[name]()
            seconds[name] += measured if number else []
            if told is not None:
                told()
    return {name: statistics.median(each) for name, each in seconds.items()}


def _seconds(step, clock):
    began = clock()
    step()
    return clock() - began
