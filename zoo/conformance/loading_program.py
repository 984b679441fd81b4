"""The program of `FreshProcess`: loads saved models and compares their outputs with the saved ones.

Usage: python -m zoo.conformance.loading_program FOLDER
"""

import contextlib
import json
import pathlib
import sys

import numpy as np

from zoo.startup import short_import

with short_import():
    import keras

from zoo.cells import cells
from zoo.conformance.cell_file import cells_in_file
from zoo.conformance.violation import Violation, demand_same, original_message


def main(folder: pathlib.Path) -> None:
    """Print a JSON object: the key of each model in FOLDER/request.json -> its fault, or null."""
    request = json.loads((folder / "request.json").read_text(encoding="utf-8"))
    with contextlib.ExitStack() as stack:
        for path in request["cell_files"]:
            stack.enter_context(cells_in_file(path))
        faults = {key: _fault(folder / key, name) for key, name in request["models"].items()}
    print(json.dumps(faults))


def _fault(path: pathlib.Path, name: str) -> str | None:
    """Return the fault of the model that is saved as `path` with a suffix, or None."""
    try:
        cells.get(name)
        saved = np.load(f"{path}.npz")
        model = keras.saving.load_model(f"{path}.keras")
        demand_same(
            "a .keras file gives the same outputs in a new process",
            model(saved["x"]),
            saved["outputs"],
            1e-6,
            "the constructor of the cell, and values that its configuration does not hold",
        )
    except Violation as violation:
        return str(violation)
    except Exception as error:
        reason = f"{type(error).__name__}: {original_message(error)}"
        return f"expected that a new process loads the model; measured {reason}"
    return None


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
