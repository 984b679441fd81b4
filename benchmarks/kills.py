"""Searches killed with SIGKILL at random moments, beside one that is left alone: `python -m benchmarks.kills`.

The moments are drawn from a seed: while a search starts, in the middle of training, and after the last trial. Whenever a
killed search has ended, all that it left is compared with what the undisturbed one left, seconds apart; then the next
one begins, until all kills are spent. Exits 1 on a difference.
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

import numpy as np

POLL = 0.02  # seconds
AT_START, AT_END = 0.2, 0.2  # shares of the kills; the others fall into training
EPOCH = re.compile(r"^trial (\d+)/\d+ epoch +(\d+)/", re.MULTILINE)


def sentences(path, count=240):
    """Writes tagged sentences in which the tag of a word depends on the word before it."""
    chance = random.Random(0)
    with open(path, "w", encoding="utf-8") as file:
        for _ in range(count):
            words = chance.choices(("ab", "cd", "Ef", "ghi", "çay", "k"), k=chance.randint(3, 9))
            for word, before in zip(words, ["", *words], strict=False):
                file.write(f"{word}\t{'B' if before in ('cd', 'Ef') else 'A'}\n")
            file.write("\n")


def command(tuner, data, run_dir, trials):
    bound = [] if trials is None else [f"--max_trials={trials}"]
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
        *bound,
    ]


class Started:
    """A search in a process of its own, and what it has told so far."""

    def __init__(self, argv, log, folder):
        self.log, self.folder, self.began = log, folder, time.monotonic()
        log.touch()
        self.told_before = log.stat().st_size
        with open(log, "ab") as file:
            self.process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=file)

    @property
    def told(self):
        return self.log.read_bytes()[self.told_before :].decode()

    @property
    def trains(self):
        return "trial " in self.told

    def trials_ended(self):
        try:
            return len(
                json.loads((self.folder / "search" / "oracle.json").read_text())["end_order"]
            )
        except FileNotFoundError:
            return 0

    def wait_for(self, condition, seconds=float("inf")):
        """Whether it goes on, once `condition` holds or the seconds are over."""
        until = time.monotonic() + seconds
        while self.process.poll() is None and time.monotonic() < until and not condition():
            time.sleep(POLL)
        return self.process.poll() is None

    def end(self):
        if self.process.wait():
            raise SystemExit(f"the search failed:\n{self.told}")

    def kill(self):
        self.process.kill()
        self.process.wait()


def undisturbed(argv, log, folder, trials):
    """Runs a search to its end; returns the seconds of its start, of its trials and of what comes after them."""
    search = Started(argv, log, folder)
    search.wait_for(lambda: search.trains)
    trained = time.monotonic()
    search.wait_for(lambda: trials is not None and search.trials_ended() == trials)
    ended = time.monotonic()
    search.end()
    return trained - search.began, ended - trained, time.monotonic() - ended


def strike(search, chance, spans, trials, late):
    """Kills a search at a random moment; returns where, or None if it ended by itself. late: kills left for the end."""
    start, step, end = spans
    if chance.random() < AT_START:
        search.wait_for(
            lambda: search.trials_ended() == trials and not late, chance.uniform(0, start)
        )
    elif search.trials_ended() < trials:
        search.wait_for(lambda: search.trains)
        search.wait_for(lambda: search.trials_ended() == trials, chance.uniform(0, step))
    else:
        if not late:
            search.end()
            return None
        search.wait_for(lambda: False, chance.uniform(start, start + end / 2))
    over = search.trials_ended() == trials
    if over and not late:
        search.end()
        return None
    if over and search.trains:
        search.wait_for(lambda: False, chance.uniform(0, end / 2))
    if search.process.poll() is not None:
        search.end()
        return None
    search.kill()
    return "after the last trial" if over else "training" if search.trains else "start"


def timeless(value):
    """A JSON value without what a clock says."""
    if isinstance(value, dict):
        return {key: timeless(each) for key, each in value.items() if key != "seconds"}
    return [timeless(each) for each in value] if isinstance(value, list) else value


def left(folder):
    """Path -> content, of what a search leaves, for files that say the same whenever they were written."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.is_dir() or ".partial-" in name or path.name == "spent.json":
            continue
        found[name] = (
            None  # pictures, models and exports have dates in them; that they are there is compared
        )
        if path.suffix == ".json":
            found[name] = json.dumps(timeless(json.loads(path.read_text())))
        elif path.suffix == ".csv":
            found[name] = path.read_text()
        elif path.suffix == ".npz":
            with np.load(path) as arrays:
                found[name] = [
                    json.dumps(timeless(json.loads(str(arrays[key]))))
                    if key == "progress"
                    else arrays[key].tobytes()
                    for key in sorted(arrays)
                ]
    return found


