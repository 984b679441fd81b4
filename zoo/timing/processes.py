"""Timing of layers with several numbers of threads, each in a process of its own.

TensorFlow's number of threads cannot change within a process. The processes are timed in
interleaved runs, of which only one works at a time.
"""

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from zoo.errors import RunError
from zoo.startup import environment
from zoo.timing.interleaving import interleaved
from zoo.timing.layers import Shape

PROGRAM = "zoo.timing.timing_program"


def bench_threads(
    cells: Sequence[str], shape: Shape, threads: Sequence[int], rounds: int, backward: bool = True
) -> dict[str, Any]:
    """Time layers of registered cells with several numbers of threads.

    Each number is the number of operations that run side by side, with one thread each; above 1,
    it is also timed as the number of threads of each operation, TensorFlow's default.

    Args:
        cells: names of the cells.
        shape: the shape of the input and the units.
        threads: the numbers of threads of TensorFlow.
        rounds: rounds of the interleaved runs.
        backward: whether to time training steps instead of inference.

    Returns:
        {"shape", "cells": [{"cell", "ms": {number of threads: milliseconds},
        "ms_threads_per_operation": the same with that many threads in each operation}]}.

    Raises:
        RunError: a process ended with an error.
    """
    request = {"shape": list(shape), "backward": backward}
    counts = dict.fromkeys(threads)
    settings = [(n, 1) for n in counts] + [(n, n) for n in counts if n > 1]
    with contextlib.ExitStack() as stack:
        running = {
            (side_by_side, each): stack.enter_context(
                _process({**request, "threads": side_by_side, "threads_per_operation": each})
            )
            for side_by_side, each in settings
        }
        candidates = {
            f"{cell}, {setting}": lambda process=process, cell=cell: _asked(process, cell)
            for cell in cells
            for setting, process in running.items()
        }
        seconds = interleaved(candidates, rounds)
    records = [_record(cell, settings, seconds) for cell in cells]
    return {"shape": shape._asdict(), "cells": records}


def _record(
    cell: str, settings: Sequence[tuple[int, int]], seconds: Mapping[str, float]
) -> dict[str, Any]:
    """Return the milliseconds of a cell with each setting: operations, and threads of each."""
    ms = {each: round(seconds[f"{cell}, {each}"] * 1e3, 3) for each in settings}
    return {
        "cell": cell,
        "ms": {str(count): ms[count, each] for count, each in settings if each == 1},
        "ms_threads_per_operation": {str(n): ms[n, each] for n, each in settings if each > 1},
    }


@contextlib.contextmanager
def _process(request: dict[str, Any]) -> Iterator[subprocess.Popen]:
    """Run the program that times layers; it ends when its standard input is closed."""
    process = subprocess.Popen(
        [sys.executable, "-m", PROGRAM, json.dumps(request)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment(),
    )
    try:
        yield process
    finally:
        assert process.stdin is not None and process.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()
        process.stdout.close()
        process.wait()


def _asked(process: subprocess.Popen, cell: str) -> list[float]:
    """Return the seconds of the runs of a cell in another process."""
    assert process.stdin is not None and process.stdout is not None
    with contextlib.suppress(BrokenPipeError):
        process.stdin.write(f"{cell}\n")
        process.stdin.flush()
    line = process.stdout.readline()
    answer = json.loads(line) if line else "it ended"
    if isinstance(answer, str):
        raise RunError(
            f"the process that times the cell {cell!r} failed: {answer}. Repeat the command "
            "without --threads to see more, or with smaller sizes."
        )
    return answer
