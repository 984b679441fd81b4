"""All properties by name, and the check of one cell against them."""

import dataclasses
import re
import time

from zoo.conformance import (
    declarations,
    equations,
    learning,
    recurrences,
    regularization,
    whole_models,
)
from zoo.conformance.subject import ARRANGEMENTS, Subject
from zoo.conformance.violation import Violation


def exceptions(subject):
    """An entry's exceptions name properties, and each has its reason."""
    for name, reason in subject.exceptions.items():
        if name not in properties or name == "exceptions" or not str(reason).strip():
            raise Violation(
                f"expected exceptions={{property: reason}}, with properties of the suite; measured "
                f"{name!r}: {reason!r}. Look at the decorator in {subject.file}."
            )


properties = {
    property.__name__: property
    for property in (
        equations.interface,
        declarations.docstring,
        declarations.gates,
        declarations.search_space,
        declarations.file_name,
        exceptions,
        equations.reference,
        equations.gradients,
        equations.everything_matters,
        equations.causality,
        equations.rows,
        recurrences.padding,
        recurrences.padding_gradients,
        recurrences.direction,
        recurrences.chunks,
        recurrences.loops,
        recurrences.recurrent_dropout,
        regularization.regularization,
        whole_models.determinism,
        whole_models.mixed_precision,
        whole_models.config,
        whole_models.keras_file,
        whole_models.fresh_process,
        whole_models.saved_model,
        whole_models.jit,
        learning.learning,
    )
}

# These look at a whole model, and so can be asked in every arrangement.
ARRANGED = ("mixed_precision", "keras_file", "fresh_process", "saved_model")


@dataclasses.dataclass(frozen=True)
class Result:
    """How one property went; `reason` is one line, and None where there is nothing to say."""

    property: str
    passed: bool
    reason: str | None
    seconds: float


def judge(subject, name, function=None):
    """The Result of one property; a declared exception has to fail. `function` may stand in for the suite's own."""
    began = time.perf_counter()
    try:
        (function or properties[name])(subject)
        passed, reason = True, None
    except Violation as violation:
        passed, reason = False, str(violation)
    except (
        Exception
    ) as error:  # a bad cell may fail in any way, and the others are still to be looked at
        passed, reason = (
            False,
            f"{type(error).__name__} while {subject.file} was judged: {_core(error)}",
        )
    if name in subject.exceptions:
        excuse = subject.exceptions[name]
        passed, reason = (
            not passed,
            f"excepted: {excuse}"
            if not passed
            else f"declared exception passes ({excuse}). Remove it from the decorator in {subject.file}.",
        )
    return Result(name, passed, reason and " ".join(reason.split()), time.perf_counter() - began)


def _core(error):
    """The message without the frame, arguments and all, that Keras puts around what a layer raised."""
    framed = re.search(r"\x1b\[1m(.*?)\x1b\[0m", str(error), re.DOTALL)
    return framed[1] if framed else str(error)


def check(name, full=False, report=lambda result: None):
    """Judges the cell registered as `name` by every property: a list of Result, and never an error for a bad cell.

    full: both low precisions, and all arrangements where a property otherwise looks at one.
    report: called with each Result as it comes. Raises what `cells.entry` raises for an unknown or broken name.
    """
    results = []
    for subject, asked in examinations(name, full):
        result = judge(subject, asked)
        report(result)
        results.append(result)
    return results


def examinations(name, full=False):
    """The pairs (Subject, property) that `check` judges."""
    subject = Subject(name, full=full)
    others = [
        Subject(name, arrangement, full)
        for arrangement in ARRANGEMENTS
        if arrangement != subject.arrangement
    ]
    for asked in properties:
        yield subject, asked
        if full and asked in ARRANGED:
            yield from ((other, asked) for other in others)
