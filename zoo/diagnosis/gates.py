"""The activations of the gates of a cell, by name, over time.

The step is traced once to find its sigmoids, tanhs and ReLUs. A gate is the activation that depends
on the gate's columns of the kernels and on those of the fewest other gates.
"""

import dataclasses
from collections.abc import Callable

import numpy as np
import tensorflow as tf

from zoo.diagnosis.recording import Recording
from zoo.graph_functions import graph_function

_KINDS = {"Sigmoid": "sigmoid", "Tanh": "tanh", "Relu": "relu", "Relu6": "relu"}
HIGH, LOW = 0.95, 0.05
_SAMPLE = 16  # rows from which the gates of activations are found


@dataclasses.dataclass(frozen=True)
class Gate:
    """The activation of a gate over time.

    Attributes:
        name: the name of the gate.
        activation: "sigmoid", "tanh" or "relu".
        keeps_state: whether the gate decides how much of the old state is kept.
        mean: the mean over units and sequences at each timestep, in the order of processing.
        above: share of units and time above 0.95.
        below: share below 0.05; for "tanh" below -0.95; for "relu" of zeros.
        dead: share of units that are zero at all timesteps of all sequences, for "relu".
    """

    name: str
    activation: str
    keeps_state: bool
    mean: list[float]
    above: float
    below: float
    dead: float | None

    @property
    def saturated(self) -> float:
        """Share of units and time at which the gate hardly reacts to its input."""
        if self.activation == "relu":
            return self.dead or 0.0
        return self.above + self.below


def gates(recording: Recording) -> list[Gate]:
    """Return the gates of a recording of an eager call, in the order of the cell's gates."""
    columns = recording.step.gate_columns()
    if not columns:
        return []
    kinds: list[str] = []
    x, before = recording.x, recording.states_before()

    def activated(x: tf.Tensor, states: list[tf.Tensor]) -> list[tf.Tensor]:
        recording.step.function()(recording.step.prepare(x), states)
        found = [each for each in tf.compat.v1.get_default_graph().get_operations() if _used(each)]
        kinds[:] = [_KINDS[each.type] for each in found]
        return [tensor for each in found for tensor in (each.inputs[0], each.outputs[0])]

    activations = graph_function(activated)
    flat = [tf.reshape(each, (-1, each.shape[-1])) for each in (x, *before)]
    valid = np.ones(flat[0].shape[0], bool)
    if recording.mask is not None:
        valid = recording.mask.numpy().reshape(-1)
    sample = np.flatnonzero(valid)[-_SAMPLE:]
    numbers = _numbers(activations, [tf.gather(each, sample) for each in flat], columns)
    values = activations(flat[0], flat[1:])[1::2]
    shape, keeps = (x.shape[0], x.shape[1], -1), recording.step.retention_gates
    mask = valid.reshape(shape[:2])
    return [
        _gate(name, kinds[number], name in keeps, values[number].numpy().reshape(shape), mask)
        for name, number in numbers.items()
    ]


def _used(operation: tf.Operation) -> bool:
    """Return whether an operation is an activation whose value is used as it is."""
    if operation.type not in _KINDS:
        return False
    consumers = operation.outputs[0].consumers()
    return not any(each.type in ("Select", "SelectV2") for each in consumers)


def _numbers(function: Callable, rows: list, columns: list) -> dict[str, int]:
    """Return gate -> the number of its activation, whose input depends on the gate's columns."""
    weights = [weight.value for weight, _ in columns]
    with tf.GradientTape(persistent=True) as tape:
        totals = [tf.reduce_sum(value) for value in function(rows[0], rows[1:])[::2]]
    depends: dict[str, list[bool]] = {}
    for total in totals:
        gradients = tape.gradient(total, weights, unconnected_gradients="zero")
        reached: dict[str, bool] = {}
        for gradient, (_, gate_columns) in zip(gradients, columns, strict=True):
            for gate, part in gate_columns.items():
                nonzero = bool(np.any(gradient.numpy()[..., part]))
                reached[gate] = reached.get(gate, False) or nonzero
        for gate, nonzero in reached.items():
            depends.setdefault(gate, []).append(nonzero)
    others = np.sum(list(depends.values()), 0) if depends else []
    found = {}
    for gate, reached_by in depends.items():
        numbers = [number for number, nonzero in enumerate(reached_by) if nonzero]
        if numbers:
            found[gate] = min(numbers, key=lambda number: (others[number], number))
    return found


def _gate(name: str, kind: str, keeps: bool, values: np.ndarray, mask: np.ndarray) -> Gate:
    """Return the record of a gate, from its values (timesteps, batch, width)."""
    kept = values[mask]
    counts = np.maximum(mask.sum(1), 1)
    mean = (values.mean(-1) * mask).sum(1) / counts
    low = {"sigmoid": kept < LOW, "tanh": kept < -HIGH, "relu": kept <= 0}[kind]
    return Gate(
        name=name,
        activation=kind,
        keeps_state=keeps,
        mean=np.where(mask.any(1), mean, np.nan).tolist(),
        above=0.0 if kind == "relu" else float(np.mean(kept > HIGH)),
        below=float(np.mean(low)),
        dead=float(np.mean(np.all(kept <= 0, axis=0))) if kind == "relu" else None,
    )
