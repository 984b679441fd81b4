"""The property that the gates are declared: their names, and which of them keep a state."""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from zoo.conformance.subject import BATCH, Subject
from zoo.conformance.violation import demand

Saturation = Mapping[str, int]  # gate -> 1 or -1

SATURATION = 40.0  # added to the projected input of a gate
KEPT = 1e-4  # the largest change of a state that counts as none


def gates(subject: Subject) -> None:
    """Names are unique, and `retention_gates` holds the gates that keep a state if saturated."""
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
    cell, declared = subject.cell(), dict(builder.retention_gates)
    with subject.part("retention"):
        if declared:
            _demand_declared_keep(subject, cell, declared)
        _demand_keeping_are_declared(subject, cell, declared)


def kept_states(
    subject: Subject, cell: Any, saturations: Sequence[Saturation], step: Callable | None = None
) -> np.ndarray:
    """Return which states are unchanged by a step with saturated gates.

    Args:
        subject: The cell under test.
        cell: A built cell.
        saturations: The gates to saturate, and the sign of each.
        step: A function in place of the cell's `timestep`.

    Returns:
        (saturations, states) bool: whether the state is the same after the step in all rows.
    """
    projected = np.array(cell.project_all(subject.inputs()[:, 0]))
    states = subject.states(cell)
    x = np.tile(projected, (len(saturations), 1))
    for number, saturation in enumerate(saturations):
        for gate, sign in saturation.items():
            rows = slice(number * BATCH, (number + 1) * BATCH)
            x[rows, cell.input_columns(gate)] += SATURATION * sign
    before = [np.tile(state, (len(saturations), 1)) for state in states]
    _, after = (step or cell.timestep)(x, tuple(before))
    changes = [np.abs(np.asarray(new) - old) for new, old in zip(after, before, strict=True)]
    return np.stack([c.reshape(len(saturations), -1).max(-1) < KEPT for c in changes], axis=1)


def _demand_declared_keep(subject: Subject, cell: Any, declared: Saturation) -> None:
    """Demand that the declared gates keep a state together, and that each of them is needed."""
    without = [{g: s for g, s in declared.items() if g != gate} for gate in declared]
    alone = [{gate: sign} for gate, sign in declared.items()]
    together, *others = kept_states(subject, cell, [declared, *without, *alone])
    hint = f"Check `retention_gates` in {subject.file}."
    demand(
        together.any(),
        f"expected that a state is unchanged when retention_gates={declared} are saturated; "
        f"measured a change of all states. {hint}",
    )
    for number, gate in enumerate(declared):
        kept_without, kept_alone = others[number], others[len(declared) + number]
        demand(
            (together & ~kept_without).any() or kept_alone.any(),
            f"expected that each of the gates {declared} is needed to keep a state; measured that "
            f"the state is unchanged without {gate!r}, too. {hint}",
        )


def _demand_keeping_are_declared(subject: Subject, cell: Any, declared: Saturation) -> None:
    """Demand that a gate, or without any declared gate a pair, that keeps a state is declared."""
    saturations = [{}, *_saturations(cell.gates_of("kernel"))]
    never, *kept = kept_states(subject, cell, saturations)
    found: list[Saturation] = []  # the smallest ones: single gates come first
    for saturation, states in zip(saturations[1:], kept, strict=True):
        keeps = (states & ~never).any()
        if keeps and not any(each.items() <= saturation.items() for each in found):
            found.append(saturation)
    missing = [each for each in found if not each.items() <= declared.items()]
    if declared:
        missing = [each for each in missing if len(each) == 1]
    demand(
        not missing,
        f"expected one of {' or '.join(map(str, missing))} in `retention_gates`, as a state is "
        f"unchanged when these gates are saturated; measured {declared}. Check `retention_gates` "
        f"in {subject.file}.",
    )


def _saturations(names: Sequence[str]) -> Iterator[Saturation]:
    """Yield each gate with each sign, then each pair of gates with each pair of signs."""
    for count in (1, 2):
        for chosen in itertools.combinations(names, count):
            for signs in itertools.product((1, -1), repeat=count):
                yield dict(zip(chosen, signs, strict=True))
