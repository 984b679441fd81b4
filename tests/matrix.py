"""Checks of every cell in every arrangement of a task: training, search space, file, export.

`python -m tests.matrix [CELL...]` runs all of them and prints a summary.
"""

import functools
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.append(os.path.dirname(__file__))  # for `python -m tests.matrix`

import keras
import numpy as np
import tensorflow as tf
from matrix_case import PROPERTIES, Case, representatives

import zoo
from zoo.cells import cells
from zoo.conformance.violation import Violation, demand_same

ROOT = pathlib.Path(__file__).parent.parent


class Matrix:
    """Checks each property of each case (cell, arrangement) once, and caches the faults."""

    def __init__(self, folder, cases):
        self.folder, self.cases = pathlib.Path(folder), cases
        self.case = functools.cache(lambda cell, arrangement: Case(cell, arrangement, self.folder))
        self.saved = functools.cache(lambda cell, arrangement: self.case(cell, arrangement).save())
        self.fault = functools.cache(self._fault)
        self.faults_of_loading = functools.cache(self._faults_of_loading)

    def _fault(self, cell, arrangement, property_name):
        try:
            if property_name in ("export", "file"):
                self.saved(cell, arrangement)
            if property_name == "file":
                return self.faults_of_loading()[f"{cell}-{arrangement}"]
            getattr(self.case(cell, arrangement), property_name)()
        except Exception as error:  # a faulty cell may raise any error
            prefix = "" if isinstance(error, Violation) else f"{type(error).__name__}: "
            return prefix + " ".join(str(error).split())
        finally:
            if property_name == "export":
                keras.backend.clear_session()
        return None

    def _faults_of_loading(self):
        """Load every model in one new process; return the fault of each case, or None."""
        faults = {}
        for case in self.cases:
            try:
                self.saved(*case)
            except Exception as error:
                faults["-".join(case)] = f"not saved: {error}"
        path = os.pathsep.join(str(pathlib.Path(each).absolute()) for each in (ROOT, *sys.path))
        done = subprocess.run(
            [sys.executable, __file__, "load", str(self.folder)],
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONPATH": path},
            check=True,
        )
        return {**json.loads(done.stdout.splitlines()[-1]), **faults}

    def verdicts(self, report=lambda *case: None):
        """Return the fault, or None, of each (cell, arrangement, property)."""
        found = {}
        for case in self.cases:
            for property_name in PROPERTIES:
                found[*case, property_name] = self.fault(*case, property_name)
                report(*case, property_name, found[*case, property_name])
        return found


def every_case(names=()):
    """Return all pairs (cell, arrangement) of the cells in `names`, by default of all cells."""
    return [
        (cell, arrangement) for cell in names or cells.names() for arrangement in representatives()
    ]


def load_all(folder):
    """Return the fault of each model in `folder`, or None; runs in a new process."""
    return {
        path.name: _fault(path)
        for path in sorted(pathlib.Path(folder).iterdir())
        if (path / "outputs.npz").exists()
    }


def _fault(path):
    saved = np.load(path / "outputs.npz")
    try:
        model = zoo.load(path)
        outputs = tf.nest.flatten(
            model({name[3:]: saved[name] for name in saved if name.startswith("in_")})
        )
        for k, output in enumerate(outputs):
            demand_same(
                "a .keras file gives the same outputs in a new process",
                output,
                saved[f"out_{k}"],
                1e-6,
                "the constructor of the cell",
            )
    except Exception as error:
        return f"{type(error).__name__}: {error}".splitlines()[0]
    return None


def summary(verdicts):
    """Return one line for each cell, and one for each failure."""
    lines = []
    for cell in dict.fromkeys(cell for cell, *_ in verdicts):
        faults = [fault for (name, *_), fault in verdicts.items() if name == cell]
        lines.append(f"{cell}: {faults.count(None)} of {len(faults)}")
    return [
        *lines,
        *(f"FAILED {' '.join(case)}: {fault}" for case, fault in verdicts.items() if fault),
    ]


def main():
    start = time.monotonic()

    def report(cell, arrangement, property_name, fault):
        seconds = time.monotonic() - start
        case = f"{cell} {arrangement} {property_name}"
        print(f"{seconds:6.0f} s  {case}: {fault or 'yes'}", flush=True)

    with tempfile.TemporaryDirectory(prefix="zoo-matrix-") as folder:
        verdicts = Matrix(folder, every_case(sys.argv[1:])).verdicts(report)
    print(*summary(verdicts), sep="\n")
    return any(verdicts.values())


if __name__ == "__main__":
    if sys.argv[1:2] == ["load"]:
        print(json.dumps(load_all(sys.argv[2])))
    else:
        sys.exit(main())
