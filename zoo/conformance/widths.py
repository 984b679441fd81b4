"""The property that a cell computes the same at every width, also for large inputs and states."""

from typing import Any

import numpy as np

from zoo.conformance.running import reference_over_time, run, weights_by_name
from zoo.conformance.subject import Subject, with_arguments
from zoo.conformance.violation import demand_same, demand_same_runs

# An operation across units may have an effect at some widths only: at powers of two, at multiples
# of three, or where a distance of half the units is a multiple of another number.
WIDTHS = (3, 12, 16, 48, 64)
LARGE = 30  # a factor of inputs and states where gates saturate, clips act, and exp overflows
ROWS, TIMESTEPS = 2, 2


def widths(subject: Subject) -> None:
    """At 3 to 64 units, the engine equals the unrolled loop, also at inputs and states times 30."""
    for arguments in subject.variants():
        for units in WIDTHS:
            if subject.accepts(units, **arguments):
                cell = subject.cell(units=units, **arguments)
                case = f"at {units} units{with_arguments(arguments)}"
                _demand_same(subject, cell, case)


def _demand_same(subject: Subject, cell: Any, case: str) -> None:
    """Compare the loops in one run each: rows of normal size and rows times `LARGE`."""
    x = subject.inputs(ROWS, TIMESTEPS)
    states, times = subject.states(cell, ROWS), subject.elapsed(cell, 2 * ROWS, TIMESTEPS)
    all_states = [np.concatenate([state, LARGE * state]) for state in states]
    arguments = cell, np.concatenate([x, LARGE * x]), all_states
    hint = f"{subject.equations}: an operation that mixes units, or overflows in float32"
    expected = run(*arguments, implementation="python_loop", elapsed=times)
    claim = f"the engine equals the unrolled loop {case}, with rows times {LARGE}"
    # The normalization of a head cancels digits of the gradients of large rows: for RWKV-6, 2e-3
    # remain in float32, and 4e-12 in float64.
    tolerance = 1e-2 if cell.has_memory else 1e-4
    demand_same_runs(claim, run(*arguments, elapsed=times), expected, tolerance, hint)
    # The property `reference` compares large values, in float64.
    times = None if times is None else times[:ROWS]
    outputs = reference_over_time(cell, weights_by_name(cell), x, states, times)[0]
    claim = f"the unrolled loop equals the reference {case}"
    demand_same(claim, expected.outputs[:ROWS], outputs, 1e-4, hint)
