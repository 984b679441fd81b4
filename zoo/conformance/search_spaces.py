"""The property that the search space consists of arguments that have an effect."""

import functools
from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from zoo.conformance.running import run, weights_by_name
from zoo.conformance.subject import FEATURES, UNITS, Subject
from zoo.conformance.violation import demand


def search_space(subject: Subject) -> None:
    """Every value of the search space has an effect, and its outputs are finite."""
    arguments = subject.arguments()
    hint = f"Check `search_space` in {subject.file}."
    measure = functools.cache(
        lambda name, value, kind: _KINDS[kind](subject, {name: value})  # once for all pairs
    )
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
                    any(
                        not _equal(measure(name, value, kind), measure(name, other, kind))
                        for kind in _KINDS
                    ),
                    f"expected an effect of {name}; measured the same weights, outputs and "
                    f"gradients with {value!r} and with {other!r}. Check that "
                    f"{subject.equations}, and `reference`, read the argument.",
                )


def _outputs(subject: Subject, arguments: dict[str, Any]) -> np.ndarray:
    cell = subject.cell(**arguments)
    return np.asarray(cell(subject.inputs()[:, 0], subject.states(cell))[0])


def _initial_weights(subject: Subject, arguments: dict[str, Any]) -> dict[str, np.ndarray]:
    keras.utils.set_random_seed(11)
    cell = subject.builder(UNITS, **arguments)
    cell.build((None, FEATURES))
    return weights_by_name(cell)


def _results(scale: int, subject: Subject, arguments: dict[str, Any]) -> dict[str, np.ndarray]:
    """Return outputs, final states and gradients for random weights."""
    cell = subject.cell(**arguments)
    x = scale * subject.inputs(timesteps=3)
    states = [scale * state for state in subject.states(cell)]
    return run(cell, x, states, implementation="python_loop").named()


# What is compared, the cheapest first. The effect of a clip shows at large values only.
_KINDS: dict[str, Callable[[Subject, dict[str, Any]], dict[str, np.ndarray]]] = {
    "initial weights": _initial_weights,
    "results": functools.partial(_results, 1),
    "results of large values": functools.partial(_results, 30),
}


def _equal(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> bool:
    return one.keys() == other.keys() and all(
        np.array_equal(array, other[name]) for name, array in one.items()
    )
