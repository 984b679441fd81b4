"""The verdict on a recurrent layer: a rule, and the figures to which it applies."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from zoo.diagnosis.gates import Gate
from zoo.diagnosis.growth import Estimate, relative_norm

VANISHING, EXPLODING, SATURATED = 1e-3, 1e3, 0.9  # the thresholds of the rules


class Verdict(NamedTuple):
    """The verdict on a layer.

    Attributes:
        kind: "vanishing", "exploding", "saturated", "healthy", "not finite" or "no gradient".
        text: a sentence with the rule and its figures.
    """

    kind: str
    text: str


NO_LOSS = Verdict(
    "no gradient",
    "no gradient: the loss does not depend on the states of this layer at any timestep.",
)


def verdict(
    norms: np.ndarray,
    rate: Estimate,
    memory: int | None,
    gates: Sequence[Gate],
    lag: int | None = None,
) -> Verdict:
    """Return the verdict on a layer.

    Args:
        norms: the mean norm of the gradient with respect to the states at each lag, (lags,).
        rate: its growth per timestep.
        memory: the effective memory in timesteps, None if unknown.
        gates: the gates of the cell.
        lag: the lag that the task needs; None: the largest one.
    """
    infinite = np.flatnonzero(~np.isfinite(norms))
    if infinite.size:
        grows = infinite[0] > 1 and norms[infinite[0] - 1] > norms[: infinite[0]].min()
        kind = "exploding" if grows else "not finite"
        return Verdict(kind, f"{kind}: the gradient is NaN or infinite from lag {infinite[0]} on.")
    ratio, last = relative_norm(norms, lag)
    if np.isnan(ratio):
        text = "no gradient: the outputs of the layer do not depend on its earlier states."
        return Verdict("no gradient", text)
    return _of_ratio(ratio, last, rate, memory, lag) or _of_gates(gates, ratio, last)


def _of_ratio(
    ratio: float, last: int, rate: Estimate, memory: int | None, lag: int | None
) -> Verdict | None:
    """Return "vanishing" or "exploding", None between the thresholds."""
    figures = f", by a factor of {rate.value:.4f} ± {rate.error:.4f} per timestep"
    figures = "" if np.isnan(rate.value) else figures
    reach = "" if memory is None else f"; the effective memory is {memory:,} timesteps"
    reach += "" if lag is None else f", and the task needs {lag:,}"
    if not ratio >= VANISHING:
        text = (
            f"vanishing: the gradient shrinks to {ratio:.1e} of its norm over {last} timesteps "
            f"(rule: below {VANISHING:g}){figures}{reach}."
        )
        return Verdict("vanishing", text)
    if ratio > EXPLODING:
        text = (
            f"exploding: the gradient grows to {ratio:.1e} times its norm over {last} timesteps "
            f"(rule: above {EXPLODING:g}){figures}{reach}."
        )
        return Verdict("exploding", text)
    return None


def _of_gates(gates: Sequence[Gate], ratio: float, last: int) -> Verdict:
    """Return "saturated" if a gate hardly reacts to its input, otherwise "healthy"."""
    stuck = [gate for gate in gates if gate.saturated > SATURATED and not gate.keeps_state]
    if stuck:
        gate = max(stuck, key=lambda each: each.saturated)
        what = "dead ReLU units" if gate.activation == "relu" else "units and time"
        text = (
            f"saturated: {gate.saturated:.0%} of the {what} of gate {gate.name} hardly react to "
            f"the input (rule: above {SATURATED:.0%})."
        )
        return Verdict("saturated", text)
    text = (
        f"healthy: the gradient keeps {ratio:.2g} of its norm over {last} timesteps "
        f"(rule: between {VANISHING:g} and {EXPLODING:g})."
    )
    return Verdict("healthy", text)
