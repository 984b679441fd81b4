"""Properties of the step: what it computes, and what it depends on."""

import numpy as np

from zoo.conformance.running import infer, reference_gradients, reference_over_time, run
from zoo.conformance.subject import FEATURES, TIMESTEPS, UNITS, weights_by_name
from zoo.conformance.violation import demand, demand_same


def reference(subject):
    """The step is the NumPy reference, over several timesteps, for every choice of the search space."""
    for arguments in subject.variants():
        cell = subject.cell(**arguments)
        x, states = subject.inputs(), subject.states(cell)
        expected = reference_over_time(cell, weights_by_name(cell), x, states)
        names = ["output", *(f"state {name}" for name in cell.state_names)]
        look = f"`step` beside `reference` in {subject.file}: gates swapped, a term left out, old or new state"
        for name, got, array in zip(names, infer(cell, x, states), expected, strict=True):
            demand_same(
                f"{name} over time{_with(arguments)} is the reference's", got, array, 1e-5, look
            )


def gradients(subject):
    """The engine's gradients are the finite differences of the reference."""
    for arguments in subject.variants():
        cell = subject.cell(units=3, **arguments)
        x, states = subject.inputs(batch=2, timesteps=4), subject.states(cell, batch=2)
        expected = reference_gradients(cell, x, states)
        for name, got in run(cell, x, states).gradients.items():
            demand_same(
                f"the engine's gradient of {name}{_with(arguments)} is the reference's, by finite differences",
                got,
                expected[name],
                1e-3,
                f"`step` in {subject.file}: a stopped gradient, or a weight that the step may not read "
                "(the kernel, and a bias of one row, belong to `project`)",
            )


def everything_matters(subject):
    """Each number of each weight, and each state, has an effect on the outputs or the final states."""
    cell = subject.cell()
    x, states = subject.inputs(), subject.states(cell)
    for name, gradient in run(cell, x, states, way="python_loop").gradients.items():
        # A single input or state may be without effect, where a rectifier is closed.
        if name == "inputs" or name.startswith("state"):
            demand(
                gradient.any(),
                f"expected that {name} has an effect; measured a gradient of zeros. "
                f"Look at `step` in {subject.file}: is the state read, and handed on?",
            )
        else:
            idle = int(np.sum(gradient == 0))
            demand(
                not idle,
                f"expected that every number of {name} {gradient.shape} has an effect; measured {idle} "
                f"without. Look at `step` and `project` in {subject.file}: is a gate or a bias left out?",
            )


def causality(subject):
    """A change at time t changes no output before t, and the outputs do not depend on how many timesteps follow."""
    cell = subject.cell()
    x, states = subject.inputs(), subject.states(cell)
    whole, changed = infer(cell, x, states)[0], x.copy()
    for t in range(1, TIMESTEPS):
        changed[:, t:] = -3 * x[:, t:] + 1
        demand_same(
            f"a change of the input from timestep {t} on leaves the earlier outputs as they were",
            infer(cell, changed, states)[0][:, :t],
            whole[:, :t],
            1e-6,
            _mixing(subject, "time"),
        )
        changed[:] = x
        demand_same(
            f"the first {t} outputs are those of {t} timesteps alone",
            infer(cell, x[:, :t], states)[0],
            whole[:, :t],
            1e-6,
            _mixing(subject, "time"),
        )


def rows(subject):
    """The rows of a batch know nothing of each other."""
    cell = subject.cell()
    x, states = subject.inputs(), subject.states(cell)
    whole = infer(cell, x, states)
    for row in range(len(x)):
        one = slice(row, row + 1)
        alone = infer(cell, x[one], [state[one] for state in states])
        for number, (got, expected) in enumerate(zip(whole, alone, strict=True)):
            what = f"final state {number - 1}" if number else "output"
            demand_same(
                f"the {what} of row {row} is the same in a batch and alone",
                got[one],
                expected,
                1e-5,
                _mixing(subject, "the batch"),
            )


def interface(subject):
    """A step gives one output and as many states as it takes, of the shapes that the cell announces."""
    from_base = [base.__name__ for base in subject.builder.__mro__]
    demand(
        "RecurrentCell" in from_base,
        f"expected a subclass of RecurrentCell; measured {from_base[:3]}. Look at {subject.file}.",
    )
    cell = subject.cell()
    states = subject.states(cell)
    output, new = cell(subject.inputs()[:, 0], states)
    shapes, expected = [tuple(state.shape) for state in new], [state.shape for state in states]
    demand(
        shapes == expected,
        f"expected new states of shapes {expected}, as in get_initial_state; measured {shapes}. "
        f"Look at what `step` returns in {subject.file}.",
    )
    wanted = (len(output), cell.output_size)
    demand(
        tuple(output.shape) == wanted,
        f"expected an output of shape {wanted}, by output_size; measured "
        f"{tuple(output.shape)}. Look at what `step` returns in {subject.file}.",
    )
    kernel, wanted = tuple(cell.kernel.shape), (FEATURES, len(cell.gates) * UNITS)
    demand(
        kernel == wanted,
        f"expected a kernel {wanted}, (features, gates * units); measured {kernel}. "
        f"Look at `gates` and `build` in {subject.file}.",
    )


def _with(arguments):
    return "".join(f" with {name}={value!r}" for name, value in arguments.items())


def _mixing(subject, axis):
    return f"`step` and `project` in {subject.file}: an operation across {axis}, or something kept on the cell"
