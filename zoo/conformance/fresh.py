"""A program for a new process: loads models by name and compares what they give with what is noted beside them."""

import json
import pathlib
import sys

import keras
import numpy as np

from zoo.cells import cells
from zoo.conformance.violation import Violation, demand_same


def fault(place, name):
    """What is wrong with the model of the cell `name` in the folder `place`, or None."""
    try:
        cells.get(name)
        noted = np.load(place / f"{name}.npz")
        model = keras.saving.load_model(place / f"{name}.keras")
        demand_same(
            "a .keras file gives the same outputs in a new process",
            model(noted["x"]),
            noted["outputs"],
            1e-6,
            "the constructor of the cell, and values that it does not keep in its configuration",
        )
    except Violation as violation:
        return str(violation)
    except Exception as error:
        return f"expected that a new process loads the model; measured {type(error).__name__}: {error}".splitlines()[
            0
        ]
    return None


if __name__ == "__main__":
    print(json.dumps({name: fault(pathlib.Path(sys.argv[1]), name) for name in sys.argv[2:]}))
