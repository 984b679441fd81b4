"""The property that every way to run a cell starts from the same, documented initial state."""

import inspect
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from zoo.conformance.running import over_time
from zoo.conformance.subject import BATCH, Subject, states_section
from zoo.conformance.violation import demand, demand_same
from zoo.layers.recurrent import Recurrent
from zoo.layers.regularized_cell import RegularizedCell


def initial_state(subject: Subject) -> None:
    """The initial state is one row for any batch, documented if not zeros, and used everywhere."""
    cell = subject.cell()
    hint = f"`get_initial_state` in {subject.file}"
    states = [np.asarray(state) for state in cell.get_initial_state(BATCH)]
    graph = tf.function(cell.get_initial_state, autograph=False).get_concrete_function(
        tf.TensorSpec((), "int32")
    )
    in_graph = graph(tf.constant(BATCH))
    for name, state, other in zip(cell.state_names, states, in_graph, strict=True):
        demand(
            np.isfinite(state).all() and (state == state[:1]).all(),
            f"expected that the state {name} starts from the same finite values in each row; "
            f"measured {state.tolist()}. Check {hint}.",
        )
        claim = f"the state {name} starts from the same values in a graph"
        demand_same(claim, other, state, 0.0, hint)
        claim = f"the state {name} starts from the same values in a batch of one"
        single = dict(zip(cell.state_names, cell.get_initial_state(1), strict=True))[name]
        demand_same(claim, single, state[:1], 0.0, hint)
    if any(state.any() for state in states):
        _demand_documented(subject, cell, states)
        _demand_used(subject, cell, states)


def _demand_documented(subject: Subject, cell: Any, states: list[np.ndarray]) -> None:
    section = states_section(inspect.getdoc(subject.builder) or "")
    names = [name for name, state in zip(cell.state_names, states, strict=True) if state.any()]
    demand(
        "initial" in section,
        f"expected zeros as initial state, or the initial values of {', '.join(names)} under "
        f"State: (with the word 'initial'); measured neither. Check `get_initial_state` and the "
        f"class docstring in {subject.file}.",
    )


def _demand_used(subject: Subject, cell: Any, states: list[np.ndarray]) -> None:
    """Demand that runs without `initial_state` equal the run that starts from `states`."""
    x = subject.inputs(timesteps=2)
    expected = np.asarray(over_time(cell, x, states, None, "python_loop")[0])
    hint = f"`get_initial_state` in {subject.file}, and the ways to run a cell"
    options = {"return_sequences": True, "unroll": False}
    ways: dict[str, Any] = {
        "training": lambda: Recurrent(cell, **options)(x, training=True),
        "inference": lambda: Recurrent(cell, **options)(x),
        "a stateful layer": lambda: _stateful(cell, x),
        "a learned initial state": lambda: Recurrent(cell, learned_initial_state=True, **options)(
            x
        ),
        "keras.layers.RNN": lambda: keras.layers.RNN(cell, **options)(x),
        "RegularizedCell": lambda: keras.layers.RNN(RegularizedCell(cell), **options)(x),
    }
    for way, compute in ways.items():
        claim = f"{way} starts from get_initial_state"
        demand_same(claim, np.asarray(compute()), expected, 1e-5, hint)


def _stateful(cell: Any, x: np.ndarray) -> tf.Tensor:
    """Run a stateful layer on another batch, reset it, and return the outputs for `x`."""
    layer = Recurrent(cell, return_sequences=True, stateful=True)
    layer(x + 1)
    layer.reset_state()
    return layer(x)
