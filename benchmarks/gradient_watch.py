"""Cost of `zoo.callbacks.GradientWatch` at its default, as a share of the time of training.

    taskset -c 0 python -m benchmarks.gradient_watch
    taskset -c 0 python -m benchmarks.gradient_watch --timesteps=100 --rounds=10

Batches of 32 sequences. A round times `STEPS` training steps and one measurement on 8 sequences, in
turn; the table has the minimum over the rounds. "share" is one measurement over 100 training steps,
between which the callback measures once. "tracing" is the first measurement, once in a process.
"""

import argparse

import keras
import numpy as np

import zoo
from benchmarks.clocks import CLOCKS

CASES = (("lstm", 128), ("gru", 64))
TIMESTEPS, FEATURES, BATCH, STEPS, EVERY = (100, 1000), 16, 32, 5, 100


def timed(function):
    """Return the seconds that a call takes, by clock."""
    starts = {name: clock() for name, clock in CLOCKS.items()}
    function()
    return {name: clock() - starts[name] for name, clock in CLOCKS.items()}


def prepared(cell, units, timesteps):
    """Return a function that trains `STEPS` steps, and one that measures."""
    generator = np.random.default_rng(0)
    x = generator.normal(size=(BATCH * STEPS, timesteps, FEATURES)).astype("float32")
    y = generator.normal(size=(BATCH * STEPS, 1)).astype("float32")
    model = keras.Sequential([zoo.Recurrent(cell, units), keras.layers.Dense(1)])
    model.compile("adam", "mse")
    watch = zoo.callbacks.GradientWatch((x, y), every=EVERY, notify=lambda text: None)

    def train():
        model.fit(x, y, batch_size=BATCH, verbose=0)

    train()
    watch.set_model(model)
    watch.on_train_begin()
    return train, lambda: watch.measure(0)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--timesteps", type=int, nargs="*", default=TIMESTEPS)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    print(
        f"{'cell':12}{'timesteps':>10}{'clock':>11}{'step':>9}{'measure':>9}{'share':>8}{'tracing':>9}"
    )
    for timesteps in arguments.timesteps:
        for cell, units in CASES:
            train, measure = prepared(cell, units, timesteps)
            tracing = timed(measure)
            rounds = [(timed(train), timed(measure)) for _ in range(arguments.rounds)]
            for clock in CLOCKS:
                step = min(each[clock] for each, _ in rounds) / STEPS
                cost = min(each[clock] for _, each in rounds)
                print(
                    f"{f'{cell} {units}':12}{timesteps:10}{clock:>11}{step:9.4f}{cost:9.4f}"
                    f"{cost / (EVERY * step):8.1%}{tracing[clock]:9.2f}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
