"""Kills searches with SIGKILL at random moments and compares them with an undisturbed search.

    python -m benchmarks.kills

The moments are drawn from a seed: while a search starts, during training, and after the last trial.
The files of each killed and resumed search are compared, except for times, with those of the
undisturbed search; then the next search begins, until all kills are done. Exits with status 1 if
there is a difference.
"""

import argparse
import json
import pathlib
import random
import sys
import tempfile

from benchmarks.search_files import contents, differences
from benchmarks.search_process import SearchProcess, command, run_undisturbed, write_sentences

AT_START, AT_END = 0.2, 0.2  # shares of the kills; the others are during training


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
