"""All cells whose state is a matrix: chunks of timesteps against single timesteps."""

import numpy as np
import pytest

from zoo.cells import cells
from zoo.conformance.running import run
from zoo.conformance.subject import Subject
from zoo.conformance.violation import demand_same_runs

LENGTHS = [1, 37, pytest.param(4096, marks=pytest.mark.full)]  # 37: more than one chunk


@pytest.mark.parametrize("timesteps", LENGTHS)
@pytest.mark.parametrize("name", cells.names(tags=("matrix_state",)))
def test_chunks_equal_single_timesteps(name, timesteps):
    subject, random = Subject(name), np.random.default_rng(0)
    cell = subject.new_cell(8, dtype="float64", heads=2)
    x = subject.inputs(2, timesteps).astype("float64")
    mask = random.uniform(size=(2, timesteps)) < 0.8
    mask[0] = True
    states = subject.states(cell, batch=2)
    chunked = run(cell, x, states, mask)
    stepped = run(cell, x, states, mask, "while_loop")
    demand_same_runs(f"{name} in chunks", chunked, stepped, 1e-7, "zoo/engine/matrix_memory.py")
