"""Shared fixtures: a small problem and a trained run for each task, new processes, clocks."""

import functools
import itertools
import os
import pathlib
import subprocess
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from zoo.startup import short_import

with short_import():
    import keras  # noqa: F401

import pytest
from ordering import long_files_first
from plugins import installed_plugins  # noqa: F401  a fixture
from problems import problem_of
from sampling import mark_costly, pytest_report_header  # noqa: F401  a hook
from sharing import locked, shared_folder

import zoo
from zoo.engine import unrolling

# The folder of the project, for the import path of a new process.
PROJECT_FOLDER = str(pathlib.Path(zoo.__file__).parent.parent)


@pytest.hookimpl(tryfirst=True)  # before pytest selects by markers
def pytest_collection_modifyitems(items):
    """Leave out most of the costly tests, and run the long files first."""
    mark_costly(items)
    long_files_first(items)


@pytest.fixture(scope="session")
def problem():
    """Return a function: task name -> (configuration, corpus) of its small problem."""
    return problem_of


@pytest.fixture(scope="session")
def trained(tmp_path_factory):
    """Return a function: task name -> finished run of its small problem.

    The first call trains the run, once for all workers. Tests must not write to its folder.
    """
    shared = shared_folder(tmp_path_factory)

    @functools.cache
    def run_of(task):
        config, corpus = problem_of(task)
        with locked(shared / f"{task}.lock"):  # a finished run is not trained again
            zoo.train(config, shared / "runs" / task, corpus)
        return zoo.Run(shared / "runs" / task)

    return run_of


@pytest.fixture(scope="session")
def fresh_process():
    """Return a function that runs code in a new Python process and returns its output."""

    def run(code, *arguments, path=(PROJECT_FOLDER,), cwd=None, status=0):
        done = subprocess.run(
            # The collection of garbage would double the time of imports.
            [sys.executable, "-c", f"import gc; gc.disable()\n{code}", *map(str, arguments)],
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, path))},
            cwd=cwd,
            timeout=120,
        )
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout if status == 0 else done.stderr

    return run


# The folders whose tests compare the engine's loops at the default unroll factor.
LOOPS = {"benchmarks", "cell_base", "cells", "conformance", "engine", "golden", "layers", "timing"}


@pytest.fixture(scope="module", autouse=True)
def unroll_factor(request):
    """Limit the unroll factor to 1, except in `LOOPS`: smaller graphs, the same results."""
    with pytest.MonkeyPatch.context() as patch:
        if request.path.parent.name not in LOOPS:
            patch.setattr(unrolling, "MAX_UNROLL_FACTOR", 1)
        yield


class Clock:
    """Replacement for the module `time`; each reading advances the clock by `tick` seconds."""

    def __init__(self, tick):
        self._times = itertools.count(0, tick)

    def monotonic(self):
        return float(next(self._times))


@pytest.fixture
def clock(monkeypatch):
    """Return a function that replaces the clock of training by `Clock(tick)`."""
    return lambda tick: monkeypatch.setattr("zoo.training.session.time", Clock(tick))
