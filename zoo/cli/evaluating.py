"""`zoo evaluate`: score one run on a split, or several runs at several difficulties."""

import os
import pathlib
import time
from collections.abc import Sequence
from typing import Any

from tasks.data.labelled_files import LabelledFile, read_labelled
from zoo.cli.flags import Verb, existing_path, required
from zoo.cli.output import print_json, print_text, quiet_tensorflow, scores, table
from zoo.cli.reading import COLUMN_FIELDS, check_columns, loaded_roles
from zoo.config import Config
from zoo.errors import RequestError
from zoo.runs import data_summary
from zoo.runs.console import notify

SPLITS = ("train", "validation", "test")
RUN_DIRS = "RUN_DIR..."
FILE_FIELDS = ("data", *COLUMN_FIELDS)
DECODING_FIELDS = ("beam", "length_penalty")  # fields that may change without a new training


def run(argv: Sequence[str]) -> int:
    """Run `zoo evaluate`."""
    verb = _verb()
    positionals = verb.parse(argv)
    if positionals is None:
        return 0
    folders = [
        existing_path(verb, folder, RUN_DIRS)
        for folder in required(verb, positionals[RUN_DIRS], RUN_DIRS)
    ]
    _check_flags(verb, folders)
    if verb["difficulties"] is not None:
        return _by_length(verb, folders)
    if verb["data"] is not None:
        return _on_files(verb, folders[0])
    return _on_split(verb, folders[0])


def _verb() -> Verb:
    verb = Verb(
        "evaluate",
        "zoo evaluate RUN_DIR\nzoo evaluate RUN_DIR --data=new.csv\n"
        "zoo evaluate RUN_DIR... --difficulties=50,100,200\n\n"
        "Evaluates the model of a run on a split. With --data: on a labelled file, which is read\n"
        "as in training. With --difficulties, for tasks with generated data: evaluates one or\n"
        "more runs at each difficulty, and plots score against length.",
        (RUN_DIRS,),
    )
    verb.text("split", "the split to evaluate on", "test", group="data", choices=SPLITS)
    verb.text(
        "difficulties",
        "lengths or delays to evaluate at, separated by commas",
        group="data",
        kind="INTS",
    )
    verb.picture(
        "path",
        "file of the plot of score against length",
        "plots/score_by_length.png in the first RUN_DIR",
    )
    verb.fields(Config, (*FILE_FIELDS, *DECODING_FIELDS))
    return verb


def _check_flags(verb: Verb, folders: Sequence[str]) -> None:
    if verb["split"] not in SPLITS:
        raise RequestError(
            f"--split={verb['split']}: unknown split. Choose one of: {', '.join(SPLITS)}."
        )
    _check_files(verb)
    if verb["difficulties"] is not None:
        return
    if len(folders) > 1:
        raise RequestError(
            f"{len(folders)} runs ({', '.join(folders)}) can be compared only at difficulties. "
            "Give --difficulties=50,100,200, or one run."
        )
    if verb["path"] is not None:
        raise RequestError(
            f"--path={verb['path']} is for the plot of score against length. "
            "Give --difficulties as well."
        )


def _check_files(verb: Verb) -> None:
    check_columns(verb, "data", verb["data"] is not None)
    if verb["data"] is None:
        return
    for other in ("split", "difficulties"):
        if verb.values[other].present:
            raise RequestError(
                f"--data and --{other}: a file is not a part of the run's dataset. Give one of "
                "them."
            )
    for path in verb.config(FILE_FIELDS).data:
        if not os.path.isfile(os.path.expanduser(path)):
            raise RequestError(f"--data={path} is not a file. Name a labelled file.")


def _on_files(verb: Verb, folder: str) -> int:
    start = time.monotonic()
    file = _labelled_file(folder, verb.config(FILE_FIELDS))  # before TensorFlow is imported
    quiet_tensorflow()
    from zoo.evaluation.new_data import evaluate_file
    from zoo.models.resolve import resolve
    from zoo.runs.run import Run

    run = Run.finished(folder)
    config = resolve(verb.updated(run.config, DECODING_FIELDS))
    notify(file.summary.line())
    found = evaluate_file(run, config, file)
    seconds, data = round(time.monotonic() - start, 1), list(verb.config(FILE_FIELDS).data)
    if verb["json"]:
        print_json({"run_dir": folder, "data": data, "seconds": seconds, **found})
        return 0
    scores(found["metrics"], f"{', '.join(data)} ({found['examples']:,} examples), {folder}")
    if found["unknown_labels"]:
        labels = ", ".join(
            f"{label!r} ({count:,})" for label, count in found["unknown_labels"].items()
        )
        print_text(f"labels that the training data lacks, all counted as wrong: {labels}")
    return 0


def _labelled_file(folder: str, config: Config) -> LabelledFile:
    if not (pathlib.Path(folder) / "config.json").exists():
        quiet_tensorflow()
        from zoo.runs.run import Run

        Run.finished(folder)  # raises
    task, trained = data_summary.trained_files(pathlib.Path(folder))
    roles = loaded_roles(task)
    return read_labelled(trained, config.data, roles, config.features, config.header)


def _on_split(verb: Verb, folder: str) -> int:
    start = time.monotonic()
    quiet_tensorflow()
    from zoo.evaluation.evaluator import evaluate
    from zoo.models.resolve import resolve
    from zoo.runs.run import Run
    from zoo.runs.run_data import read_corpus

    finished = Run.finished(folder)
    config = resolve(verb.updated(finished.config, DECODING_FIELDS))
    corpus = read_corpus(finished, config, ("train", verb["split"]))  # the baseline uses train
    metrics = evaluate(finished.load_model(), config, finished.features, corpus, verb["split"])
    result = {
        "run_dir": folder,
        "split": verb["split"],
        "seconds": round(time.monotonic() - start, 1),
        "metrics": metrics,
    }
    if verb["json"]:
        print_json(result)
    else:
        scores(metrics, f"{verb['split']}, {folder}")
    return 0


def _by_length(verb: Verb, folders: Sequence[str]) -> int:
    start, difficulties = time.monotonic(), verb.numbers("difficulties")
    quiet_tensorflow()
    from zoo.evaluation.score_by_length import score_by_length

    result = score_by_length(folders, difficulties, verb["split"], verb["path"], notify)
    result["seconds"] = round(time.monotonic() - start, 1)
    if verb["json"]:
        print_json(result)
    else:
        _print_lengths(result)
    return 0


def _print_lengths(result: dict[str, Any]) -> None:
    from zoo.reports.lengths import run_labels

    columns = [result["baseline"], *(run["scores"] for run in result["runs"])]
    labels = run_labels(result["runs"])
    better = "higher" if result["higher_is_better"] else "lower"
    table(
        (f">{result['dataset']}/", ">trivial baseline", *[f">{label}" for label in labels]),
        [
            (difficulty, *[f"{score:.4f}" for score in row])
            for difficulty, *row in zip(result["difficulties"], *columns, strict=True)
        ],
        f"{result['metric']}, {result['split']}, {better} is better",
    )
    print_text(f"\nplot: {result['picture']}")
