"""Long memory: which cells learn the adding problem and copy memory, with how many weights?

    python -m benchmarks.long_memory benchmarks/long_memory.jsonl --task=adding --difficulty=200
    python -m benchmarks.long_memory benchmarks/long_memory.jsonl --cells=exprnn,goru --threads=1

Each row is one command `zoo train` with seed 0 and the time budget of its problem (`PROBLEMS`). Its
best epoch on validation is evaluated once on test. Appends a JSON line for each row, which has the
command; repeated, it goes on with the rows that are missing. Then prints the tables of all rows.
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

from zoo.startup import cores, environment


class Problem(typing.NamedTuple):
    """A task at a difficulty: minutes of training, and the test score below which it is solved."""

    minutes: int
    solved: float


PROBLEMS = {
    ("adding", 200): Problem(10, 1e-3),
    ("adding", 600): Problem(30, 1e-3),
    # A tenth of the loss of a predictor without memory (`zoo list datasets`, zoo_copy_memory).
    ("copy_memory", 200): Problem(30, 0.1 * 10 * math.log(8) / (200 + 20)),
}
CHRONO = "--bias_initializer=chrono:{difficulty}"
LONGER = "--epochs=30"  # with the default, 20, training ended while the error was falling
# Cells whose gates do not read the state have few weights.
WIDE = (CHRONO, "--units=128", LONGER, "--learning_rate=0.005")
# Problem -> cell -> flags that differ from the task's defaults.
ROWS: dict[tuple[str, int], dict[str, tuple[str, ...]]] = {
    ("adding", 200): {
        "gru": (CHRONO,),
        "mgu": (CHRONO,),
        "janet": (CHRONO,),
        "ugrnn": (CHRONO,),
        "gru_reset_before": (CHRONO,),
        "mut1": (CHRONO, LONGER),
        "mut2": (CHRONO, LONGER),
        "mut3": (CHRONO, LONGER),
        "lstm": (CHRONO, LONGER),
        "peephole_lstm": (CHRONO, LONGER),
        "nbrc": (CHRONO, LONGER),
        "coupled_lstm": (CHRONO, LONGER),
        "cfn": (CHRONO, LONGER),
        "ran": (CHRONO, LONGER),
        "min_gru": WIDE,
    },
    ("adding", 600): {
        "gru": (CHRONO,),
        "mgu": (CHRONO,),
        "ugrnn": (CHRONO,),
        "gru_reset_before": (CHRONO,),
        "janet": (CHRONO, LONGER),
    },
    ("copy_memory", 200): {
        "exprnn": (),
        "scornn": (),
        "eunn": (),
    },
}
COLUMNS = ("cell", "weights", "seconds", "threads", "test", "solved", "flags")


def flags_of(task, difficulty, cell):
    """Return the flags of the row's `zoo train`, without those of its folder and output."""
    return [
        f"--task={task}",
        f"--difficulty={difficulty}",
        f"--cell={cell}",
        f"--max_minutes={PROBLEMS[task, difficulty].minutes}",
        *(flag.format(difficulty=difficulty) for flag in ROWS[task, difficulty][cell]),
    ]


def command_of(task, difficulty, cell):
    """Return the command of a row, as a user would type it."""
    flags = flags_of(task, difficulty, cell)
    return " ".join(["zoo train", *flags, f"--run_dir=runs/{task}_{difficulty}_{cell}"])


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
    result = trained(flags_of(task, difficulty, cell), threads)
    score = next(iter(result["metrics"].values()))["value"]
    return {
        "task": task,
        "difficulty": difficulty,
        "cell": cell,
        "command": command_of(task, difficulty, cell),
        "weights": result["parameters"],
        "threads": threads,
        "seconds": round(result["seconds"]),
        "test": score,
        "solved": score < PROBLEMS[task, difficulty].solved,
    }


def read(path):
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [json.loads(line) for line in lines]


def print_tables(records):
    """Print a Markdown table for each problem, the best score first."""
    for (task, difficulty), problem in PROBLEMS.items():
        found = [
            each for each in records if (each["task"], each["difficulty"]) == (task, difficulty)
        ]
        print(f"### {task} {difficulty}: at most {problem.minutes} minutes, ", end="")
        print(f"solved below {problem.solved:.2g}\n")
        for row in (COLUMNS, ["---"] * len(COLUMNS), *map(_row, sorted(found, key=_score))):
            print(f"| {' | '.join(map(str, row))} |")
        print()


def _score(record):
    return record["test"]


def _row(record):
    given = " ".join(f"`{flag}`" for flag in record["command"].split()[6:-1])
    solved = "yes" if record["solved"] else "no"
    weights, score = f"{record['weights']:,}", f"{record['test']:.2g}"
    size = f"`{record['cell']}`", weights, record["seconds"], record["threads"]
    return *size, score, solved, given


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
    chosen = [
        (task, difficulty, cell)
        for (task, difficulty), cells in ROWS.items()
        for cell in cells
        if flags.task in (None, task)
        and flags.difficulty in (None, difficulty)
        and (flags.cells is None or cell in flags.cells.split(","))
    ]
    if not chosen:
        parser.error("no row has this task, difficulty and cell; see ROWS in the file")
    for row in chosen:
        if command_of(*row) not in [each["command"] for each in read(flags.path)]:
            with flags.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(record(*row, flags.threads)) + "\n")
    print_tables(read(flags.path))


if __name__ == "__main__":
    main()
