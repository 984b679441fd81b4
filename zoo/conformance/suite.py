"""The check of one cell against all properties of the conformance suite."""

import contextlib
import dataclasses
import os
import time
from collections.abc import Callable, Iterable, Iterator

from zoo.conformance import (
    configuration,
    declarations,
    docstrings,
    equations,
    fresh_process,
    gates,
    initial_states,
    keras_layers,
    learning,
    masks,
    randomness,
    recurrences,
    regularization,
    search_spaces,
    threads,
    whole_models,
    widths,
)
from zoo.conformance.fresh_process import FreshProcess
from zoo.conformance.properties import PROPERTIES, select
from zoo.conformance.subject import LAYOUTS, Subject, examined_by_parts
from zoo.conformance.violation import Violation, original_message

_MODULES = {
    module.__name__.rpartition(".")[2]: module
    for module in (
        configuration,
        declarations,
        docstrings,
        equations,
        fresh_process,
        gates,
        initial_states,
        keras_layers,
        learning,
        masks,
        randomness,
        recurrences,
        regularization,
        search_spaces,
        threads,
        whole_models,
        widths,
    )
}

# The functions by name: each takes a Subject and raises Violation.
properties: dict[str, Callable[[Subject], None]] = {
    name: examined_by_parts(name, getattr(_MODULES[each.module], name))
    for name, each in PROPERTIES.items()
}


@dataclasses.dataclass(frozen=True)
class Result:
    """The result of one property.

    Args:
        property: The name of the property.
        passed: Whether the cell has the property, or does not have it and declares an exception.
        reason: One line, the violation or the declared exception; None if there is none.
        seconds: The wall time of the check.
        layout: The layout of the model around the cell, for a property of whole models; or None.
    """

    property: str
    passed: bool
    reason: str | None
    seconds: float
    layout: str | None = None


def check(
    name: str,
    full: bool = False,
    report: Callable[[Result], object] | None = None,
    properties: Iterable[str] | None = None,
) -> list[Result]:
    """Check the cell registered as `name` against the properties of the conformance suite.

    An error in the cell becomes a result, unless the environment variable ZOO_TRACEBACK is set:
    then it is raised.

    Args:
        name: The registered name of a cell.
        full: Whether to check in both low precisions, and whole models in every layout.
        report: A function that is called with each `Result` as soon as it is known.
        properties: The names of the properties to check; by default all of
            `zoo.conformance.properties.PROPERTIES`.

    Returns:
        The results, in the order of the properties.

    Raises:
        RegistryError: The name of the cell is unknown, or its module cannot be imported.
        RequestError: The name of a property is unknown.

    Example:
        >>> import zoo
        >>> for result in zoo.check("gru", properties=["reference", "causality"]):
        ...     print(result.property, result.passed)
        reference True
        causality True
    """
    results = []
    for result in _results(list(examinations(name, full, properties))):
        if report:
            report(result)
        results.append(result)
    return results


def _results(pairs: list[tuple[Subject, str]]) -> Iterator[Result]:
    """Yield the results of pairs (subject, name of a property)."""
    fresh_subjects = [subject for subject, name in pairs if name == "fresh_process"]
    functions = {}
    with contextlib.ExitStack() as stack:
        if fresh_subjects:
            # The process starts now and runs while the other properties are checked.
            process = stack.enter_context(FreshProcess(fresh_subjects))
            functions["fresh_process"] = process.demand_loads
        for subject, name in pairs:
            yield judge(subject, name, functions.get(name))


def examinations(
    name: str, full: bool = False, selected: Iterable[str] | None = None
) -> Iterator[tuple[Subject, str]]:
    """Yield the pairs (subject, name of a property) that `check` checks."""
    subject = Subject(name, full=full)
    other_layouts = [layout for layout in LAYOUTS if layout != subject.layout]
    for property_name in properties if selected is None else select(selected):
        yield subject, property_name
        if full and PROPERTIES[property_name].whole_model:
            yield from ((Subject(name, layout, full), property_name) for layout in other_layouts)


def judge(subject: Subject, name: str, function: Callable[[Subject], None] | None = None) -> Result:
    """Check one property; a property with a declared exception must fail.

    Args:
        subject: The cell under test.
        name: The name of the property.
        function: A function in place of the suite's own.

    Returns:
        The result.
    """
    start = time.perf_counter()
    try:
        (function or properties[name])(subject)
        violation = None
    except Violation as error:
        violation = str(error)
    except Exception as error:  # a faulty cell may raise any error
        if os.environ.get("ZOO_TRACEBACK") and name not in subject.exceptions:
            raise
        violation = (
            f"{type(error).__name__} in the check of {subject.file}: {original_message(error)}"
        )
    passed, reason = violation is None, violation
    if name in subject.exceptions:
        declared = subject.exceptions[name]
        passed = not passed
        reason = f"declared exception: {declared}"
        if not passed:
            reason += f". The cell has the property: remove the exception in {subject.file}."
    elif passed:
        excused = subject.part_exceptions(name).items()
        reason = "; ".join(f"declared exception for {part}: {why}" for part, why in excused) or None
    layout = subject.layout if PROPERTIES[name].whole_model else None
    reason = reason and " ".join(reason.split())
    return Result(name, passed, reason, time.perf_counter() - start, layout)
