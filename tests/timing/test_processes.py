"""Timing with several numbers of threads, each in a process of its own."""

import json

import pytest

from zoo.cli import main
from zoo.errors import RunError
from zoo.timing import processes
from zoo.timing.layers import Shape

SHAPE = Shape(batch_size=2, timesteps=3, features=2, units=4)
FLAGS = ("bench", "--batch_size=2", "--timesteps=3", "--features=2", "--units=4", "--rounds=1")


@pytest.mark.costly
def test_each_number_of_threads_is_timed_and_the_processes_end(capsys):
    assert main([*FLAGS, "--cell=mgu", "--threads=1,2,1", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    (record,) = result["cells"]
    assert (result["shape"], record["cell"]) == (SHAPE._asdict(), "mgu")
    assert list(record["ms"]) == ["1", "2"] and all(each > 0 for each in record["ms"].values())
    assert list(record["ms_threads_per_operation"]) == ["2"]


@pytest.mark.parametrize("threads", ["0", "one", "1,,2", "257", "1.5"])
def test_invalid_number_of_threads_is_a_sentence(threads, capsys):
    assert main([*FLAGS, f"--threads={threads}"]) == 2
    assert f"--threads={threads}: threads must be whole numbers from 1" in capsys.readouterr().err


@pytest.fixture
def program(monkeypatch, tmp_path):
    """Return a function that replaces the program, which imports TensorFlow."""

    def replace(code):
        (tmp_path / "program.py").write_text(code)
        monkeypatch.setattr(processes, "PROGRAM", "program")
        monkeypatch.syspath_prepend(tmp_path)

    return replace


@pytest.mark.parametrize(
    ("code", "reason"),
    [("", "it ended"), ("input(); print('\"no memory\"')", "no memory")],
)
def test_failing_process_is_an_error_of_the_command(code, reason, program):
    program(code)
    with pytest.raises(RunError, match=f"times the cell 'mgu' failed: {reason}"):
        processes.bench_threads(["mgu"], SHAPE, [1], rounds=1)


COUNTING = """
import json, sys
request = json.loads(sys.argv[1])
threads = request["threads"] * request["threads_per_operation"]
for number, line in enumerate(sys.stdin):
    print(json.dumps([9.0] if number == 0 else [0.1 * threads, 0.2 * threads]), flush=True)
"""


def test_table_has_both_kinds_of_threads_and_the_speed_up(program, capsys):
    program(COUNTING)
    assert main([*FLAGS, "--cell=mgu", "--threads=1,2"]) == 0
    title, header, row = capsys.readouterr().out.splitlines()
    assert header.split("  ")[-1].strip() == "speed-up" and "2 in each operation" in header
    assert row.split() == ["mgu", "150.00", "300.00", "600.00", "0.50"]


def test_result_is_the_median_of_the_runs_after_the_first_round(program):
    program(COUNTING)
    result = processes.bench_threads(["mgu"], SHAPE, [1, 2], rounds=3)
    assert result["cells"] == [
        {
            "cell": "mgu",
            "ms": {"1": 150.0, "2": 300.0},
            "ms_threads_per_operation": {"2": 600.0},
        }
    ]
