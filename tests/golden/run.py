"""A stored run of another implementation, and parts of the mappings of its weights to ours."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

Arrays = dict[str, Any]
BATCH = 2


@dataclass(frozen=True)
class Run:
    """A stored run and how to repeat it.

    Attributes:
        file: name of the stored run.
        cell: our cell.
        arguments: constructor arguments of the cell.
        weights: their weights -> ours, by name.
        states: (their weights, their states) -> ours, in the order of `state_names`.
        not_compared: their weights whose gradient differs on purpose.
    """

    file: str
    cell: str
    weights: Callable[[Arrays], Arrays]
    states: Callable[[Arrays, Arrays], list[Any]]
    arguments: dict[str, Any] = field(default_factory=dict)
    not_compared: tuple[str, ...] = ()


def stored(file: str) -> dict[str, Arrays]:
    """Return a stored run as a dict of dicts: group -> name -> array; arrays of no group in ""."""
    groups: dict[str, Arrays] = {name: {} for name in ("", "weights", "initial", "final")}
    with np.load(Path(__file__).with_name(f"{file}.npz")) as arrays:
        for key in arrays:
            group, _, name = key.partition("/") if "/" in key else ("", "", key)
            groups.setdefault(group, {})[name] = arrays[key]
    if "times" in groups[""]:  # our cell's last state is the time
        times = groups[""]["times"]
        groups["initial"]["t"], groups["final"]["t"] = np.zeros((BATCH, 1)), times[:, -1:]
    return groups


def reorder(array: Any, theirs: str, ours: str, axis: int = -1) -> Any:
    """Reorder the blocks of one gate each along `axis` from the order `theirs` to `ours`."""
    blocks = dict(zip(theirs, tf.split(array, len(theirs), axis), strict=True))
    return tf.concat([blocks[gate] for gate in ours], axis)


def named(*names: str) -> Callable[[Arrays, Arrays], list[Any]]:
    """Return a mapping that takes their states of these names, each as one row per example."""

    def states(w: Arrays, s: Arrays) -> list[Any]:
        return [tf.reshape(s[name], (BATCH, -1)) for name in names]

    return states
