"""Predicts from the gradient over time whether a network learns what its task needs.

The rules are logistic regressions, fitted on half of the trained networks of
`benchmarks.gradient_rules` and scored on the other half; docs/guide/gradients.md has the scores.
"""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from zoo.diagnosis.readings import MOVES, STEPS, Reading

_SMALLEST, _CLEAR = 1e-12, (-7.0, -3.0)  # smaller influences, and logarithms outside, are alike

# Weights of (1, *features): without training, and after the training steps.
BEFORE = (0.760, 3.125, 5.827, 1.000, 0.516, -0.536)
AFTER = {
    50: (1.608, 5.908, 6.199, 0.454, 0.451, -0.077, 0.341, 0.076, -1.381, 1.380, -1.617),
    100: (3.654, 3.926, 6.174, 0.452, 0.358, -0.039, 0.294, 0.104, -2.326, -0.899, -1.350),
    200: (3.871, 1.950, 6.281, 0.419, 0.154, -0.875, 0.429, 0.091, -2.256, -4.426, 0.161),
}


class Setting(NamedTuple):
    """What a network is to learn, and with which kind of cell.

    Attributes:
        lag: the lag that the task needs, in timesteps.
        one_lag: whether it needs this lag only; otherwise shorter ones teach something, too.
        gated: whether the cell has the tag `gated`.
    """

    lag: int
    one_lag: bool
    gated: bool


def features(readings: Mapping[str, Reading], setting: Setting) -> list[float]:
    """Return the numbers that a rule weights.

    Args:
        readings: those of `zoo.diagnosis.readings.readings`.
        setting: the task and the cell.

    Returns:
        Whether one lag is needed; if not, whether the cell is gated; logarithms of the influence
        before training, for both kinds of tasks; the growth of the loss by the last move. With
        training steps also the logarithms of the influence and the relative losses after them, for
        both kinds of tasks, and the logarithm of the lag. Kinds that do not apply are 0.
    """
    start, last = readings["start"], readings[f"moved {MOVES[-1]}"]
    moved = max(log_influence(readings[f"moved {updates}"]) for updates in MOVES)
    one, more = float(setting.one_lag), float(not setting.one_lag)
    found = [
        one,
        more * setting.gated,
        one * _clear(max(log_influence(start), moved)),
        more * _clear(log_influence(start)),
        _growth(start.loss, last.loss),
    ]
    steps = [step for step in STEPS if f"step {step}" in readings]
    if steps:
        reading = readings[f"step {steps[-1]}"]
        influence, loss = log_influence(reading), relative_loss(reading)
        found += [one * influence, more * influence, one * loss, more * loss]
        found.append(math.log10(max(setting.lag, 1)))
    return found


def _clear(logarithm: float) -> float:
    return min(max(logarithm, _CLEAR[0]), _CLEAR[1])


def _growth(before: float, after: float) -> float:
    """Return the decimal logarithm of the growth of a loss, in [0, 3]."""
    if not math.isfinite(after):
        return 3.0
    return min(max(math.log10(max(after, 1e-6) / max(before, 1e-6)), 0.0), 3.0)


def log_influence(reading: Reading) -> float:
    """Return the decimal logarithm of the influence, at least -12; 0 if it is not finite."""
    if not math.isfinite(reading.influence):
        return 0.0
    return math.log10(max(reading.influence, _SMALLEST))


def relative_loss(reading: Reading) -> float:
    """Return the loss over that of the best constant prediction, at most 2."""
    ratio = reading.loss / max(reading.baseline, 1e-6)
    return min(ratio, 2.0) if math.isfinite(ratio) else 2.0


def probability(readings: Mapping[str, Reading], setting: Setting) -> float:
    """Return the predicted probability that a network learns.

    Args:
        readings: those of `zoo.diagnosis.readings.readings`.
        setting: the task and the cell.

    Example:
        >>> from zoo.diagnosis.forecast import Setting, probability
        >>> from zoo.diagnosis.readings import Reading
        >>> read = {name: Reading(2.1, 2.1, 1e-9) for name in ("start", "moved 10", "moved 50")}
        >>> probability(read, Setting(100, one_lag=True, gated=True)) < 0.3
        True
    """
    steps = [step for step in STEPS if f"step {step}" in readings]
    weights: Sequence[float] = AFTER[steps[-1]] if steps else BEFORE
    numbers = (1.0, *features(readings, setting))
    score = sum(weight * number for weight, number in zip(weights, numbers, strict=True))
    return 1 / (1 + math.exp(-max(-50.0, min(50.0, score))))
