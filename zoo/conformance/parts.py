"""Parts of a property: a weight, a state, a mask or a gate that an exception can name on its own.

An exception named "everything_matters" excuses the whole property, and "everything_matters:bias"
the part "bias" of it.
"""

import contextlib
from collections.abc import Iterator, Mapping

from zoo.conformance.violation import Violation

SEPARATOR = ":"


def split_exception(name: str) -> tuple[str, str | None]:
    """Split the name of an exception into the names of a property and of its part, or None."""
    property_name, separator, part = name.partition(SEPARATOR)
    return property_name, part if separator else None


class Parts:
    """The parts of one property whose violations are excused.

    Args:
        reasons: The declared exceptions of the property: part -> reason.
    """

    def __init__(self, reasons: Mapping[str, str]) -> None:
        self.reasons = dict(reasons)
        self.examined: set[str] = set()
        self.violated: set[str] = set()

    @contextlib.contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Excuse a violation within the context if an exception for the part is declared."""
        self.examined.add(name)
        try:
            yield
        except Violation:
            if name not in self.reasons:
                raise
            self.violated.add(name)

    def demand_violated(self, file: str) -> None:
        """Raise Violation if a declared exception names an unknown part or is not needed."""
        for name in self.reasons:
            if name not in self.examined:
                raise Violation(
                    f"expected exceptions for the parts {', '.join(sorted(self.examined))}; "
                    f"measured {name!r}. Check the decorator in {file}."
                )
            if name not in self.violated:
                raise Violation(
                    f"expected that the exception for {name!r} is needed; measured that the cell "
                    f"has the property there, too. Remove the exception in {file}."
                )
