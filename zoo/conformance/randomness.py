"""The property that only Keras' seed determines the random numbers of a cell."""

import random
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from zoo.conformance.running import as_run, differentiate, over_time, weights_by_name
from zoo.conformance.subject import FEATURES, UNITS, Subject
from zoo.conformance.violation import demand

SEED, OTHER_SEED = 11, 12


def determinism(subject: Subject) -> None:
    """The seed of Keras determines weights and results, and a step draws no random numbers."""
    first, second = _seeded_arrays(subject), _seeded_arrays(subject)
    for name, expected in first.items():
        demand(
            np.array_equal(second[name], expected),
            f"expected the same {name} from the same seed; measured a difference. "
            f"Check {subject.file}: a counter, the clock, or a random generator of its own.",
        )
    _demand_dependence_on_seed(subject)
    _demand_step_without_random_numbers(subject)


def _seeded_arrays(subject: Subject) -> dict[str, np.ndarray]:
    cell = _seeded_cell(subject, SEED)
    x, states = subject.inputs(timesteps=2), subject.states(cell)

    def compute(x: Any, states: Any) -> Any:
        return over_time(cell, x, states, recurrent_dropout=0.3)

    weights = {f"initial {name}": weight for name, weight in weights_by_name(cell).items()}
    return {**weights, **as_run(*differentiate(cell, x, states, compute)).named()}


def _seeded_cell(subject: Subject, seed: int) -> Any:
    """Return a built cell with the initial weights of a seed."""
    keras.utils.set_random_seed(seed)
    cell = subject.builder(UNITS)
    cell.build((None, FEATURES))
    return cell


def _demand_dependence_on_seed(subject: Subject) -> None:
    """Demand that the kernel, and random numbers drawn after `build`, depend on the seed."""
    first, second = (_drawn_numbers(subject, seed) for seed in (SEED, OTHER_SEED))
    for name, value in first.items():
        demand(
            not np.array_equal(value, second[name]),
            f"expected that {name} depends on keras.utils.set_random_seed; measured the same for "
            f"the seeds {SEED} and {OTHER_SEED}. Check {subject.file}: a fixed seed.",
        )


def _drawn_numbers(subject: Subject, seed: int) -> dict[str, np.ndarray]:
    """Return the initial kernel, and a number of each generator after the cell is built."""
    cell = _seeded_cell(subject, seed)
    return {
        "the initial kernel": np.asarray(cell.kernel),
        "a later number of Python's generator": np.asarray(random.random()),
        "a later number of NumPy's generator": np.random.rand(1),
        "a later number of Keras' generator": np.asarray(keras.random.uniform(())),
    }


def _demand_step_without_random_numbers(subject: Subject) -> None:
    """Demand that a traced step has no random operation and leaves global generators alone."""
    cell = subject.cell()
    projected = tf.TensorSpec((None, cell.project_all(subject.inputs()[:, 0]).shape[-1]))
    states = [tf.TensorSpec((None, state.shape[-1])) for state in subject.states(cell)]
    before = _generator_states()
    traced = tf.function(cell.timestep, autograph=False)
    graph = traced.get_concrete_function(projected, tuple(states)).graph
    operations = sorted({op.type for op in graph.get_operations() if "Random" in op.type})
    if before != _generator_states():
        operations.append("a change of the random generator of NumPy or Python")
    demand(
        not operations,
        f"expected a step without random numbers; measured {', '.join(operations)}. Check "
        f"{subject.equations}: only `candidate_dropout` may be random.",
    )


def _generator_states() -> tuple:
    return random.getstate(), str(np.random.get_state())
