"""Properties of the step: its results, and their dependence on inputs, states and weights."""

from typing import Any

import numpy as np

from zoo.conformance.finite_differences import reference_gradients
from zoo.conformance.running import (
    infer,
    reference_over_time,
    run,
    step_once,
    weights_by_name,
)
from zoo.conformance.shared_runs import infer_part
from zoo.conformance.subject import BATCH, FEATURES, TIMESTEPS, UNITS, Subject, with_arguments
from zoo.conformance.violation import demand, demand_same

LARGE = 30  # a factor of inputs and states at which clips act and gates saturate
LARGE_BATCH = 16
MANY_ROWS = 64
NEGLIGIBLE = 0.002  # of the largest gradient


def interface(subject: Subject) -> None:
    """A step returns an output and states of the shapes and in the order that the cell declares."""
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
    hint = f"Check the returned values of {subject.equations}."
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
    _demand_order(subject, cell, output, new_states)
    expected_shape = (FEATURES, sum(cell.widths(cell.gates_of("kernel"))))
    demand(
        tuple(cell.kernel.shape) == expected_shape,
        f"expected a kernel {expected_shape}, (features, width of the input gates); measured "
        f"{tuple(cell.kernel.shape)}. Check `gates`, `gate_sizes` and `build` in {subject.file}.",
    )


def _demand_order(subject: Subject, cell: Any, output: Any, new_states: Any) -> None:
    """Demand that an output which is a state is the first one."""
    equal = [
        name
        for name, state in zip(cell.state_names, new_states, strict=True)
        if np.array_equal(state, output)
    ]
    demand(
        not equal or equal[0] == cell.state_names[0],
        f"expected that an output which is a state is the first one, {cell.state_names[0]}; "
        f"measured that it is {' and '.join(equal)}. Check the order of the states in "
        f"`state_names`, and in {subject.equations}.",
    )


def reference(subject: Subject) -> None:
    """The step equals the NumPy reference over time, for the search space and other arguments."""
    for arguments in subject.variants():
        cell = subject.cell(**arguments)
        x, states, elapsed = subject.inputs(), subject.states(cell), subject.elapsed(cell)
        claim = f"over time{with_arguments(arguments)}"
        _demand_reference(subject, cell, x, states, elapsed, claim, 1e-5)
        # Large values need float64: the phase of an oscillation, for one, is inexact in float32.
        # The states after one timestep show a clip that later timesteps would hide.
        cell = subject.cell(dtype="float64", **arguments)
        x = LARGE * subject.inputs(LARGE_BATCH, 1).astype("float64")
        states = [LARGE * state for state in subject.states(cell, LARGE_BATCH)]
        claim = f"at inputs and states times {LARGE}{with_arguments(arguments)}"
        _demand_reference(
            subject, cell, x, states, subject.elapsed(cell, LARGE_BATCH, 1), claim, 1e-8
        )
    for arguments in [*subject.further_variants(), {"use_bias": False}]:
        cell = subject.cell(**arguments)
        x, states = subject.inputs(timesteps=1), subject.states(cell)
        elapsed = subject.elapsed(cell, timesteps=1)
        claim = f"after one timestep{with_arguments(arguments)}"
        _demand_reference(subject, cell, x, states, elapsed, claim, 1e-5)
    # A stabilizer or a divisor has its own rule at the initial state.
    cell, x = subject.cell(), subject.inputs(timesteps=1)
    states = [np.asarray(state) for state in cell.get_initial_state(batch_size=BATCH)]
    elapsed = subject.elapsed(cell, timesteps=1)
    _demand_reference(subject, cell, x, states, elapsed, "from the initial state", 1e-5)


def _demand_reference(
    subject: Subject,
    cell: Any,
    x: np.ndarray,
    states: list[np.ndarray],
    elapsed: np.ndarray | None,
    claim: str,
    tolerance: float,
) -> None:
    weights = weights_by_name(cell)
    if not cell.use_bias:  # zeros stand for the weights that the cell lacks
        all_weights = weights_by_name(subject.cell())
        weights = {name: weights.get(name, np.zeros_like(w)) for name, w in all_weights.items()}
    expected = reference_over_time(cell, weights, x, states, elapsed)
    names = ["output", *(f"state {name}" for name in cell.state_names)]
    hint = (
        f"{subject.equations} and `reference`: gates swapped, a term left out, a clip, or the old "
        "state in place of the new one"
    )
    # The loops over several timesteps use the engine; `step` alone needs no trace of it.
    compute = step_once if x.shape[1] == 1 else infer
    for name, actual, array in zip(
        names, compute(cell, x, states, elapsed=elapsed), expected, strict=True
    ):
        equal = f"the {name} {claim} equals that of the reference"
        demand_same(equal, actual, array, tolerance, hint)


