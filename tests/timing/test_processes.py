"""Timing with several numbers of threads, each in a process of its own."""

import json
import multiprocessing
from typing import NamedTuple

import pytest

from zoo.cli import main
from zoo.errors import RunError
from zoo.timing import processes


class Shape(NamedTuple):
    """That of `zoo.timing.layers`, whose import takes the new processes of these tests seconds."""

    batch_size: int = 2
    timesteps: int = 3
    features: int = 2
    units: int = 4


SHAPE = Shape()
FLAGS = ("bench", "--batch_size=2", "--timesteps=3", "--features=2", "--units=4", "--rounds=1")


@pytest.mark.costly
def test_each_number_of_threads_is_timed_and_the_processes_end(capsys):
    assert main([*FLAGS, "--cell=mgu", "--threads=1,2,1", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    (record,) = result["cells"]
    assert (result["shape"], record["cell"]) == (SHAPE._asdict(), "mgu")
    assert list(record["ms"]) == ["1", "2"] and all(each > 0 for each in record["ms"].values())
    assert not multiprocessing.active_children()


@pytest.mark.parametrize("threads", ["0", "one", "1,,2", "257", "1.5"])
def test_invalid_number_of_threads_is_a_sentence(threads, capsys):
    assert main([*FLAGS, f"--threads={threads}"]) == 2
    assert f"--threads={threads}: threads must be whole numbers from 1" in capsys.readouterr().err


def ended(pipe, *_):
    pipe.recv()


def failed(pipe, *_):
    pipe.recv()
    pipe.send("ResourceExhaustedError: no memory")


def quick(pipe, *_):
    pipe.recv()
    pipe.send([0.25])


@pytest.mark.parametrize(("serve", "reason"), [(ended, "it ended"), (failed, "no memory")])
def test_failing_process_is_an_error_of_the_command(serve, reason, monkeypatch):
    monkeypatch.setattr(processes, "_serve", serve)
    with pytest.raises(RunError, match=f"times the cell 'mgu' failed: .*{reason}"):
        processes.bench_threads(["mgu"], SHAPE, [1], rounds=1)


def test_result_has_the_median_of_the_runs(monkeypatch):
    monkeypatch.setattr(processes, "_serve", quick)
    monkeypatch.setattr(
        processes,
        "interleaved",
        lambda candidates, rounds: {name: ask()[0] for name, ask in candidates.items()},
    )
    result = processes.bench_threads(["mgu"], SHAPE, [1], rounds=1)
    assert result["cells"] == [{"cell": "mgu", "ms": {"1": 250.0}}]
