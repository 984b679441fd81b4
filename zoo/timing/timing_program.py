"""The program of `zoo.timing.processes`: times layers with a number of threads.

Usage: python -m zoo.timing.timing_program REQUEST

Reads the names of cells from standard input, a line each, until it is closed. Writes a line of JSON
for each one: the seconds of its runs, or an error message.
"""

import functools
import json
import os
import signal
import sys
from collections.abc import Callable
from typing import IO, Any

from zoo.interruption import SIGNALS
from zoo.startup import short_import

with short_import():
    import tensorflow as tf

from zoo.timing.interleaving import timed_runs
from zoo.timing.layers import Shape, build_layer, inference, training_step


def main(request: dict[str, Any], answers: IO[str]) -> None:
    """Answer for each line of standard input."""
    tf.config.threading.set_intra_op_parallelism_threads(request["threads_per_operation"])
    tf.config.threading.set_inter_op_parallelism_threads(request["threads"])
    shape = Shape(*request["shape"])
    make_step = training_step if request["backward"] else inference
    step_of = functools.cache(lambda cell: make_step(build_layer(cell, shape), shape))
    for line in sys.stdin:
        print(json.dumps(_answer(step_of, line.rstrip("\n"))), file=answers, flush=True)


def _answer(step_of: Callable[[str], Any], cell: str) -> list[float] | str:
    try:
        return timed_runs(step_of(cell))
    except Exception as error:  # such as too little memory
        return f"{type(error).__name__}: {(str(error).splitlines() or [''])[0].rstrip('.')}"


if __name__ == "__main__":
    for each in SIGNALS:  # which the process that reads the answers gets, too
        signal.signal(each, signal.SIG_IGN)
    stdout = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what cells print is no answer
    try:
        main(json.loads(sys.argv[1]), stdout)
    except BrokenPipeError:
        os._exit(1)
