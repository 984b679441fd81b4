"""Memory and time of a search between its trials.

    python -m benchmarks.search_growth --trials=60

Runs a search of small taggers in this process. Prints the resident memory after the fifth and after
the last trial, and the time from the start of the first trial to the end of the last one over the
seconds of training (`fit`), in which a batch that traced a graph counts as a batch of median
length. Imports, reading and the final evaluation and export are outside. The same ratio is printed
for processor time, which other programs disturb less.
"""

import argparse
import pathlib
import statistics
import tempfile
import time
from unittest import mock

from benchmarks.machine import resident_megabytes
from benchmarks.search_process import write_sentences
from zoo.config import Config, Search
from zoo.training.monitor import TrainingMonitor
from zoo.tuning import trials, tuner

TRACED = 10  # a batch that takes this many times the median traced a graph
CLOCKS = {"wall": time.monotonic, "processor": time.process_time}
RATES = tuple(round(1e-3 * 1.1**k, 6) for k in range(38))


def now():
    return {name: clock() for name, clock in CLOCKS.items()}


class Recorder:
    """Records the batches and the trials of a search.

    Attributes:
        epochs: per epoch, the start and the end of `fit`.
        batches: per batch of training, its start and its end.
        trials: per trial, its start and its end.
        memory: resident memory in MB after each trial.
    """

    def __init__(self):
        self.epochs, self.batches, self.trials, self.memory = [], [], [], []

    def monitor(self):
        recorder = self

        class Monitor(TrainingMonitor):
            def on_train_begin(self, logs=None):
                self.epoch_start = now()

            def on_train_end(self, logs=None):
                recorder.epochs.append((self.epoch_start, now()))

            def on_train_batch_begin(self, batch, logs=None):
                self.batch_start = now()

            def on_train_batch_end(self, batch, logs):
                super().on_train_batch_end(batch, logs)
                recorder.batches.append((self.batch_start, now()))

        return Monitor

    def tuner(self):
        recorder = self

        class Tuner(trials.TrialTuner):
            def run_trial(self, trial):
                start = now()
                result = super().run_trial(trial)
                recorder.trials.append((start, now()))
                recorder.memory.append(resident_megabytes())
                print(f"trial {len(recorder.trials)}: {recorder.memory[-1]:.0f} MB", flush=True)
                return result

        return Tuner

    def training(self, clock):
        """Return the seconds of training by a clock, without tracing."""
        seconds = [end[clock] - start[clock] for start, end in self.batches]
        median = statistics.median(seconds)
        traced = sum(each - median for each in seconds if each > TRACED * median)
        return sum(end[clock] - start[clock] for start, end in self.epochs) - traced

    def ratio(self, clock):
        """Return the time of all trials over the seconds of training."""
        return (self.trials[-1][1][clock] - self.trials[0][0][clock]) / self.training(clock)


def search(recorder, folder, flags):
    """Run the search of the flags, without the evaluation and export of its best trial."""
    write_sentences(folder / "sentences.tsv", flags.sentences)
    config = Config(
        data=(str(folder / "sentences.tsv"),),
        cell=flags.cell,
        units=flags.units,
        embedding=8,
        characters="none",
        dropout=0.2,
        epochs=flags.epochs,
    )
    with (
        mock.patch("zoo.training.session.TrainingMonitor", recorder.monitor()),
        mock.patch.object(tuner, "TrialTuner", recorder.tuner()),
        mock.patch.object(tuner, "conclude", lambda *_: {}),
    ):
        space = {"learning_rate": RATES, "dropout": tuple(flags.dropout)}
        tuner.tune(config, folder / "run", space, Search("random", flags.trials))


def parse_flags():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--trials", type=int, default=60)
    parser.add_argument("--epochs", type=int, default=5, help="epochs of a trial")
    parser.add_argument("--sentences", type=int, default=2000, help="sentences in all splits")
    parser.add_argument("--units", type=int, default=4)
    parser.add_argument("--cell", default="gru")
    parser.add_argument("--dropout", type=float, nargs="+", default=[0.0, 0.2], help="choices")
    return parser.parse_args()


def main():
    flags, recorder = parse_flags(), Recorder()
    with tempfile.TemporaryDirectory() as folder:
        search(recorder, pathlib.Path(folder), flags)
    count, memory = len(recorder.trials), recorder.memory
    early = memory[min(5, count) - 1]
    print(f"memory: {early:.0f} MB after trial {min(5, count)}, {memory[-1]:.0f} MB at the end")
    for clock in CLOCKS:
        seconds = recorder.training(clock)
        print(
            f"{clock} time: {count} trials, {seconds / count:.2f} s of training each, "
            f"{recorder.ratio(clock):.2f} times that in all"
        )


if __name__ == "__main__":
    main()
