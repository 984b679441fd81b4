"""Kills searches with SIGKILL at random moments and compares them with an undisturbed search.

    python -m benchmarks.kills

The moments are drawn from a seed: while a search starts, during training, and after the last trial.
The files of each killed and resumed search are compared, except for times, with those of the
undisturbed search; then the next search begins, until all kills are done. Exits with status 1 if
there is a difference.
"""

import argparse
import collections
import json
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import time
from typing import NamedTuple

import numpy as np

POLL_SECONDS = 0.02
AT_START, AT_END = 0.2, 0.2  # shares of the kills; the others are during training
EPOCH = re.compile(r"^trial (\d+)/\d+ epoch +(\d+)/", re.MULTILINE)


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


def kill_at_random(search, rng, durations, trials, allow_late):
    """Kill a search at a random moment.

    Args:
        search: a SearchProcess.
        rng: draws the moment.
        durations: the Durations of an undisturbed search; `durations.trials` is the longest wait
            during training.
        trials: number of trials of the search.
        allow_late: whether the search may be killed after its last trial.

    Returns:
        The phase in which the search was killed, or None if it ended before.
    """
    if rng.random() < AT_START:
        search.wait_until(
            lambda: search.finished_trials() == trials and not allow_late,
            rng.uniform(0, durations.start),
        )
    elif search.finished_trials() < trials:
        search.wait_until(lambda: search.trains)
        search.wait_until(
            lambda: search.finished_trials() == trials, rng.uniform(0, durations.trials)
        )
    elif allow_late:
        search.wait(rng.uniform(durations.start, durations.start + durations.end / 2))
    late = search.finished_trials() == trials
    if late and not allow_late:
        search.join()
        return None
    if late and search.trains:
        search.wait(rng.uniform(0, durations.end / 2))
    if not search.running:
        search.join()
        return None
    search.kill()
    return "after the last trial" if late else "training" if search.trains else "start"


def without_seconds(value):
    """Return a JSON value without its fields "seconds"."""
    if isinstance(value, dict):
        return {key: without_seconds(each) for key, each in value.items() if key != "seconds"}
    return [without_seconds(each) for each in value] if isinstance(value, list) else value


def contents(folder):
    """Return path -> content of a search's files; None for formats that contain dates."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.is_dir() or ".partial-" in name or path.name == "spent.json":
            continue
        found[name] = None
        if path.suffix == ".json":
            found[name] = json.dumps(without_seconds(json.loads(path.read_text())))
        elif path.suffix == ".csv":
            found[name] = path.read_text()
        elif path.suffix == ".npz":
            with np.load(path) as arrays:
                found[name] = [
                    json.dumps(without_seconds(json.loads(str(arrays[key]))))
                    if key == "progress"
                    else arrays[key].tobytes()
                    for key in sorted(arrays)
                ]
    return found


def differences(expected, folder, log):
    """Yield the differences of a killed search from an undisturbed one."""
    found = contents(folder)
    yield from (f"{name} is missing" for name in sorted(set(expected) - set(found)))
    yield from (f"{name} is new" for name in sorted(set(found) - set(expected)))
    yield from (
        f"{name} differs"
        for name in sorted(set(found) & set(expected))
        if found[name] != expected[name]
    )
    epochs = collections.Counter(EPOCH.findall(log.read_text()))
    yield from (
        f"trial {trial}: epoch {epoch} was trained {count} times"
        for (trial, epoch), count in epochs.items()
        if count > 1
    )


def kill_searches(base, argv_for, rng, durations, trials, kills, expected):
    """Kill and resume searches until all kills are done.

    Args:
        base: folder of the searches.
        argv_for: function of a search's run folder that returns its command line.
        rng: draws the moments.
        durations: as in `kill_at_random`.
        trials: number of trials of a search.
        kills: number of kills.
        expected: contents of the undisturbed search.

    Returns:
        The phases of the kills, the number of searches, and the differences found.
    """
    phases, found, number = [], [], 0
    while len(phases) < kills:
        number += 1
        folder, log = base / f"killed{number}", base / f"killed{number}.log"
        while True:
            search = SearchProcess(argv_for(folder), log, folder)
            if len(phases) == kills:
                search.join()
                break
            allow_late = AT_END * kills > phases.count("after the last trial")
            phase = kill_at_random(search, rng, durations, trials, allow_late)
            if phase is None:
                break
            phases.append(phase)
            print(
                f"  kill {len(phases)}: {phase}, "
                f"{search.finished_trials()} of {trials} trials finished",
                flush=True,
            )
        found += [f"search {number}: {each}" for each in differences(expected, folder, log)]
    return phases, number, found


def parse_flags():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=20, help="number of kills")
    parser.add_argument("--tuner", default="random", help="as in zoo tune")
    parser.add_argument("--trials", type=int, help="default: as in zoo tune")
    parser.add_argument("--seed", type=int, default=0, help="seed of the moments")
    parser.add_argument("--folder", help="folder of the searches; default: a temporary folder")
    return parser.parse_args()


def run(flags, base):
    """Run the undisturbed search and the killed ones; return the same as `kill_searches`."""
    data = base / "sentences.tsv"
    write_sentences(data)
    undisturbed = base / "undisturbed"
    argv = command(flags.tuner, data, undisturbed, flags.trials)
    durations = run_undisturbed(argv, base / "undisturbed.log", undisturbed, flags.trials)
    trials = len(json.loads((undisturbed / "leaderboard.json").read_text())["trials"])
    print(
        f"undisturbed: {trials} trials; start {durations.start:.0f} s, "
        f"trials {durations.trials:.0f} s, end {durations.end:.0f} s",
        flush=True,
    )
    return kill_searches(
        base,
        lambda folder: command(flags.tuner, data, folder, flags.trials),
        random.Random(flags.seed),
        durations._replace(trials=4 * durations.trials / flags.kills),
        trials,
        flags.kills,
        contents(undisturbed),
    )


def main():
    flags = parse_flags()
    with tempfile.TemporaryDirectory() as temporary:
        base = pathlib.Path(flags.folder or temporary)
        base.mkdir(parents=True, exist_ok=True)
        phases, searches, found = run(flags, base)
    print(
        f"\n{'tuner':10s} {'kills':>5s} {'at start':>9s} {'training':>9s} {'at the end':>11s} "
        f"{'searches':>9s} {'differences':>12s}"
    )
    print(
        f"{flags.tuner:10s} {len(phases):5d} {phases.count('start'):9d} "
        f"{phases.count('training'):9d} {phases.count('after the last trial'):11d} "
        f"{searches:9d} {len(found):12d}"
    )
    print(*found, sep="\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
