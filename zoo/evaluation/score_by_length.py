"""Scores of finished runs at other difficulties than their own: trained short, tested long."""

import dataclasses
import pathlib

from tasks.data import difficulty
from tasks.library import tasks
from zoo.errors import RequestError
from zoo.evaluation.evaluator import Evaluator
from zoo.models import assembly
from zoo.reports import lengths
from zoo.runs.run import Run


def score_by_length(folders, difficulties, split="test", path=None, tell=lambda message: None):
    """Scores the models of runs at each difficulty of their generated dataset, and draws score against length.

    path: of the picture; by default plots/score_by_length.png in the first run's folder. tell: is called with a
    message before each difficulty, the first time of which takes some seconds to generate.
    Returns {"split", "dataset", "metric", "unit", "higher_is_better", "difficulties", "baseline" (of each of them),
    "runs": [{"run_dir", "cell", "trained_at", "scores"}], "picture"}.
    Raises RequestError for runs without difficulties, and for runs that cannot be compared.
    """
    runs = [Run.finished(folder) for folder in folders]
    configs = [run.config for run in runs]
    _check_alike(folders, configs)
    asked = [(run.model, config, run.features) for run, config in zip(runs, configs, strict=True)]
    baseline, scores = [], []
    for number in difficulties:
        tell(f"{difficulty.base_of(configs[0].dataset)}/{number}, {split}")
        trivial, row = _scores_at(number, asked, split)
        baseline.append(trivial)
        scores.append(row)
    metric = tasks.get(configs[0].task).metrics[0]
    path = pathlib.Path(path or runs[0].folder / "plots" / "score_by_length.png")
    result = {
        "split": split,
        "dataset": difficulty.base_of(configs[0].dataset),
        "metric": metric.name,
        "unit": metric.unit,
        "higher_is_better": metric.higher_is_better,
        "difficulties": list(difficulties),
        "baseline": baseline,
        "runs": [
            {
                "run_dir": str(folder),
                "cell": config.cell,
                "trained_at": difficulty.of(config.dataset),
                "scores": list(column),
            }
            for folder, config, column in zip(
                folders, configs, zip(*scores, strict=True), strict=True
            )
        ],
        "picture": str(path),
    }
    lengths.score_by_length(path, result)
    return result


def _check_alike(folders, configs):
    """RequestError unless all were trained on difficulties of the same dataset, for the same task."""
    for folder, config in zip(folders, configs, strict=True):
        difficulty.at(f"difficulties of {folder}", config.dataset, None)
        first, other = (
            (each.task, difficulty.base_of(each.dataset)) for each in (configs[0], config)
        )
        if other != first:
            raise RequestError(
                f"{folders[0]} was trained for {' on '.join(first)} and {folder} for {' on '.join(other)}. "
                "One picture compares runs of one task on one dataset; draw the others apart."
            )


def _scores_at(number, asked, split):
    """The trivial baseline and the score of each (model, configuration, features) at one difficulty."""
    config = asked[0][1]
    task = tasks.get(config.task)
    name = difficulty.at("difficulties", config.dataset, number)
    splits = assembly.read_corpus(dataclasses.replace(config, dataset=name)).splits
    metric = task.metrics[0]
    trivial = float(metric.function(task.baseline(asked[0][2], splits["train"], splits[split])))
    return trivial, [
        Evaluator(model, config, features, splits[split]).scores()[metric.name]
        for model, config, features in asked
    ]