def gradients(subject: Subject) -> None:
    """The engine's gradients equal the finite differences of the reference."""
    for arguments in subject.variants():
        units = 3 if subject.accepts(3, **arguments) else UNITS
        cell = subject.cell(units=units, dtype="float64", **arguments)
        x = subject.inputs(batch=2, timesteps=3).astype("float64")
        states = subject.states(cell, batch=2)
        elapsed = subject.elapsed(cell, batch=2, timesteps=3)
        expected = reference_gradients(cell, x, states, elapsed)
        for name, actual in run(cell, x, states, elapsed=elapsed).gradients.items():
            with subject.part(name):
                demand_same(
                    f"the engine's gradient of {name}{with_arguments(arguments)} equals the finite "
                    "differences of the reference",
                    actual,
                    expected[name],
                    1e-5,
                    f"{subject.equations}: a stopped gradient, or a value stored on the cell",
                )


def everything_matters(subject: Subject) -> None:
    """Every element of each weight, and every state, affects the results, and not just slightly."""
    cell = subject.cell()
    gradients = _gradients(subject, cell, BATCH)
    if not all(gradients[weight.name].all() for weight in cell.trainable_weights):
        gradients = _gradients(subject, cell, MANY_ROWS)  # a ReLU may be inactive in a few rows
    largest = max(np.abs(gradient).max() for gradient in gradients.values())
    for name, gradient in gradients.items():
        with subject.part(name):
            # A single element may have no effect, for example where a ReLU is inactive.
            unused = int(np.sum(gradient == 0))
            may_lack_elements = name in ("inputs", "elapsed") or name.startswith("state")
            demand(
                not unused or (may_lack_elements and unused < gradient.size),
                f"expected that every element of {name} {gradient.shape} has an effect; measured "
                f"{unused} without. Check {subject.equations}, and `project`: is a gate, a bias or "
                "a state left out?",
            )
            share = np.abs(gradient).max() / largest
            demand(
                share > NEGLIGIBLE,
                f"expected that {name} has a gradient of {NEGLIGIBLE:.1%} of the largest one or "
                f"more; measured {share:.2%}. Check {subject.equations}: a factor that is almost "
                "zero.",
            )


def _gradients(subject: Subject, cell: Any, batch: int) -> dict[str, np.ndarray]:
    x, states = subject.inputs(batch), subject.states(cell, batch)
    times = {"elapsed": subject.elapsed(cell, batch)}
    return run(cell, x, states, implementation="python_loop", **times).gradients


def causality(subject: Subject) -> None:
    """An output does not depend on later inputs, nor on the number of later timesteps."""
    cell = subject.cell()
    x, states = subject.inputs(), subject.states(cell)
    hint = _operation_across(subject, "time")
    outputs = infer_part(subject)[0]
    later = np.arange(TIMESTEPS)[:, None, None, None] <= np.arange(TIMESTEPS)[:, None]
    changed = np.where(later[1:], -3 * x + 1, x)  # (first changed timestep, *x.shape)
    copies = len(changed)
    all_outputs = infer(
        cell, changed.reshape(-1, *x.shape[1:]), [np.tile(state, (copies, 1)) for state in states]
    )[0].reshape(copies, *outputs.shape)
    for t in range(1, TIMESTEPS):
        demand_same(
            f"a change of the inputs from timestep {t} on leaves the earlier outputs unchanged",
            all_outputs[t - 1, :, :t],
            outputs[:, :t],
            1e-6,
            hint,
        )
    for t in (1, TIMESTEPS - 2):
        demand_same(
            f"the first {t} outputs equal those of an input of {t} timesteps",
            infer_part(subject, timesteps=slice(t))[0],
            outputs[:, :t],
            1e-6,
            hint,
        )


def rows(subject: Subject) -> None:
    """The rows of a batch are independent."""
    batched = infer_part(subject)
    names = ["output", *(f"final state {name}" for name in subject.cell().state_names)]
    for row in (0, BATCH - 1):
        one = slice(row, row + 1)
        single = infer_part(subject, rows=one)
        for name, actual, expected in zip(names, batched, single, strict=True):
            demand_same(
                f"the {name} of row {row} is the same in a batch and in a batch of one",
                actual[one],
                expected,
                1e-5,
                _operation_across(subject, "the batch"),
            )


def _operation_across(subject: Subject, axis: str) -> str:
    return (
        f"{subject.equations}, and `project`: an operation across {axis}, or a value stored on the "
        "cell"
    )
