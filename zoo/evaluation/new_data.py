"""Scores of a run on labelled files that it was not trained on."""

import collections
from collections.abc import Sequence
from typing import Any

from tasks.data import comparison
from tasks.data.labelled_files import LabelledFile
from tasks.data.roles import Example
from tasks.library import tasks
from tasks.task import Task
from tasks.text.features import Features
from zoo.config import Config
from zoo.errors import RequestError, RunError
from zoo.evaluation.evaluator import Evaluator, baseline_scores, metric_records
from zoo.runs.run import Run
from zoo.runs.run_data import read_corpus


def evaluate_file(run: Run, config: Config, file: LabelledFile) -> dict[str, Any]:
    """Score a run on a file, with the vocabularies of its training.

    Args:
        run: a run that has a model.
        config: its configuration, whose decoding may have been changed.
        file: the examples.

    Returns:
        {"metrics", "examples", "read", "unknown_labels"}: metric records as in `metrics.json`,
        whose trivial baseline is None if the training data cannot be read; the number of examples;
        what was read; and the number of occurrences of each label that the training data lacks.
    """
    task, fitted, examples = tasks.get(config.task), run.features, file.examples
    scores = Evaluator(run.load_model(), config, fitted, examples, final=True).scores()
    try:
        baseline = baseline_scores(config, fitted, read_corpus(run, config, ("train",)), examples)
    except (RequestError, RunError):  # the training data has moved or changed
        baseline = None
    return {
        "metrics": metric_records(scores, task, baseline),
        "examples": len(examples),
        "read": file.summary.to_json(),
        "unknown_labels": _unknown_labels(task, fitted, examples),
    }


def _unknown_labels(task: Task, features: Features, examples: Sequence[Example]) -> dict[str, int]:
    """Return the labels that the vocabulary lacks, the most frequent first, with their counts."""
    role = comparison.classes_role(task.roles)
    if role is None:
        return {}
    known = set(features.tables[features.names[-1]].tokens)
    counts = collections.Counter(comparison.classes(examples, role))
    return {label: count for label, count in counts.most_common() if label not in known}
