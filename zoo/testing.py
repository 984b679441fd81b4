"""Support for tests of cells with pytest: the conformance suite as a decorator."""

import functools
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from zoo.cells import cells
from zoo.conformance.subject import Subject
from zoo.conformance.suite import examinations
from zoo.conformance.suite import properties as suite_properties


def parametrize_cells(
    names: Iterable[str] | None = None,
    properties: Iterable[str] | None = None,
    full: bool = False,
) -> pytest.MarkDecorator:
    """Parametrize a test over pairs of a cell and a property of the conformance suite.

    The test function takes one argument, `check`: a zero-argument callable that raises an error
    if the cell does not have the property. A property for which the cell's entry declares an
    exception is a strict expected failure: the test fails if the cell has the property.

    Args:
        names: The registered names of the cells; by default all, built-in cells included.
        properties: The names of the properties; by default all. `zoo check --list` lists them.
        full: Whether to check in both low precisions, and whole models in every layout.

    Returns:
        A decorator for a test function.

    Raises:
        RegistryError: The name of a cell is unknown, or its module cannot be imported.
        RequestError: The name of a property is unknown.

    Example:
        >>> import zoo.testing
        >>> @zoo.testing.parametrize_cells(["mgu"], properties=["reference", "causality"])
        ... def test_cell(check):
        ...     check()

        pytest runs `test_cell[mgu-reference]` and `test_cell[mgu-causality]`.
    """
    selected = None if properties is None else list(properties)
    return pytest.mark.parametrize(
        "check",
        [
            _parameter(subject, property_name)
            for name in (cells.names() if names is None else names)
            for subject, property_name in examinations(name, full, selected)
        ],
    )


def _parameter(subject: Subject, property_name: str) -> Any:
    check: Callable[[], None] = functools.partial(suite_properties[property_name], subject)
    marks = []
    if property_name in subject.exceptions:
        reason = subject.exceptions[property_name]
        marks.append(pytest.mark.xfail(strict=True, reason=reason))
    layout = f"-{subject.layout}" if subject.full else ""
    return pytest.param(check, id=f"{subject.name}-{property_name}{layout}", marks=marks)
