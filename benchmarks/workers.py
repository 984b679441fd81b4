"""A process for each framework, whose contenders take turns by messages through pipes.

TensorFlow and PyTorch each keep a pool of threads that spins for a while when it has nothing to do: in one process,
and on few cores, each may be slowed by the other's (Keras' LSTM, 32, 100, 128, 256, on two busy cores: 278 ms in a
process of its own, 392 ms beside PyTorch in one; PyTorch 1218 and 1248). So each has a process of its own. Only one of
them works at a time, and the first run of a turn is not measured: by its end the others' threads sleep, and the caches
are its own.

When other programs use the cores too, many small parallel regions wait for each other: use `--threads=1
--clock=processor` then.
"""

import contextlib
import importlib
import multiprocessing
import os

from benchmarks.clocks import CLOCKS
from benchmarks.machine import cores
from zoo.timing.interleaving import turn


class Worker:
    """A process that answers calls of the functions of one module, which must import but one framework."""

    def __init__(self, module, threads=None):
        context = multiprocessing.get_context("spawn")  # a fork would share the parent's threads
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(
            target=_serve, args=(theirs, module, threads or cores()), daemon=True
        )
        self._process.start()
        theirs.close()

    def call(self, function, *arguments):
        """What `function(*arguments)` returns there; RuntimeError with its message where it fails."""
        self._pipe.send((function, arguments))
        answer, error = self._pipe.recv()
        if error:
            raise RuntimeError(error)
        return answer

    def turns(self, names, clock):
        """Name -> a function of nothing that gives the seconds of a turn, for contenders that were prepared."""
        return {name: lambda name=name: self.call("turn", name, clock) for name in names}

    def close(self):
        with contextlib.suppress(BrokenPipeError):
            self._pipe.send(None)
        self._process.join()


@contextlib.contextmanager
def workers(modules, threads=None):
    """Framework -> its Worker, for framework -> module."""
    made = {name: Worker(module, threads) for name, module in modules.items()}
    try:
        yield made
    finally:
        for worker in made.values():
            worker.close()


def _serve(pipe, name, threads):
    os.environ.update(OMP_NUM_THREADS=str(threads), TF_CPP_MIN_LOG_LEVEL="3")
    os.dup2(
        os.open(os.devnull, os.O_WRONLY), 2
    )  # TensorFlow's greetings; what fails goes through the pipe
    module = importlib.import_module(name)
    module.use_threads(threads)
    steps = {}
    while (message := pipe.recv()) is not None:
        function, arguments = message
        try:
            pipe.send((_answer(module, steps, function, arguments), None))
        except Exception as error:
            pipe.send((None, f"{name}.{function}{arguments}: {type(error).__name__}: {error}"))


def _answer(module, steps, function, arguments):
    """A module's `prepare` gives steps by name, which are kept here for their turns until the next call of it."""
    if function == "turn":
        name, clock = arguments
        return turn(steps[name], CLOCKS[clock])
    if function == "prepare":
        steps.clear()
        made, facts = module.prepare(*arguments)
        steps.update(made)
        return list(made), facts
    return getattr(module, function)(*arguments)
