"""Timing of layers with several numbers of threads, each in a process of its own.

TensorFlow's number of threads cannot change within a process. The processes are timed in
interleaved runs, of which only one works at a time.
"""

import contextlib
import multiprocessing
import os
import signal
from collections.abc import Iterator, Sequence
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any

from zoo.errors import RunError
from zoo.interruption import SIGNALS
from zoo.startup import short_import
from zoo.timing.interleaving import interleaved, timed_runs

if TYPE_CHECKING:
    from zoo.timing.layers import Shape


def bench_threads(
    cells: Sequence[str], shape: "Shape", threads: Sequence[int], rounds: int, backward: bool = True
) -> dict[str, Any]:
    """Time layers of registered cells with several numbers of threads.

    Args:
        cells: names of the cells.
        shape: the shape of the input and the units.
        threads: the numbers of threads of TensorFlow.
        rounds: rounds of the interleaved runs.
        backward: whether to time training steps instead of inference.

    Returns:
        {"shape", "cells": [{"cell", "ms": {number of threads: milliseconds}}]}.

    Raises:
        RunError: a process ended with an error.
    """
    with contextlib.ExitStack() as stack:
        running = {
            count: stack.enter_context(_process(count, cells, shape, backward))
            for count in dict.fromkeys(threads)
        }
        candidates = {
            f"{cell}, {count}": lambda pipe=pipe, cell=cell: _asked(pipe, cell)
            for cell in cells
            for count, pipe in running.items()
        }
        seconds = interleaved(candidates, rounds)
    records = [
        {"cell": cell, "ms": {str(n): round(seconds[f"{cell}, {n}"] * 1e3, 3) for n in running}}
        for cell in cells
    ]
    return {"shape": shape._asdict(), "cells": records}


@contextlib.contextmanager
def _process(
    threads: int, cells: Sequence[str], shape: "Shape", backward: bool
) -> Iterator[Connection]:
    """Start a process that times layers; yield the pipe to it."""
    context = multiprocessing.get_context("spawn")  # a fork would share the threads of TensorFlow
    pipe, end = context.Pipe()
    arguments = (end, threads, list(cells), tuple(shape), backward)
    process = context.Process(target=_serve, args=arguments, daemon=True)
    process.start()
    end.close()
    try:
        yield pipe
    finally:
        pipe.close()
        process.join()


def _asked(pipe: Connection, cell: str) -> list[float]:
    """Return the seconds of the runs of a cell in another process."""
    try:
        pipe.send(cell)
        answer = pipe.recv()
    except (EOFError, OSError):
        answer = "it ended"
    if isinstance(answer, str):
        raise RunError(f"a process that times the cell {cell!r} failed: {answer}.")
    return answer


def _serve(
    pipe: Connection, threads: int, cells: Sequence[str], shape: Sequence[int], backward: bool
) -> None:
    """Time the cells that are asked for, until the other process ends or closes the pipe."""
    for each in SIGNALS:  # which the other process gets, too
        signal.signal(each, signal.SIG_IGN)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # for messages of TensorFlow
    with short_import():
        import tensorflow as tf

    from zoo.timing.layers import Shape, steps_of

    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)
    steps = steps_of(cells, Shape(*shape), backward)
    with contextlib.suppress(EOFError, BrokenPipeError):
        while True:
            cell = pipe.recv()
            try:
                pipe.send(timed_runs(steps[cell]))
            except Exception as error:  # such as too little memory
                pipe.send(f"{type(error).__name__}: {str(error).splitlines()[0].rstrip('.')}")
