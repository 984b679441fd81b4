"""Worker processes, one per framework, that run candidates on request.

TensorFlow and PyTorch each have a thread pool whose threads spin for a while when idle; in one
process, each library may slow down the other. Only one worker runs at a time, and the first run of
a block is not timed: by its end the threads of the other workers sleep.

On a machine that runs other programs, use `--threads=1 --clock=processor`.
"""

import contextlib
import importlib
import multiprocessing
import os

from benchmarks.clocks import CLOCKS
from zoo.startup import cores
from zoo.timing.interleaving import timed_runs


class Worker:
    """A process that calls functions of one module.

    Args:
        module: name of the module, which must import only one framework.
        threads: number of threads of the framework. Default: one per core.
    """

    def __init__(self, module, threads=None):
        context = multiprocessing.get_context("spawn")  # a fork would share the parent's threads
        self._pipe, child_pipe = context.Pipe()
        self._process = context.Process(
            target=_serve, args=(child_pipe, module, threads or cores()), daemon=True
        )
        self._process.start()
        child_pipe.close()

    def call(self, function, *arguments):
        """Return `function(*arguments)` of the module; raise RuntimeError if it fails."""
        self._pipe.send((function, arguments))
        answer, error = self._pipe.recv()
        if error:
            raise RuntimeError(error)
        return answer

    def candidates(self, names, clock):
        """Return step name -> a zero-argument callable that returns the seconds of timed runs."""
        return {name: lambda name=name: self.call("timed_runs", name, clock) for name in names}

    def close(self):
        with contextlib.suppress(BrokenPipeError):
            self._pipe.send(None)
        self._process.join()


@contextlib.contextmanager
def workers(modules, threads=None):
    """Start a worker for each framework.

    Args:
        modules: framework -> name of its module.
        threads: number of threads of each worker.

    Yields:
        Framework -> its Worker.
    """
    running = {name: Worker(module, threads) for name, module in modules.items()}
    try:
        yield running
    finally:
        for worker in running.values():
            worker.close()


def _serve(pipe, name, threads):
    os.environ.update(OMP_NUM_THREADS=str(threads), TF_CPP_MIN_LOG_LEVEL="3")
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")  # as on the command line
    # Silences the messages of TensorFlow's import; errors are sent through the pipe.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
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
    """Call a function. The steps that `prepare` returns are stored until it is called again."""
    if function == "timed_runs":
        name, clock = arguments
        return timed_runs(steps[name], CLOCKS[clock])
    if function == "prepare":
        steps.clear()
        prepared, facts = module.prepare(*arguments)
        steps.update(prepared)
        return list(prepared), facts
    return getattr(module, function)(*arguments)
