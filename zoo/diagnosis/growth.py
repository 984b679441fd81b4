"""Growth over time of gradients: rate per timestep, effective memory, Lyapunov exponent."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

# Norms below are rounded to a few digits, or to zero, in float32.
_SMALLEST = 1e-36


class Estimate(NamedTuple):
    """A number with its standard error; the error is NaN if it is unknown."""

    value: float
    error: float


def growth_rate(norms: np.ndarray) -> Estimate:
    """Return the factor per timestep by which norms grow with the lag.

    A line is fitted to the logarithms for each sequence; the rate is the exponential of the mean
    slope. Its error is the larger one of the errors of the fits and of the differences between
    sequences.

    Args:
        norms: (lags, sequences); NaN where a sequence is shorter. Zeros are left out.

    Example:
        >>> import numpy as np
        >>> from zoo.diagnosis.growth import growth_rate
        >>> rate = growth_rate(0.9 ** np.arange(50)[:, None])
        >>> print(f"{rate.value:.4f}")
        0.9000
    """
    fits = [fit for column in np.asarray(norms, "float64").T if (fit := _log_slope(column))]
    if not fits:
        return Estimate(np.nan, np.nan)
    slopes, variances = np.array(fits).T
    between = np.var(slopes, ddof=1) / len(slopes) if len(slopes) > 1 else 0.0
    within = np.mean(variances) / len(slopes)
    rate = float(np.exp(np.mean(slopes)))
    return Estimate(rate, float(rate * np.sqrt(max(between, within))))


def _log_slope(norms: np.ndarray) -> tuple[float, float] | None:
    """Return slope and variance of the slope of log(norms), None with fewer than two norms."""
    lags = np.flatnonzero(np.isfinite(norms) & (norms > _SMALLEST))
    if len(lags) < 2:
        return None
    logs, centered = np.log(norms[lags]), lags - lags.mean()
    squares = np.sum(centered**2)
    slope = np.sum(centered * logs) / squares
    residuals = logs - logs.mean() - slope * centered
    freedom = max(1, len(lags) - 2)
    return float(slope), float(np.sum(residuals**2) / freedom / squares)


def effective_memory(influence: Sequence[float] | np.ndarray, fraction: float = 0.01) -> int | None:
    """Return the largest lag whose influence is at least a fraction of the largest influence.

    Args:
        influence: the influence of the input at each lag, (lags,).
        fraction: the fraction, in (0, 1].

    Returns:
        The lag in timesteps; None without a finite, positive influence.

    Example:
        >>> from zoo.diagnosis.growth import effective_memory
        >>> effective_memory([1.0, 0.5, 0.25, 0.125], fraction=0.2)
        2
    """
    values = np.asarray(influence, "float64")
    finite = values[np.isfinite(values)]
    if not finite.size or finite.max() <= 0:
        return None
    return int(np.flatnonzero(values >= fraction * finite.max() * (1 - 1e-6))[-1])


def relative_norm(norms: np.ndarray, lag: int | None = None) -> tuple[float, int]:
    """Return the norm at a lag over that at the smallest lag with a positive norm, and the lag.

    Args:
        norms: the mean norm at each lag, (lags,).
        lag: the lag; None, or a lag beyond the last one: the last one.

    Returns:
        The ratio, NaN if no norm is positive; and the lag of its numerator.

    Example:
        >>> import numpy as np
        >>> from zoo.diagnosis.growth import relative_norm
        >>> relative_norm(np.array([0.0, 4.0, 2.0]))
        (0.5, 2)
    """
    last = len(norms) - 1 if lag is None else min(len(norms) - 1, lag)
    positive = np.flatnonzero(norms > 0)
    if not positive.size:
        return float("nan"), last
    last = max(int(positive[0]), last)
    return float(norms[last] / norms[positive[0]]), last


class Summary(NamedTuple):
    """The gradient over time of a layer, in four figures.

    Attributes:
        lags: the number of timesteps of the longest sequence.
        ratio: the gradient at the largest lag over that at the smallest one, NaN if unknown.
        growth: factor by which the gradient grows per timestep of lag, NaN if unknown.
        effective_memory: the effective memory in timesteps, None if unknown.
    """

    lags: int
    ratio: float
    growth: float
    effective_memory: int | None


def summary(norms: np.ndarray, influence: np.ndarray) -> Summary:
    """Return the figures of a layer.

    Args:
        norms: norms of the gradient with respect to the states, (lags, sequences).
        influence: those with respect to the inputs, (lags, sequences).
    """
    return Summary(
        len(norms),
        relative_norm(np.nanmean(norms, axis=1))[0],
        growth_rate(norms).value,
        effective_memory(np.sqrt(np.nanmean(influence**2, axis=1))),
    )


def lyapunov_exponent(log_growth: np.ndarray, transient: float = 0.1) -> Estimate:
    """Return the leading Lyapunov exponent, in nats per timestep.

    Args:
        log_growth: (timesteps, sequences), log of the factor by which each timestep stretches a
            vector that is normalized after each timestep; NaN at masked timesteps.
        transient: fraction of the valid timesteps of each sequence left out at the start, in which
            the vector turns to the leading direction.

    Returns:
        The mean over sequences of the mean over timesteps. Its error is that of the differences
        between sequences; for one sequence, that of the differences between ten parts of it.
    """
    columns = [column[~np.isnan(column)] for column in np.asarray(log_growth, "float64").T]
    kept = [column[int(transient * len(column)) :] for column in columns if len(column)]
    if not kept:
        return Estimate(np.nan, np.nan)
    if len(kept) == 1:
        kept = np.array_split(kept[0], min(10, len(kept[0])))
    parts = [np.mean(part) for part in kept]
    if not np.isfinite(parts).all():
        return Estimate(float(min(parts)), np.nan)
    error = np.std(parts, ddof=1) / np.sqrt(len(parts)) if len(parts) > 1 else np.nan
    return Estimate(float(np.mean(parts)), float(error))
