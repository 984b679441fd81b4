"""Runs of the cell under test that several properties compare, computed once."""

import numpy as np

from zoo.conformance.running import infer
from zoo.conformance.subject import Subject


def infer_part(
    subject: Subject, rows: slice = slice(None), timesteps: slice = slice(None)
) -> list[np.ndarray]:
    """Run `infer` on a part of the inputs of `subject`, once for all properties."""
    cell = subject.cell()
    states = [state[rows] for state in subject.states(cell)]
    return subject.once(
        f"inference of {rows} {timesteps}",
        lambda: infer(cell, subject.inputs()[rows, timesteps], states),
    )