def differences(expected, folder, log):
    """What a killed search did otherwise than an undisturbed one."""
    found = left(folder)
    yield from (f"{name} is missing" for name in sorted(set(expected) - set(found)))
    yield from (f"{name} is new" for name in sorted(set(found) - set(expected)))
    yield from (
        f"{name} differs"
        for name in sorted(set(found) & set(expected))
        if found[name] != expected[name]
    )
    told = collections.Counter(EPOCH.findall(log.read_text()))
    yield from (
        f"trial {trial}: epoch {epoch} was trained {count} times"
        for (trial, epoch), count in told.items()
        if count > 1
    )


def killed(place, argv_of, chance, spans, trials, kills, expected):
    """Spends the kills on searches; returns where they fell, the number of searches, and what was different."""
    places, wrong, number = [], [], 0
    while len(places) < kills:
        number += 1
        folder, log = place / f"killed{number}", place / f"killed{number}.log"
        while True:
            search = Started(argv_of(folder), log, folder)
            late = AT_END * kills > places.count("after the last trial")
            where = (
                strike(search, chance, spans, trials, late) if len(places) < kills else search.end()
            )
            if where is None:
                break
            places.append(where)
            print(
                f"  kill {len(places)}: {where}, {search.trials_ended()} of {trials} trials ended",
                flush=True,
            )
        wrong += [f"search {number}: {each}" for each in differences(expected, folder, log)]
    return places, number, wrong


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--tuner", default="random")
    parser.add_argument("--trials", type=int, help="default: as zoo tune")
    parser.add_argument("--seed", type=int, default=0, help="of the moments")
    parser.add_argument("--folder", help="where the searches are kept; default: a temporary folder")
    flags = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        place = pathlib.Path(flags.folder or temporary)
        place.mkdir(parents=True, exist_ok=True)
        data = place / "sentences.tsv"
        sentences(data)
        alone = place / "undisturbed"
        start, work, end = undisturbed(
            command(flags.tuner, data, alone, flags.trials),
            place / "undisturbed.log",
            alone,
            flags.trials,
        )
        result = json.loads((alone / "leaderboard.json").read_text())
        trials = len(result["trials"])
        print(
            f"undisturbed: {trials} trials; start {start:.0f} s, trials {work:.0f} s, end {end:.0f} s",
            flush=True,
        )
        places, searches, wrong = killed(
            place,
            lambda folder: command(flags.tuner, data, folder, flags.trials),
            random.Random(flags.seed),
            (start, 4 * work / flags.kills, end),
            trials,
            flags.kills,
            left(alone),
        )
    print(
        f"\n{'tuner':10s} {'kills':>5s} {'at start':>9s} {'training':>9s} {'at the end':>11s} {'searches':>9s} "
        f"{'differences':>12s}"
    )
    print(
        f"{flags.tuner:10s} {len(places):5d} {places.count('start'):9d} {places.count('training'):9d} "
        f"{places.count('after the last trial'):11d} {searches:9d} {len(wrong):12d}"
    )
    print(*wrong, sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
