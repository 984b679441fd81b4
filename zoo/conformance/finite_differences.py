"""Gradients of a cell's NumPy reference by central finite differences."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from zoo.conformance.running import reference_over_time, weights_by_name


def reference_gradients(
    cell: Any,
    x: np.ndarray,
    states: Iterable[np.ndarray],
    elapsed: np.ndarray | None = None,
    step: float = 1e-6,
) -> dict[str, np.ndarray]:
    """Differentiate `zoo.conformance.running.weighted_sum` over the reference.

    Args:
        cell: A built cell.
        x: Inputs (batch, timesteps, features).
        states: Initial states, one (batch, width) per state.
        elapsed: The elapsed times (batch, timesteps) of a cell that uses them, or None.
        step: The step of the finite differences.

    Returns:
        The gradients by name, as `zoo.conformance.running.differentiate` names them.
    """
    sources = {
        "inputs": x,
        **{f"state {name}": state for name, state in zip(cell.state_names, states, strict=True)},
        **({} if elapsed is None else {"elapsed": elapsed}),
    }
    rows = {name: array.astype("float64") for name, array in sources.items()}
    weights = weights_by_name(cell)
    totals = _totals_of_copies(cell, weights, rows)
    by_rows = {name: _differences_by_rows(totals, rows, name, step) for name in rows}
    by_weights = {
        weight.name: _differences(lambda: totals(rows).item(), weights[weight.name], step)
        for weight in cell.trainable_weights
    }
    return {**by_rows, **by_weights}


_Rows = Mapping[str, np.ndarray]  # inputs, states and elapsed times, (batch, ...) each


def _totals_of_copies(
    cell: Any, weights: Mapping[str, np.ndarray], rows: _Rows
) -> Callable[[_Rows], np.ndarray]:
    """Return a function: copies of the batch, stacked, -> the weighted sum of each copy."""

    def run(rows: _Rows) -> list[np.ndarray]:
        states = [rows[f"state {name}"] for name in cell.state_names]
        return reference_over_time(cell, weights, rows["inputs"], states, rows.get("elapsed"))

    random = np.random.default_rng(4)
    factors = [random.normal(size=array.shape) for array in run(rows)]

    def totals(rows: _Rows) -> np.ndarray:
        sums = [
            (array.reshape(-1, *factor.shape) * factor).reshape(-1, factor.size).sum(-1)
            for array, factor in zip(run(rows), factors, strict=True)
        ]
        return np.sum(sums, axis=0)

    return totals


def _differences_by_rows(
    totals: Callable[[_Rows], np.ndarray], rows: _Rows, name: str, step: float
) -> np.ndarray:
    """Differentiate by the array `name` of a batch, with one copy of the batch per change."""
    array = rows[name]
    changes = step * np.eye(array.size).reshape(-1, *array.shape)
    changed = array + np.concatenate([changes, -changes])  # (copies, batch, ...)
    copies = {key: np.concatenate([each] * len(changed)) for key, each in rows.items()}
    above, below = np.split(totals({**copies, name: np.concatenate(changed)}), 2)
    return ((above - below) / (2 * step)).reshape(array.shape)


def _differences(total: Callable[[], float], array: np.ndarray, step: float) -> np.ndarray:
    gradient = np.zeros(array.shape)
    for index in np.ndindex(array.shape):
        value = array[index]
        array[index] = value + step
        above = total()
        array[index] = value - step
        gradient[index] = (above - total()) / (2 * step)
        array[index] = value
    return gradient
