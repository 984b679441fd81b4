"""Long memory: which cells learn the adding problem and copy memory, with how many weights?

    python -m benchmarks.long_memory benchmarks/long_memory.jsonl --task=adding --difficulty=200
    python -m benchmarks.long_memory benchmarks/long_memory.jsonl --cells=exprnn,goru --threads=1

Each row is one command `zoo train` with seed 0 and the time budget of its problem (`PROBLEMS`). Its
best epoch on validation is evaluated once on test. Appends a JSON line for each row, which has the
command; repeated, it goes on with the rows that are missing. Then prints the table of all rows.
"""

import argparse
import json
import math
import os
import pathlib
import subprocess
import sys
import tempfile
import typing

from benchmarks.machine import cores
from zoo.cli.output import table
from zoo.startup import environment


class Problem(typing.NamedTuple):
    """A task at a difficulty: minutes of training, and the test score below which it is solved."""

    minutes: int
    solved: float


PROBLEMS = {
    ("adding", 200): Problem(10, 1e-3),
    ("adding", 600): Problem(30, 1e-3),
    # A tenth of the loss of a predictor without memory.
    ("copy_memory", 200): Problem(30, 0.1 * 10 * math.log(8) / 220),
}
CHRONO = "--bias_initializer=chrono:{difficulty}"
LONGER = "--epochs=30"  # the default, 20, ended before the error did
# Cells whose gates do not read the state have few weights.
WIDE = (CHRONO, "--units=128", "--learning_rate=0.005", LONGER)
TWO_LAYERS = ("--layers=2", "--units=40", LONGER)  # the state is a linear function of the input
# Problem -> cell -> flags that differ from the task's defaults.
ROWS: dict[tuple[str, int], dict[str, tuple[str, ...]]] = {
    ("adding", 200): {
        "gru": (CHRONO,),
        "mgu": (CHRONO,),
        "janet": (CHRONO,),
        "ugrnn": (CHRONO,),
        "lstm": (CHRONO, LONGER),
        "min_gru": WIDE,
        "qrnn": WIDE,
        "ran": (CHRONO, LONGER),
        "cfn": (CHRONO, LONGER),
        "rg_lru": (LONGER,),
        "lru": TWO_LAYERS,
        "star": (CHRONO, LONGER),
        "nbrc": (CHRONO, LONGER),
        "mut1": (CHRONO, LONGER),
        "coupled_lstm": (CHRONO, LONGER),
        "sru": WIDE,
        "hgrn": WIDE,
        "min_lstm": WIDE,
        "lem": (LONGER,),
        "tau_gru": (CHRONO, LONGER),
        "mamba2": (LONGER,),
        "s5": TWO_LAYERS,
        "gated_delta_net": (LONGER,),
        "unicornn": (LONGER,),
    },
    ("adding", 600): Problem(30, 1e-3),
    # A tenth of the loss of a predictor without memory.
    ("copy_memory", 200): Problem(30, 0.1 * 10 * math.log(8) / 220),
}
CHRONO = "--bias_initializer=chrono:{difficulty}"
TWO_LAYERS = ("--layers=2", "--units=40")  # cells whose state is a linear function of the input
# Problem -> cell -> flags that differ from the task's defaults.
ROWS: dict[tuple[str, int], dict[str, tuple[str, ...]]] = {
    ("adding", 200): {
        "min_gru": (CHRONO, "--units=128", "--epochs=30", "--learning_rate=0.005"),
        "gru": (CHRONO,),
        "mgu": (CHRONO,),
        "lstm": (CHRONO,),
        "janet": (CHRONO,),
        "ugrnn": (CHRONO,),
        "coupled_lstm": (CHRONO,),
        "sru": (CHRONO,),
        "qrnn": (CHRONO,),
        "hgrn": (CHRONO,),
        "rg_lru": (),
        "lru": TWO_LAYERS,
        "min_lstm": (CHRONO,),
        "ran": (CHRONO,),
        "cfn": (CHRONO,),
        "star": (CHRONO,),
        "mamba2": (),
        "nbrc": (CHRONO,),
        "s5": TWO_LAYERS,
        "lem": (),
        "tau_gru": (CHRONO,),
        "mut1": (CHRONO,),
        "gated_delta_net": (),
        "unicornn": (),
    },
    ("adding", 600): {
        "gru": (CHRONO,),
        "mgu": (CHRONO,),
        "coupled_lstm": (CHRONO,),
        "janet": (CHRONO,),
        "lstm": (CHRONO,),
        "ugrnn": (CHRONO,),
    },
    ("copy_memory", 200): {
        "exprnn": (),
        "scornn": (),
        "goru": (),
        "eunn": (),
    },
}
COLUMNS = ("task", "cell", ">weights", ">seconds", ">test", "solved", "flags")


def flags_of(task, difficulty, cell):
    """Return the flags of the row's `zoo train`, without those of its folder and output."""
    return [
        f"--task={task}",
        f"--difficulty={difficulty}",
        f"--cell={cell}",
        f"--max_minutes={PROBLEMS[task, difficulty].minutes}",
        *(flag.format(difficulty=difficulty) for flag in ROWS[task, difficulty][cell]),
    ]


def trained(flags, threads):
    """Run `zoo train` in a process of its own, and return its result."""
    with tempfile.TemporaryDirectory() as folder:
        command = [
            sys.executable,
            "-m",
            "zoo",
            "train",
            *flags,
            "--json",
            f"--run_dir={folder}/run",
        ]
        limits = {f"TF_NUM_{kind}_THREADS": str(threads) for kind in ("INTRAOP", "INTEROP")}
        output = subprocess.run(
            command, env={**environment(), **limits}, stdout=subprocess.PIPE, check=True, text=True
        )
    return json.loads(output.stdout)


def record(task, difficulty, cell, threads):
    """Train a row and return its record."""
    flags = flags_of(task, difficulty, cell)
    result = trained(flags, threads)
    score = next(iter(result["metrics"].values()))["value"]
    return {
        "task": task,
        "difficulty": difficulty,
        "cell": cell,
        "command": " ".join(["zoo train", *flags]),
        "weights": result["parameters"],
        "threads": threads,
        "seconds": round(result["seconds"]),
        "test": score,
        "solved": score < PROBLEMS[task, difficulty].solved,
    }


def read(path):
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [json.loads(line) for line in lines]


def print_table(records):
    rows = [
        (
            f"{each['task']} {each['difficulty']}",
            each["cell"],
            f"{each['weights']:,}",
            each["seconds"],
            f"{each['test']:.2g}",
            "yes" if each["solved"] else "no",
            " ".join(each["command"].split()[6:]),
        )
        for each in sorted(records, key=lambda each: (each["task"], each["difficulty"]))
    ]
    table(COLUMNS, rows)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("path", type=pathlib.Path, help="file of the rows, JSON lines")
    parser.add_argument("--task", help="only this task")
    parser.add_argument("--difficulty", type=int, help="only this difficulty")
    parser.add_argument("--cells", help="only these cells, comma-separated")
    parser.add_argument("--threads", type=int, default=cores(), help="threads of a training")
    flags = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    done = {(each["task"], each["difficulty"], each["cell"]) for each in read(flags.path)}
    for (task, difficulty), cells in ROWS.items():
        for cell in cells:
            chosen = (
                flags.task in (None, task)
                and flags.difficulty in (None, difficulty)
                and (flags.cells is None or cell in flags.cells.split(","))
            )
            if not chosen or (task, difficulty, cell) in done:
                continue
            with flags.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(record(task, difficulty, cell, flags.threads)) + "\n")
    print_table(read(flags.path))


if __name__ == "__main__":
    main()
