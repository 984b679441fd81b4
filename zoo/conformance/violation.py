"""How a property says what is wrong: what was expected, what was measured, where to look."""

import numpy as np


class Violation(AssertionError):
    """A cell breaks a property. The message is one line: what was expected, what was measured, where to look."""


def demand(condition, message):
    """Raises Violation with the message unless the condition holds."""
    if not condition:
        raise Violation(message)


def distance(got, expected):
    """The largest difference, relative to the largest expected magnitude; infinite where a number is not finite."""
    got, expected = (np.asarray(array, "float64") for array in (got, expected))
    if not (np.isfinite(got).all() and np.isfinite(expected).all()):
        return float("inf")
    if not expected.size:
        return 0.0
    return float(np.abs(got - expected).max() / max(np.abs(expected).max(), 1e-6))


def demand_same(what, got, expected, tolerance, look):
    """Raises Violation unless the arrays have one shape and a `distance` of at most `tolerance`.

    what: a clause such as "the engine's outputs equal the plain loop's"; look: where the mistake may sit.
    """
    got, expected = np.asarray(got), np.asarray(expected)
    demand(
        got.shape == expected.shape,
        f"expected that {what}; measured shapes {got.shape} and {expected.shape}. Look at {look}.",
    )
    measured = distance(got, expected)
    demand(
        measured <= tolerance,
        f"expected that {what}, to {tolerance:.0e}; measured a relative difference of "
        f"{measured:.1e}. Look at {look}.",
    )


def demand_same_runs(what, got, expected, tolerance, look):
    """The same for each output, final state and gradient of two runs (`zoo.conformance.running.Run`)."""
    for name, array in expected.named().items():
        demand_same(f"{what} ({name})", got.named()[name], array, tolerance, look)
