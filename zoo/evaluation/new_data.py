"""Scores of a run on labelled files that it was not trained on."""

import collections
import os
import pathlib
from collections.abc import Mapping, Sequence
from typing import Any

from tasks.data import parallel, readers
from tasks.data.roles import UNTAGGED, Example
from tasks.data.splits import drop_empty
from tasks.library import tasks
from tasks.task import Task
from tasks.text.features import Features
from zoo.config import Config
from zoo.errors import RequestError, RunError
from zoo.evaluation.evaluator import Evaluator
from zoo.runs import data_summary
from zoo.runs.run import Run
from zoo.runs.run_data import read_corpus


def evaluate_files(
    run: Run,
    config: Config,
    data: Sequence[str | os.PathLike[str]],
    features: Mapping[str, str] | None = None,
    header: bool | None = None,
) -> dict[str, Any]:
    """Score a run on files, with the vocabularies and the columns of its training.

    Args:
        run: a run that has a model.
        config: its configuration, whose decoding may have been changed.
        data: one labelled file; or for a task on pairs of texts, one file for each.
        features: dict of role name to column, in place of those of training.
        header: whether the first line of a file is a header; None: as in training.

    Returns:
        {"metrics", "examples", "unknown_labels"}: metric records as in `metrics.json`, whose
        trivial baseline is None if the training data cannot be read; the number of examples; and
        the number of occurrences of each label that the training data lacks.

    Raises:
        RequestError: a file cannot be read, or has no example.
    """
    task, fitted = tasks.get(config.task), run.features
    columns = {**data_summary.columns(run.folder), **config.features, **(features or {})}
    header = config.header if header is None else header
    examples = drop_empty(_read(task, data, columns, header))
    if not examples:
        raise RequestError(f"{data[0]} has no example with content. Add one.")
    scores = Evaluator(run.load_model(), config, fitted, examples, final=True).scores()
    try:
        training = read_corpus(run, config, ("train",)).splits["train"]
        baseline = task.baseline(fitted, training, examples)
    except (RequestError, RunError):  # the training data has moved or changed
        baseline = None
    return {
        "metrics": _records(scores, task, baseline),
        "examples": len(examples),
        "unknown_labels": _unknown_labels(task, fitted, examples),
    }


def _read(
    task: Task,
    data: Sequence[str | os.PathLike[str]],
    columns: Mapping[str, str],
    header: bool | None,
) -> list[Example]:
    paths = [pathlib.Path(path).expanduser() for path in data]
    if len(paths) == len(task.roles) > 1 and parallel.are_parallel(paths, task.roles):
        _, contents = parallel.read_contents(paths, task.roles, columns or None, header)
        return contents["train"].examples
    if len(paths) != 1:
        raise RequestError(
            f"data names {len(paths)} paths. Give one file, or for a task on pairs of texts, one "
            "file for each."
        )
    examples, _ = readers.read_file(paths[0], task.roles, columns or None, header)
    return examples


def _records(
    scores: Mapping[str, float], task: Task, baseline: Mapping[str, Any] | None
) -> dict[str, dict[str, Any]]:
    """Return the record of each metric from its value, and from the sums of the baseline."""
    return {
        metric.name: {
            "value": scores[metric.name],
            "unit": metric.unit,
            "higher_is_better": metric.higher_is_better,
            "baseline": None if baseline is None else float(metric.function(baseline)),
            **({"signature": metric.signature()} if metric.signature else {}),
        }
        for metric in task.metrics
    }


def _unknown_labels(task: Task, features: Features, examples: Sequence[Example]) -> dict[str, int]:
    """Return the labels that the vocabulary lacks, the most frequent first, with their counts."""
    role = task.roles[-1]
    if role.kind not in ("label", "tags"):
        return {}
    known = {UNTAGGED, *features.tables[features.names[-1]].tokens}
    counts: collections.Counter[str] = collections.Counter()
    for example in examples:
        value = example[role.name]
        counts.update(value if role.kind == "tags" else [value])
    return {label: count for label, count in counts.most_common() if label not in known}
