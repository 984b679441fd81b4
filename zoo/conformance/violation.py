"""Violations of a property: the expected result, the measured one, and the code to check."""

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from zoo.conformance.running import Run


class Violation(AssertionError):
    """Raised when a cell violates a property.

    The message is one line: the expected result, the measured one, and the code to check.
    """


def demand(condition: Any, message: str) -> None:
    """Raise Violation with `message` unless `condition` is true."""
    if not condition:
        raise Violation(message)


def distance(actual: Any, expected: Any) -> float:
    """Return the largest absolute difference, relative to the largest expected magnitude.

    Args:
        actual: An array.
        expected: An array of the same shape.

    Returns:
        The relative distance; infinity if a value of either array is not finite.
    """
    actual, expected = (np.asarray(array, "float64") for array in (actual, expected))
    if not (np.isfinite(actual).all() and np.isfinite(expected).all()):
        return float("inf")
    if not expected.size:
        return 0.0
    return float(np.abs(actual - expected).max() / max(np.abs(expected).max(), 1e-6))


def demand_same(claim: str, actual: Any, expected: Any, tolerance: float, hint: str) -> None:
    """Raise Violation unless two arrays have the same shape and nearly the same values.

    Args:
        claim: The claim as a clause, such as "the engine's outputs equal the plain loop's".
        actual: The measured array.
        expected: The expected array.
        tolerance: The largest accepted `distance`.
        hint: The code to check, and possible mistakes in it.
    """
    actual, expected = np.asarray(actual), np.asarray(expected)
    demand(
        actual.shape == expected.shape,
        f"expected that {claim}; measured shapes {actual.shape} and {expected.shape}. "
        f"Check {hint}.",
    )
    measured = distance(actual, expected)
    demand(
        measured <= tolerance,
        f"expected that {claim}, within {tolerance:.0e}; measured a relative difference of "
        f"{measured:.1e}. Check {hint}.",
    )


def demand_same_runs(
    claim: str, actual: "Run", expected: "Run", tolerance: float, hint: str
) -> None:
    """Apply `demand_same` to each output, final state and gradient of two runs."""
    for name, array in expected.named().items():
        demand_same(f"{claim} ({name})", actual.named()[name], array, tolerance, hint)


def original_message(error: BaseException) -> str:
    """Return the message of an error on one line, without the text that Keras or AutoGraph adds.

    Both raise a copy of an error whose message contains that of the original.
    """
    message = _on_one_line(error)
    original = error.__cause__ or error.__context__
    while original is not None and _on_one_line(original) and _on_one_line(original) in message:
        message = _on_one_line(original)
        original = original.__cause__ or original.__context__
    return message


def _on_one_line(error: BaseException) -> str:
    return " ".join(str(error).split())
