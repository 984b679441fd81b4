"""Scores of runs at other difficulties than in training, such as longer sequences."""

import dataclasses
import os
import pathlib
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import keras

from tasks.data import difficulty
from tasks.library import tasks
from tasks.task import Metric
from tasks.text.features import Features
from zoo.config import Config
from zoo.errors import RequestError
from zoo.evaluation.evaluator import Evaluator
from zoo.models import assembly
from zoo.reports import lengths
from zoo.runs import files
from zoo.runs.run import Run


class _TrainedModel(NamedTuple):
    folder: str | os.PathLike[str]
    model: keras.Model
    config: Config
    features: Features


def score_by_length(
    folders: Sequence[str | os.PathLike[str]],
    difficulties: Sequence[int],
    split: str = "test",
    path: str | os.PathLike[str] | None = None,
    notify: Callable[[str], Any] = lambda message: None,
) -> dict[str, Any]:
    """Score the models of runs at each difficulty of their dataset, and draw score against length.

    Args:
        folders: run folders, of the same task and the same generated dataset.
        difficulties: the difficulties.
        split: the split to evaluate on.
        path: file of the picture; default: plots/score_by_length.png in the first run folder.
        notify: called with a message before each difficulty, whose data may take some seconds to
            generate.

    Returns:
        {"split", "dataset", "metric", "unit", "higher_is_better", "difficulties", "baseline" (one
        value per difficulty), "runs": [{"run_dir", "cell", "trained_at", "scores"}], "picture"}.

    Raises:
        RequestError: if the dataset of a run has no difficulty, or the runs differ in their task
            or dataset.
    """
    runs = [Run.finished(folder) for folder in folders]
    _check_comparable(folders, [run.config for run in runs])
    models = [
        _TrainedModel(folder, run.load_model(), run.config, run.features)
        for folder, run in zip(folders, runs, strict=True)
    ]
    path = pathlib.Path(path or files.inside(runs[0].folder, "plots", "score_by_length.png"))
    result = {"split": split, **_scores(models, difficulties, split, notify), "picture": str(path)}
    lengths.score_by_length(path, result)
    return result


def _check_comparable(folders: Sequence[str | os.PathLike[str]], configs: Sequence[Config]) -> None:
    """Raise RequestError unless all runs have the same task and the same generated dataset."""
    expected = _task_and_dataset(configs[0])
    for folder, config in zip(folders, configs, strict=True):
        difficulty.dataset_name(f"difficulties of {folder}", config.dataset, None)
        if _task_and_dataset(config) != expected:
            raise RequestError(
                f"{folders[0]} was trained for {' on '.join(expected)} and {folder} for "
                f"{' on '.join(_task_and_dataset(config))}. A plot compares runs of one task on "
                "one dataset. Evaluate the others separately."
            )


def _task_and_dataset(config: Config) -> tuple[str, str]:
    return config.task, difficulty.base_name(config.dataset) or ""


def _scores(
    models: Sequence[_TrainedModel],
    difficulties: Sequence[int],
    split: str,
    notify: Callable[[str], Any],
) -> dict[str, Any]:
    config = models[0].config
    dataset, metric = difficulty.base_name(config.dataset), tasks.get(config.task).metrics[0]
    baselines, rows = [], []
    for number in difficulties:
        notify(f"{dataset}/{number}, {split}")
        baseline, scores = _scores_at(number, models, split, metric)
        baselines.append(baseline)
        rows.append(scores)
    columns = zip(*rows, strict=True)
    return {
        "dataset": dataset,
        "metric": metric.name,
        "unit": metric.unit,
        "higher_is_better": metric.higher_is_better,
        "difficulties": list(difficulties),
        "baseline": baselines,
        "runs": [
            {
                "run_dir": str(trained.folder),
                "cell": trained.config.cell,
                "trained_at": difficulty.of(trained.config.dataset),
                "scores": list(scores),
            }
            for trained, scores in zip(models, columns, strict=True)
        ],
    }


def _scores_at(
    number: int, models: Sequence[_TrainedModel], split: str, metric: Metric
) -> tuple[float, list[float]]:
    """Return the trivial baseline and the score of each model at one difficulty."""
    first = models[0]
    name = difficulty.dataset_name("difficulties", first.config.dataset, number)
    splits = assembly.read_corpus(dataclasses.replace(first.config, dataset=name)).splits
    sums = tasks.get(first.config.task).baseline(first.features, splits["train"], splits[split])
    return float(metric.function(sums)), [
        Evaluator(trained.model, trained.config, trained.features, splits[split]).scores()[
            metric.name
        ]
        for trained in models
    ]
