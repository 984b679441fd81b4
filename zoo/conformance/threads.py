"""The property that several threads can run a cell at once: its step is a pure function."""

import concurrent.futures
import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import Any

import tensorflow as tf

from zoo.conformance.running import Run, as_run, over_time, run
from zoo.conformance.subject import Subject
from zoo.conformance.violation import demand, demand_same_runs, original_message

TIMEOUT = 2.0  # seconds after which the threads stop to wait for each other
IN_GRAPH = "inference in a graph"


def threads(subject: Subject) -> None:
    """Threads that run one cell at once compute what one thread computes; `step` stores nothing."""
    cell = subject.new_cell()
    _demand_pure(subject, cell)
    calls = _calls(subject, cell)
    expected = {name: call() for name, call in calls.items() if name != IN_GRAPH}
    expected[IN_GRAPH] = expected["inference"]
    for name, actual in _run_at_once(subject, cell, calls).items():
        demand_same_runs(
            f"{name} in one of {len(calls)} threads equals one thread",
            actual,
            expected[name],
            1e-6,
            f"{subject.equations}: a value stored on the cell or in a module",
        )


def _demand_pure(subject: Subject, cell: Any) -> None:
    """Demand that `project` and `step` neither set nor change an attribute of the cell."""
    before = _contents(cell)
    cell.timestep(cell.project_all(subject.inputs()[:, 0]), tuple(subject.states(cell)))
    after = _contents(cell)
    changed = sorted(
        name for name in before.keys() | after.keys() if before.get(name) != after.get(name)
    )
    demand(
        not changed,
        "expected that a step stores nothing on the cell; measured new or changed attributes: "
        f"{', '.join(changed)}. Check {subject.equations}: return values as states instead.",
    )


def _contents(cell: Any) -> dict[str, Any]:
    """Return the identity of each attribute of the cell, and of the elements of a container."""
    contents = {}
    for name, value in vars(cell).items():
        elements: tuple = ()
        if isinstance(value, dict):
            elements = tuple((key, id(element)) for key, element in value.items())
        elif isinstance(value, (list, set, tuple)):
            elements = tuple(map(id, value))
        contents[name] = (id(value), elements)
    return contents


def _calls(subject: Subject, cell: Any) -> dict[str, Callable[[], Run]]:
    """Return what each thread runs: inputs and states differ between training and inference."""
    x, states = subject.inputs(2, 2, seed=20), subject.states(cell, 2, seed=21)
    other_x, other_states = subject.inputs(2, 2, seed=30), subject.states(cell, 2, seed=31)

    def infer(x: Any, states: Any) -> Any:
        return over_time(cell, x, states, None, "while_loop")

    def infer_in_graph() -> Any:
        arguments = tf.constant(other_x), [tf.constant(state) for state in other_states]
        graph = tf.function(infer, autograph=False).get_concrete_function(*arguments)
        return graph(*arguments)

    return {
        "training": lambda: run(cell, x, states),
        "inference": lambda: as_run(*infer(other_x, other_states)),
        IN_GRAPH: lambda: as_run(*infer_in_graph()),
    }


def _run_at_once(
    subject: Subject, cell: Any, calls: dict[str, Callable[[], Run]]
) -> dict[str, Run]:
    """Run each call in a thread of its own, such that their steps interleave."""
    meeting = threading.Barrier(len(calls))

    def run_one(call: Callable[[], Run]) -> Run:
        try:
            return call()
        finally:
            meeting.abort()  # the others do not wait any more

    with _meetings(cell, meeting), concurrent.futures.ThreadPoolExecutor(len(calls)) as pool:
        futures = {name: pool.submit(run_one, call) for name, call in calls.items()}
        concurrent.futures.wait(futures.values())
    for name, future in futures.items():
        error = future.exception()
        demand(
            error is None,
            f"expected that {len(calls)} threads can run a cell at once; measured "
            f"{type(error).__name__} in {name}: {original_message(error or Exception())}. "
            f"Check {subject.equations}: a value stored on the cell or in a module.",
        )
    return {name: future.result() for name, future in futures.items()}


@contextlib.contextmanager
def _meetings(cell: Any, meeting: threading.Barrier) -> Iterator[None]:
    """Make the threads wait for each other before each step, so that all are within one at once.

    Without that, few calls of a test would interrupt each other at a point that matters.
    """
    for name in ("timestep", "linear", "memory"):
        setattr(cell, name, _meeting_first(getattr(cell, name), meeting))
    try:
        yield
    finally:
        for name in ("timestep", "linear", "memory"):
            delattr(cell, name)


def _meeting_first(method: Callable, meeting: threading.Barrier) -> Callable:
    def meet(*arguments: Any) -> Any:
        with contextlib.suppress(threading.BrokenBarrierError):
            meeting.wait(TIMEOUT)
        return method(*arguments)

    return meet
