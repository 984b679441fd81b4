"""Worker of `benchmarks.lengths`: time and peak memory of one training step."""

import resource
import statistics

from benchmarks.clocks import CLOCKS
from benchmarks.in_tensorflow import use_threads  # noqa: F401  (the worker calls it)
from zoo.timing import layers
from zoo.timing.interleaving import timed_runs


def measure(cell, shape, checkpoint_every, rounds, clock):
    """Return a row of the result; without `checkpoint_every`, the layer stores all states."""
    shape = layers.Shape(*shape)
    options = {} if checkpoint_every is None else {"checkpoint_every": checkpoint_every}
    step = layers.training_step(layers.build_layer(cell, shape, **options), shape)
    start = _peak()
    seconds = [each for _ in range(rounds) for each in timed_runs(step, CLOCKS[clock])]
    return {
        "cell": cell,
        "timesteps": shape.timesteps,
        "checkpoint_every": checkpoint_every,
        "ms_per_timestep": round(statistics.median(seconds) * 1e3 / shape.timesteps, 5),
        "peak_megabytes": _peak() - start,
        "start_megabytes": start,
    }


def _peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
