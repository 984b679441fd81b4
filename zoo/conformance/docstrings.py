"""The property that a cell's docstring has all sections and an example that runs."""

import doctest
import inspect
import re
import sys

from zoo.conformance.subject import Subject, states_section
from zoo.conformance.violation import demand

SECTIONS = ("Output:", "State:", "Source:", "Deviations:", "Args:", "Example:")


def docstring(subject: Subject) -> None:
    """The class docstring has a summary, equations, all sections, and an example that runs."""
    hint = f"Check the class docstring in {subject.file}."
    # inspect.getdoc would return the docstring of a base class if the class has none.
    text = inspect.cleandoc(subject.builder.__dict__.get("__doc__") or "")
    summary = text.partition("\n")[0]
    demand(
        summary.endswith("."),
        f"expected a first line that ends with a full stop; measured {summary!r}. {hint}",
    )
    for section in SECTIONS:
        demand(
            re.search(rf"{section}\s*\S", text),
            f"expected a section {section!r} with text; measured none. {hint}",
        )
    demand(
        re.search(r"^\s*\S+ = \S", text.partition("Output:")[0], re.MULTILINE),
        f'expected equations, as lines "name = ...", before Output:; measured none. {hint}',
    )
    states = states_section(text)
    missing = [
        name for name in subject.builder.state_names if not re.search(rf"\b{name}\b", states)
    ]
    demand(
        not missing,
        f"expected each state under State:; measured a section without {missing}. {hint}",
    )
    _demand_arguments(subject, text.partition("Args:")[2].partition("Example:")[0], hint)
    _demand_running_example(subject, text.partition("Example:")[2], hint)


def _demand_arguments(subject: Subject, section: str, hint: str) -> None:
    """Demand that the section lists the arguments of the class's own constructor."""
    constructor = vars(subject.builder).get("__init__")
    parameters = inspect.signature(constructor).parameters if constructor else {"units": None}
    missing = [
        name
        for name in parameters
        if name not in ("self", "kwargs") and not re.search(rf"^\s+{name}\b.*:", section, re.M)
    ]
    demand(
        not missing,
        f"expected each argument under Args:; measured a section without {missing}. {hint}",
    )


def _demand_running_example(subject: Subject, section: str, hint: str) -> None:
    """Demand that the section is a doctest that passes, in the namespace of the cell's module."""
    namespace = dict(vars(sys.modules[subject.builder.__module__]))
    name = subject.builder.__name__
    test = doctest.DocTestParser().get_doctest(section, namespace, name, subject.file, 0)
    demand(test.examples, f"expected lines with >>> under Example:; measured none. {hint}")
    reports: list[str] = []
    doctest.DocTestRunner(verbose=False).run(test, out=reports.append)
    if reports:
        report = " ".join(reports[0].partition("Failed example:")[2].split())
        demand(False, f"expected that the example runs; measured a failure: {report}. {hint}")
