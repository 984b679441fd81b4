"""Properties of what a cell says of itself: docstring, search space, gates, file, exceptions."""

import inspect
import pathlib
import re

import numpy as np

from zoo.conformance.violation import demand

SECTIONS = ("Output:", "State:", "Source:", "Deviations:")


def docstring(subject):
    """The class docstring has a first sentence, equations, and the sections that a reader looks for."""
    look = f"Look at the class docstring in {subject.file}."
    # `__doc__` of the class itself: inspect.getdoc would hand over that of the base class.
    text = inspect.cleandoc(subject.builder.__dict__.get("__doc__") or "")
    first = text.partition("\n")[0]
    demand(
        first.endswith("."),
        f"expected a first line that ends in a full stop; measured {first!r}. {look}",
    )
    for section in SECTIONS:
        demand(
            re.search(rf"{section}\s*\w", text),
            f"expected a section {section!r} with text; measured none. {look}",
        )
    before = text.partition("Output:")[0]
    demand(
        re.search(r"^\s*\S+ = \S", before, re.MULTILINE),
        f'expected equations, as lines "name = ...", before Output:; measured none. {look}',
    )
    announced = text.partition("State:")[2].partition("Source:")[0]
    missing = [
        name for name in subject.builder.state_names if not re.search(rf"\b{name}\b", announced)
    ]
    demand(not missing, f"expected each state under State:; measured none of {missing}. {look}")


def search_space(subject):
    """What the search space names are arguments of the constructor, and each choice makes a cell that runs."""
    taken = subject.arguments()
    for name, values in subject.choices().items():
        look = f"Look at `search_space` in {subject.file}."
        demand(
            name in taken,
            f"expected arguments of the constructor ({', '.join(taken)}); measured {name!r}. {look}",
        )
        demand(
            len(set(values)) > 1,
            f"expected two or more values of {name} to choose from; measured {values}. {look}",
        )
        for value in values:
            cell = subject.cell(**{name: value})
            output, _ = cell(subject.inputs()[:, 0], subject.states(cell))
            demand(
                np.isfinite(output).all(),
                f"expected finite outputs with {name}={value!r}; measured others. {look}",
            )


def gates(subject):
    """`gates` and `state_names` are names, each once; opening what `keeps` names keeps a state as it is."""
    builder = subject.builder
    for what, names in (("gates", builder.gates), ("state_names", builder.state_names)):
        demand(
            names and len(set(names)) == len(names),
            f"expected different {what}; measured {names}. Look at {subject.file}.",
        )
    strange = {
        gate: sign
        for gate, sign in builder.retention_gates.items()
        if gate not in builder.gates or sign not in (1, -1)
    }
    demand(
        not strange,
        f"expected that `keeps` maps gates of {builder.gates} to 1 or -1; measured {strange}. Look at "
        f"{subject.file}.",
    )
    if builder.retention_gates:
        _keeping(subject)


def _keeping(subject):
    """With the keeping gates driven all the way, one of the states stays what it was."""
    cell = subject.cell()
    x, states = np.array(cell.project(subject.inputs()[:, 0])), subject.states(cell)
    for gate, sign in cell.retention_gates.items():
        x[:, cell.columns(gate)] += 40 * sign
    _, new = cell.step(x, tuple(states))
    moved = min(
        float(np.abs(np.asarray(after) - before).max())
        for after, before in zip(new, states, strict=True)
    )
    demand(
        moved < 1e-4,
        f"expected that a state stays as it is with keeps={cell.retention_gates} driven all the way; measured "
        f"moves of {moved:.2f} or more. Look at the signs in `keeps` in {subject.file}.",
    )


def file_name(subject):
    """A built-in is registered under the name of its file."""
    if subject.entry.origin == "built-in":
        stem = pathlib.Path(subject.entry.file).stem
        demand(
            stem == subject.name,
            f"expected {subject.name!r} in a file of that name; measured {stem!r}. "
            f"Look at {subject.file}.",
        )
