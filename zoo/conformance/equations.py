"""Properties of the step: its results, and their dependence on inputs, states and weights."""

from typing import Any

import numpy as np

from zoo.conformance.running import infer, reference_gradients, reference_over_time, run
from zoo.conformance.subject import FEATURES, TIMESTEPS, UNITS, Subject, weights_by_name
from zoo.conformance.violation import demand, demand_same


def interface(subject: Subject) -> None:
    """A step returns an output and states of the shapes that the cell declares."""
    bases = [base.__name__ for base in subject.builder.__mro__]
    demand(
        "RecurrentCell" in bases,
        f"expected a subclass of RecurrentCell; measured {bases[:3]}. Check {subject.file}.",
    )
    cell = subject.cell()
    states = subject.states(cell)
    output, new_states = cell(subject.inputs()[:, 0], states)
    shapes = [tuple(state.shape) for state in new_states]
    expected_shapes = [state.shape for state in states]
    hint = f"Check the returned values of `step` in {subject.file}."
    demand(
        shapes == expected_shapes,
        f"expected new states of shapes {expected_shapes}, as in get_initial_state; measured "
        f"{shapes}. {hint}",
    )
    expected_shape = (len(output), cell.output_size)
    demand(
        tuple(output.shape) == expected_shape,
        f"expected an output of shape {expected_shape}, from output_size; measured "
        f"{tuple(output.shape)}. {hint}",
    )
    kernel, expected_shape = tuple(cell.kernel.shape), (FEATURES, len(cell.gates) * UNITS)
    demand(
        kernel == expected_shape,
        f"expected a kernel {expected_shape}, (features, gates * units); measured {kernel}. "
        f"Check `gates` and `build` in {subject.file}.",
    )


def reference(subject: Subject) -> None:
    """The step equals the NumPy reference over time, for every choice of the search space."""
    for arguments in subject.variants():
        cell = subject.cell(**arguments)
        x, states = subject.inputs(), subject.states(cell)
        expected = reference_over_time(cell, weights_by_name(cell), x, states)
        names = ["output", *(f"state {name}" for name in cell.state_names)]
        hint = (
            f"`step` and `reference` in {subject.file}: gates swapped, a term left out, or the old "
            "state in place of the new one"
        )
        for name, actual, array in zip(names, infer(cell, x, states), expected, strict=True):
            claim = f"the {name} over time{_with(arguments)} equals that of the reference"
            demand_same(claim, actual, array, 1e-5, hint)


def gradients(subject: Subject) -> None:
    """The engine's gradients equal the finite differences of the reference."""
    for arguments in subject.variants():
        cell = subject.cell(units=3, **arguments)
        x, states = subject.inputs(batch=2, timesteps=4), subject.states(cell, batch=2)
        expected = reference_gradients(cell, x, states)
        for name, actual in run(cell, x, states).gradients.items():
            demand_same(
                f"the engine's gradient of {name}{_with(arguments)} equals the finite differences "
                "of the reference",
                actual,
                expected[name],
                1e-3,
                f"`step` in {subject.file}: a stopped gradient, or a weight that the step must not "
                "read (the kernel and a bias of one row belong to `project`)",
            )


def everything_matters(subject: Subject) -> None:
    """Every element of every weight, and every state, affects the outputs or the final states."""
    cell = subject.cell()
    x, states = subject.inputs(), subject.states(cell)
    result = run(cell, x, states, implementation="python_loop")
    for name, gradient in result.gradients.items():
        # A single element may have no effect, for example where a ReLU is inactive.
        if name == "inputs" or name.startswith("state"):
            demand(
                gradient.any(),
                f"expected that {name} has an effect; measured a gradient of zeros. "
                f"Check `step` in {subject.file}: does it read and return the state?",
            )
        else:
            unused = int(np.sum(gradient == 0))
            demand(
                not unused,
                f"expected that every element of {name} {gradient.shape} has an effect; measured "
                f"{unused} without. Check `step` and `project` in {subject.file}: is a gate or a "
                "bias left out?",
            )


def causality(subject: Subject) -> None:
    """An output does not depend on later inputs, nor on the number of later timesteps."""
    cell = subject.cell()
    x, states = subject.inputs(), subject.states(cell)
    hint = _operation_across(subject, "time")
    outputs = infer(cell, x, states)[0]
    for t in range(1, TIMESTEPS):
        changed = x.copy()
        changed[:, t:] = -3 * x[:, t:] + 1
        demand_same(
            f"a change of the inputs from timestep {t} on leaves the earlier outputs unchanged",
            infer(cell, changed, states)[0][:, :t],
            outputs[:, :t],
            1e-6,
            hint,
        )
        demand_same(
            f"the first {t} outputs equal those of an input of {t} timesteps",
            infer(cell, x[:, :t], states)[0],
            outputs[:, :t],
            1e-6,
            hint,
        )


def rows(subject: Subject) -> None:
    """The rows of a batch are independent."""
    cell = subject.cell()
    x, states = subject.inputs(), subject.states(cell)
    batched = infer(cell, x, states)
    names = ["output", *(f"final state {name}" for name in cell.state_names)]
    for row in range(len(x)):
        one = slice(row, row + 1)
        single = infer(cell, x[one], [state[one] for state in states])
        for name, actual, expected in zip(names, batched, single, strict=True):
            demand_same(
                f"the {name} of row {row} is the same in a batch and in a batch of one",
                actual[one],
                expected,
                1e-5,
                _operation_across(subject, "the batch"),
            )


def _with(arguments: dict[str, Any]) -> str:
    return "".join(f" with {name}={value!r}" for name, value in arguments.items())


def _operation_across(subject: Subject, axis: str) -> str:
    return (
        f"`step` and `project` in {subject.file}: an operation across {axis}, or a value stored on "
        "the cell"
    )
