"""Properties of a cell's declarations: search space, gates, file name, exceptions."""

import pathlib

import numpy as np

from zoo.conformance.properties import PROPERTIES
from zoo.conformance.subject import Subject
from zoo.conformance.violation import demand


def search_space(subject: Subject) -> None:
    """The search space consists of constructor arguments, and all choices give finite outputs."""
    arguments = subject.arguments()
    hint = f"Check `search_space` in {subject.file}."
    for name, values in subject.choices().items():
        demand(
            name in arguments,
            f"expected one of the arguments {', '.join(arguments)}; measured {name!r}. {hint}",
        )
        demand(
            len(set(values)) > 1,
            f"expected two or more values of {name}; measured {values}. {hint}",
        )
        for value in values:
            cell = subject.cell(**{name: value})
            output, _ = cell(subject.inputs()[:, 0], subject.states(cell))
            demand(
                np.isfinite(output).all(),
                f"expected finite outputs with {name}={value!r}; measured NaN or infinity. {hint}",
            )


def gates(subject: Subject) -> None:
    """Gates and states have unique names, and saturated retention gates keep a state unchanged."""
    builder = subject.builder
    for attribute in ("gates", "state_names"):
        names = getattr(builder, attribute)
        demand(
            names and len(set(names)) == len(names),
            f"expected unique {attribute}; measured {names}. Check {subject.file}.",
        )
    invalid = {
        gate: sign
        for gate, sign in builder.retention_gates.items()
        if gate not in builder.gates or sign not in (1, -1)
    }
    demand(
        not invalid,
        f"expected that `retention_gates` maps gates of {builder.gates} to 1 or -1; measured "
        f"{invalid}. Check {subject.file}.",
    )
    if builder.retention_gates:
        _demand_retention(subject)


def _demand_retention(subject: Subject) -> None:
    cell = subject.cell()
    x, states = np.array(cell.project(subject.inputs()[:, 0])), subject.states(cell)
    for gate, sign in cell.retention_gates.items():
        x[:, cell.columns(gate)] += 40 * sign
    _, new_states = cell.step(x, tuple(states))
    change = min(
        float(np.abs(np.asarray(new) - old).max())
        for new, old in zip(new_states, states, strict=True)
    )
    demand(
        change < 1e-4,
        f"expected that a state is unchanged when retention_gates={cell.retention_gates} are "
        f"saturated; measured a change of at least {change:.2f}. Check the signs in "
        f"`retention_gates` in {subject.file}.",
    )


def file_name(subject: Subject) -> None:
    """A built-in cell is registered under the name of its file."""
    if subject.entry.origin == "built-in":
        stem = pathlib.Path(subject.entry.file or "").stem
        demand(
            stem == subject.name,
            f"expected {subject.name!r} in a file of that name; measured {stem!r}. "
            f"Check {subject.file}.",
        )


def exceptions(subject: Subject) -> None:
    """Every declared exception names a property and gives a reason."""
    for name, reason in subject.exceptions.items():
        demand(
            name in PROPERTIES and name != "exceptions" and str(reason).strip(),
            f"expected exceptions={{property: reason}} with properties of the suite; measured "
            f"{name!r}: {reason!r}. Check the decorator in {subject.file}.",
        )
