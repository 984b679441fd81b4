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
BEFORE = (1.140, 2.548, 5.685, 0.957, 0.652, -0.086)
AFTER = {
    50: (3.445, 3.289, 6.792, 0.088, 0.323, 0.430, 0.371, 0.144, -1.282, -0.993, -1.971),
    100: (4.100, 2.462, 7.551, 0.056, 0.275, 0.805, 0.412, 0.047, -1.313, -2.981, -1.816),
    200: (5.239, 1.441, 7.531, 0.171, 0.145, 0.069, 0.268, -0.019, -3.120, -5.522, -1.254),
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
