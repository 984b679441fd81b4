"""The property that the search space consists of arguments that have an effect."""

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np

from zoo.conformance.running import run, weights_by_name
from zoo.conformance.subject import FEATURES, UNITS, Subject
from zoo.conformance.violation import demand

SCALES = (1, 30)  # of inputs and states: the effect of a clip shows at large values only


def search_space(subject: Subject) -> None:
    """Every value of the search space has an effect, and its outputs are finite."""
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
            output = _outputs(subject, {name: value})
            demand(
                np.isfinite(output).all(),
                f"expected finite outputs with {name}={value!r}; measured NaN or infinity. {hint}",
            )
        for number, value in enumerate(values):
            for other in values[:number]:
                demand(
                    _differ(subject, {name: value}, {name: other}),
                    f"expected an effect of {name}; measured the same weights, outputs and "
                    f"gradients with {value!r} and with {other!r}. Check that "
                    f"{subject.equations}, and `reference`, read the argument.",
                )


def _outputs(subject: Subject, arguments: dict[str, Any]) -> np.ndarray:
    cell = subject.cell(**arguments)
    return np.asarray(cell(subject.inputs()[:, 0], subject.states(cell))[0])


def _differ(subject: Subject, one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Return whether two cells differ in anything, the cheapest comparison first."""
    pairs = zip(_measured(subject, one), _measured(subject, other), strict=True)
    return any(not _equal(measured, expected) for measured, expected in pairs)


def _measured(subject: Subject, arguments: dict[str, Any]) -> Iterator[dict[str, np.ndarray]]:
    """Yield the initial weights; then outputs, final states and gradients for random weights."""
    keras.utils.set_random_seed(11)
    cell = subject.builder(UNITS, **arguments)
    cell.build((None, FEATURES))
    yield weights_by_name(cell)
    cell = subject.cell(**arguments)
    for scale in SCALES:
        x = scale * subject.inputs(timesteps=3)
        states = [scale * state for state in subject.states(cell)]
        yield run(cell, x, states, implementation="python_loop").named()


def _equal(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> bool:
    return one.keys() == other.keys() and all(
        np.array_equal(array, other[name]) for name, array in one.items()
    )
