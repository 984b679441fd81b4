"""A search of `benchmarks.kills` in a process of its own."""

import json
import random
import subprocess
import sys
import time
from typing import NamedTuple

POLL_SECONDS = 0.02


class Durations(NamedTuple):
    """Seconds of the phases of a search: before the first trial, the trials, after the last one."""

    start: float
    trials: float
    end: float


def write_sentences(path, count=240):
    """Write tagged sentences in which the tag of a word depends on the word before it."""
    rng = random.Random(0)
    with open(path, "w", encoding="utf-8") as file:
        for _ in range(count):
            words = rng.choices(("ab", "cd", "Ef", "ghi", "çay", "k"), k=rng.randint(3, 9))
            for word, previous in zip(words, ["", *words], strict=False):
                file.write(f"{word}\t{'B' if previous in ('cd', 'Ef') else 'A'}\n")
            file.write("\n")


def command(tuner, data, run_dir, trials):
    """Return the command line of a search."""
    return [
        sys.executable,
        "-m",
        "zoo",
        "tune",
        f"--data={data}",
        f"--tuner={tuner}",
        "--cell=gru",
        "--epochs=4",
        "--units=4,8,12",
        "--embedding=8",
        "--dropout=0,0.2,0.4",
        "--learning_rate=1e-3,3e-3,1e-2,3e-2",
        "--json",
        f"--run_dir={run_dir}",
        *([] if trials is None else [f"--max_trials={trials}"]),
    ]


class SearchProcess:
    """A search in a process of its own.

    Args:
        argv: the command line.
        log: file to which the process appends its stderr.
        folder: the run folder of the search.
    """

    def __init__(self, argv, log, folder):
        self.log, self.folder, self.start = log, folder, time.monotonic()
        log.touch()
        self._log_size = log.stat().st_size
        with open(log, "ab") as file:
            self.process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=file)

    @property
    def stderr(self):
        return self.log.read_bytes()[self._log_size :].decode()

    @property
    def trains(self):
        return "trial " in self.stderr

    @property
    def running(self):
        return self.process.poll() is None

    def finished_trials(self):
        try:
            oracle = json.loads((self.folder / "search" / "oracle.json").read_text())
        except FileNotFoundError:
            return 0
        return len(oracle["end_order"])

    def wait_until(self, condition, seconds=float("inf")):
        """Wait until `condition()` holds, the seconds are over, or the process has ended."""
        deadline = time.monotonic() + seconds
        while self.running and time.monotonic() < deadline and not condition():
            time.sleep(POLL_SECONDS)

    def wait(self, seconds):
        self.wait_until(lambda: False, seconds)

    def join(self):
        if self.process.wait():
            raise SystemExit(f"the search failed:\n{self.stderr}")

    def kill(self):
        self.process.kill()
        self.process.wait()


def run_undisturbed(argv, log, folder, trials):
    """Run a search to its end and return its Durations."""
    search = SearchProcess(argv, log, folder)
    search.wait_until(lambda: search.trains)
    first_trial = time.monotonic()
    search.wait_until(lambda: trials is not None and search.finished_trials() == trials)
    last_trial = time.monotonic()
    search.join()
    return Durations(
        first_trial - search.start, last_trial - first_trial, time.monotonic() - last_trial
    )
