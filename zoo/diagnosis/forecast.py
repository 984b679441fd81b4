"""Predicts from the gradient over time whether a network learns what its task needs.

The rules are logistic regressions, fitted on half of the trained networks of
`benchmarks.gradient_rules` and scored on the other half; docs/guide/gradients.md has the scores.
"""

import math
from collections.abc import Mapping, Sequence

from zoo.diagnosis.probe import MOVES, STEPS, Reading

_SMALLEST = 1e-12  # smaller influences make no difference

# Weights of (1, *features): without training, and after the training steps.
BEFORE = (1.604, 0.009, 0.183, 0.182, -0.659)
AFTER = {
    50: (4.094, 0.048, -0.017, 0.053, 0.176, 0.194, 0.688, -2.981),
    100: (3.504, 0.021, 0.026, 0.008, -0.049, 0.180, 0.689, -2.991),
    200: (3.503, -0.043, -0.049, 0.108, -0.360, 0.137, 0.566, -4.091),
}


def features(readings: Mapping[str, Reading]) -> list[float]:
    """Return the numbers that a rule weights.

    Args:
        readings: those of `zoo.diagnosis.probe.readings`.

    Returns:
        The logarithm of the influence before training and after each move; whether the loss after
        the last move is not finite or a thousand times larger (1) or not (0). With training steps
        also the logarithm of the influence at the last ones, its change since the start, and the
        loss relative to the baseline, at most 2.
    """
    start, moved = readings["start"], [readings[f"moved {updates}"] for updates in MOVES]
    found = [log_influence(reading) for reading in (start, *moved)]
    last = moved[-1].loss
    found.append(float(not last < 1e3 * max(start.loss, 1e-6)))
    steps = [step for step in STEPS if f"step {step}" in readings]
    if steps:
        reading = readings[f"step {steps[-1]}"]
        change = log_influence(reading) - log_influence(start)
        found += [log_influence(reading), change, relative_loss(reading)]
    return found


def log_influence(reading: Reading) -> float:
    """Return the decimal logarithm of the influence, at least -12; 0 if it is not finite."""
    if not math.isfinite(reading.influence):
        return 0.0
    return math.log10(max(reading.influence, _SMALLEST))


def relative_loss(reading: Reading) -> float:
    """Return the loss over that of the best constant prediction, at most 2."""
    ratio = reading.loss / max(reading.baseline, 1e-6)
    return min(ratio, 2.0) if math.isfinite(ratio) else 2.0


def probability(readings: Mapping[str, Reading]) -> float:
    """Return the predicted probability that a network learns.

    Args:
        readings: those of `zoo.diagnosis.probe.readings`.

    Example:
        >>> from zoo.diagnosis.forecast import probability
        >>> from zoo.diagnosis.probe import Reading
        >>> read = {name: Reading(2.1, 2.1, 1e-9) for name in ("start", "moved 10", "moved 50")}
        >>> probability(read) < 0.2
        True
    """
    steps = [step for step in STEPS if f"step {step}" in readings]
    weights: Sequence[float] = AFTER[steps[-1]] if steps else BEFORE
    score = sum(w * each for w, each in zip(weights, (1.0, *features(readings)), strict=True))
    return 1 / (1 + math.exp(-max(-50.0, min(50.0, score))))
