"""Ends commands by signals at random moments, and compares the results of the repeated commands.

    python -m benchmarks.signals --count=30

Each of `train`, `tune`, `generate`, `export` and `report` runs once undisturbed. Then SIGINT,
SIGTERM and SIGKILL are sent at moments drawn from a seed, and the command is repeated to its end.
A fault is a process that runs for more than `SECONDS` after SIGINT or SIGTERM, a wrong exit status,
a traceback, a temporary file that is left, or a result that differs from that of the undisturbed
command. Exits with status 1 if there is a fault.
"""

import argparse
import json
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from benchmarks.search_files import without_seconds
from benchmarks.search_process import write_sentences
from zoo.runs.files import PARTIAL

SECONDS = 3.0  # two, and the time in which the process exits
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)
SMALL = ("--units=4", "--embedding=4", "--characters=none")
COMMANDS = {
    "train": ("train", "--data={base}/s.tsv", "--run_dir={work}/new", "--epochs=8", *SMALL),
    "tune": (
        *("tune", "--data={base}/s.tsv", "--run_dir={work}/new", "--max_trials=2", "--dropout=0"),
        *("--learning_rate=1e-3,1e-2,3e-2", "--epochs=3", *SMALL),
    ),
    "generate": ("generate", "{work}/language", "--text=ab", "--length=20000", "--temperature=1"),
    "export": ("export", "{work}/tagger"),
    "report": ("report", "{work}/tagger"),
}


def zoo(command, base, work):
    """Return the command line of a process."""
    return [
        *(sys.executable, "-m", "zoo"),
        *(part.format(base=base, work=work) for part in command),
        "--json",
    ]


def prepare(base):
    """Write the data, and train the runs that the commands read."""
    write_sentences(base / "s.tsv", 600)
    text = random.Random(0).choices(("ab", "cd", "ef", "gh"), k=2000)
    (base / "text.txt").write_text(" ".join(text), encoding="utf-8")
    language = ("--task=language_model", f"--data={base}/text.txt", "--units=4", "--embedding=4")
    for name, flags in (
        ("tagger", (f"--data={base}/s.tsv", *SMALL)),
        ("language", language),
    ):
        command = ("train", *flags, "--epochs=1", f"--run_dir={base}/runs/{name}")
        subprocess.run(zoo(command, base, base), check=True, capture_output=True)


def result(name, work, stdout):
    """Return what must not depend on an interruption."""
    if name in ("train", "tune"):
        metrics = json.loads((work / "new" / "metrics.json").read_text())
        return [without_seconds(metrics), (work / "new" / "history.csv").read_text()]
    if name == "generate":
        return stdout
    return sorted(str(path.relative_to(work)) for path in work.rglob("*"))


def run_to_end(name, base, work):
    done = subprocess.run(zoo(COMMANDS[name], base, work), capture_output=True, text=True)
    if done.returncode:
        return f"status {done.returncode}: {done.stderr.strip().splitlines()[-1:]}"
    return result(name, work, done.stdout)


def interrupt(name, base, work, signum, seconds):
    """Send a signal after some seconds.

    Returns:
        Whether the process had ended before, the seconds until it ended, and the faults.
    """
    process = subprocess.Popen(
        zoo(COMMANDS[name], base, work),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signum != signal.SIGKILL and signal.signal(signum, signal.SIG_DFL),
    )
    try:
        process.wait(seconds)
        process.stderr.close()
        return True, 0.0, []
    except subprocess.TimeoutExpired:
        process.send_signal(signum)
    start, faults = time.monotonic(), []
    _, err = process.communicate()
    elapsed, partial = time.monotonic() - start, list(work.rglob(f"{PARTIAL}*"))
    if signum != signal.SIGKILL:
        if process.returncode not in (0, -signum, 128 + signum):
            faults.append(f"status {process.returncode}")
        if elapsed > SECONDS:
            faults.append(f"ended after {elapsed:.1f} s")
        if partial:
            faults.append(f"left {partial[0].name}")
        if "Traceback" in err:
            faults.append("traceback: " + err.strip().splitlines()[-1])
    return False, elapsed, faults


def run_command(name, base, flags, rng):
    """Return the number of interruptions of a command, the longest end in seconds, the faults."""
    work = base / "work"
    shutil.copytree(base / "runs", work)
    start = time.monotonic()
    expected, longest, count, faults = run_to_end(name, base, work), 0.0, 0, []
    duration = time.monotonic() - start
    while count < flags.count:
        shutil.rmtree(work)
        shutil.copytree(base / "runs", work)
        signum, seconds = SIGNALS[count % len(SIGNALS)], rng.uniform(flags.first, duration)
        ended, elapsed, found = interrupt(name, base, work, signum, seconds)
        if ended:
            continue
        count, longest = count + 1, max(longest, elapsed)
        again = run_to_end(name, base, work)
        if again != expected:
            found = [*found, f"another result: {str(again)[:200]}"]
        faults += [f"{name}, {signum.name} after {seconds:.2f} s: {each}" for each in found]
        print(f"  {name} {count}: {signum.name} at {seconds:.1f} s, {elapsed:.2f} s", flush=True)
    shutil.rmtree(work)
    return count, longest, faults


def parse_flags():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=30, help="signals for each command")
    parser.add_argument("--commands", nargs="+", default=list(COMMANDS), choices=COMMANDS)
    parser.add_argument("--seed", type=int, default=0, help="seed of the moments")
    parser.add_argument("--first", type=float, default=1.0, help="seconds before the first moment")
    return parser.parse_args()


def main():
    flags, faults = parse_flags(), []
    rng = random.Random(flags.seed)
    with tempfile.TemporaryDirectory() as folder:
        base = pathlib.Path(folder)
        prepare(base)
        for name in flags.commands:
            count, longest, found = run_command(name, base, flags, rng)
            faults += found
            print(f"{name}: {count} signals, ended after {longest:.2f} s at most", flush=True)
    print(f"{len(faults)} faults", *faults, sep="\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
