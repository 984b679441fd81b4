"""Fixtures that the tests share: a small problem for each task, and one trained run of each."""

import contextlib
import fcntl
import functools
import itertools
import os
import pathlib
import subprocess
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import pytest
from plugins import installed_plugins  # noqa: F401  a fixture
from problems import problem_of
from sampling import pytest_report_header  # noqa: F401  a hook

import zoo
from zoo.engine import unrolling

# The folder in which a new process finds the packages of the project.
PLACE = str(pathlib.Path(zoo.__file__).parent.parent)


@pytest.fixture(scope="session")
def problem():
    """Return a function from a task to (configuration, corpus) of its small problem."""
    return problem_of


@contextlib.contextmanager
def _locked(path):
    """Let one worker of pytest-xdist at a time into the block."""
    with open(path, "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def trained(tmp_path_factory):
    """Return a function from a task to a finished run of its problem.

    The run is trained when it is first needed, once for all workers. Tests must not write into it.
    """
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base

    @functools.cache
    def run_of(task):
        config, corpus = problem_of(task)
        with _locked(shared / f"{task}.lock"):  # a finished run is not trained again
            zoo.train(config, shared / "runs" / task, corpus)
        return zoo.Run(shared / "runs" / task)

    return run_of


@pytest.fixture(scope="session")
def fresh_process():
    """Return a function that runs code in a new Python process and returns its output."""

    def run(code, *arguments, path=(PLACE,), cwd=None, status=0):
        done = subprocess.run(
            [sys.executable, "-c", code, *map(str, arguments)],
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, path))},
            cwd=cwd,
            timeout=120,
        )
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout if status == 0 else done.stderr

    return run


@pytest.fixture(scope="module")
def unroll_factor_one():
    """Set the unroll factor to 1: smaller graphs, the same numbers (see test_unrolling)."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(unrolling, "MAX_UNROLL_FACTOR", 1)
        yield


class Clock:
    """A replacement of the module `time` whose clock advances by `tick` seconds at each reading."""

    def __init__(self, tick):
        self._times = itertools.count(0, tick)

    def monotonic(self):
        return float(next(self._times))


@pytest.fixture
def clock(monkeypatch):
    """Return a function that makes training's clock advance by `tick` seconds per reading."""
    return lambda tick: monkeypatch.setattr("zoo.training.session.time", Clock(tick))
