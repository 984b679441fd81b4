"""Contents of a report, read from the files of a run or a search, finished or not."""

import dataclasses
import os
import pathlib
from collections.abc import Mapping
from typing import Any

from tasks.library import tasks
from tasks.task import Metric
from zoo.errors import RequestError
from zoo.reports import gradient_plots
from zoo.runs import contents, files, gradient_curves
from zoo.runs.gradient_curves import GradientCurve
from zoo.runs.run import Run

Record = dict[str, Any]  # a JSON object


@dataclasses.dataclass(frozen=True, kw_only=True)
class Report:
    """Contents of the report of a run or a search; JSON values, except `folder` and `metric`.

    Attributes:
        folder: the folder of the run or search.
        kind: "run" or "search".
        finished: whether the run or search is finished.
        config: the configuration; for a search, that of the best trial.
        metric: the metric that chooses the best epoch and the best trial.
        metrics: the metric records on the test split, None until finished.
        baseline: the score of the trivial baseline on the validation split by `metric`, None until
            finished.
        history: the record of each epoch; for a search, those of the best trial.
        best: the chosen epoch and its validation scores, None before the first epoch.
        parameters: number of weights, None if unknown.
        seconds: seconds of training.
        trials: the records of a search's trials.
        best_trial: id of the best trial.
        space: field -> the values that the search chooses from.
        histories: trial id -> the records of its epochs.
        stopped: {"epoch", "reason", "text"}, why training stopped; None if unknown.
        loss_name: name of the training loss, "loss" or "sampled loss".
        analysis: the analysis of the errors on the test split, None without one.
        gradients: the measurements of `zoo train --watch`.
        gradient_curves: the gradient against the lag at each of these measurements.
    """

    folder: pathlib.Path
    kind: str
    finished: bool
    config: Record
    metric: Metric
    metrics: Record | None
    baseline: float | None
    history: list[Record]
    best: Record | None
    parameters: int | None
    seconds: float
    trials: list[Record] = dataclasses.field(default_factory=list)
    best_trial: str | None = None
    space: Record = dataclasses.field(default_factory=dict)
    histories: dict[str, list[Record]] = dataclasses.field(default_factory=dict)
    stopped: Record | None = None
    loss_name: str = "loss"
    analysis: Record | None = None
    gradients: list[Record] = dataclasses.field(default_factory=list)
    gradient_curves: list[GradientCurve] = dataclasses.field(default_factory=list)

    def to_json(self) -> Record:
        """Return the JSON value that `zoo report --json` prints."""
        return {
            "run_dir": str(self.folder),
            "kind": self.kind,
            "finished": self.finished,
            "objective": self.metric.name,
            "baseline": self.baseline,
            "seconds": self.seconds,
            "parameters": self.parameters,
            "metrics": self.metrics,
            "validation": self.best,
            "stopped": self.stopped,
            "loss_name": self.loss_name,
            "error_analysis": self.analysis,
            "history": self.history,
            "gradients": self.gradients,
            "trials": self.trials,
            "config": self.config,
        }


def attention_picture(folder: pathlib.Path) -> pathlib.Path | None:
    """Return the path of a run's attention picture, or None without one.

    Raises:
        RunError: if it is a symbolic link.
    """
    path = files.inside(folder, "plots", "attention.png")
    return path if path.is_file() else None


def gather(folder: str | os.PathLike[str], result: Record | None = None) -> Report:
    """Read the contents of a report from the files of a run or search.

    Args:
        folder: a run or search folder.
        result: the result of a run or search that is about to finish. Default: the stored one.

    Returns:
        The report.

    Raises:
        RequestError: if `folder` is neither a run folder nor a search folder.
    """
    folder = pathlib.Path(folder)
    if (folder / "search.json").exists():
        return _search_report(folder, result)
    if (folder / "config.json").exists():
        return _run_report(folder, result)
    raise RequestError(
        f"{folder} is not a run folder: it has neither a config.json nor a search.json. "
        "Create one with `zoo train` or `zoo tune`."
    )


def _run_report(folder: pathlib.Path, result: Record | None) -> Report:
    run = Run(folder)
    config, result, progress = run.config, result or run.result, run.read_progress() or {}
    metric = tasks.get(config.task).metrics[0]
    if result:  # the report shows this metric
        contents.entry(result["metrics"], metric.name, folder / "metrics.json")
    return Report(
        folder=folder,
        kind="run",
        finished=result is not None,
        config=config.to_json(),
        metric=metric,
        metrics=result["metrics"] if result else None,
        # Absent in the results of version 0.1.0.
        baseline=(result or {}).get("validation_baseline", {}).get(metric.name),
        history=_history(run, metric),
        best=_best(
            result["validation"] if result else progress.get("best"), metric, folder, result
        ),
        parameters=(result or {}).get("parameters", progress.get("parameters")),
        seconds=round(result["seconds"] if result else progress.get("seconds", 0.0), 1),
        stopped=(result or progress).get("stopped"),
        loss_name=_loss_name(config.to_json(), progress),
        analysis=_analysis(folder, result),
        gradients=gradient_plots.read(folder),
        gradient_curves=gradient_curves.read(
            files.inside(
                folder, gradient_curves.path_beside(pathlib.Path(gradient_plots.FILE)).name
            )
        ),
    )


def _search_report(folder: pathlib.Path, result: Record | None) -> Report:
    path = folder / "search.json"
    search = contents.read(folder, path.name)
    base, settings = contents.search_of(search, path)
    metrics = {metric.name: metric for metric in tasks.get(base.task).metrics}
    metric = contents.entry(metrics, settings.objective or next(iter(metrics)), path)
    result = result or contents.read_if_present(folder, "leaderboard.json")
    trials = result["trials"] if result else _unfinished_trials(folder, metric)
    runs = {trial["id"]: Run(files.inside(folder, "trials", trial["id"])) for trial in trials}
    histories = {trial_id: _history(run, metric) for trial_id, run in runs.items()}
    best = best_trial(trials, metric)
    if result and best is None:
        raise files.unreadable(folder / "leaderboard.json", "no trial has a score")
    progress = (best and runs[best["id"]].read_progress()) or {}
    if result and not progress:  # the folders of the trials were removed
        stored = contents.read(folder, "metrics.json")
        progress = {**stored, "best": stored["validation"]}
    return Report(
        folder=folder,
        kind="search",
        finished=result is not None,
        config=best["config"] if best else base.to_json(),
        metric=metric,
        metrics=result["metrics"] if result else None,
        baseline=result["baseline"] if result else None,
        history=histories[best["id"]] if best else [],
        best=_best(progress.get("best"), metric, folder, result),
        parameters=progress.get("parameters"),
        seconds=round(sum(trial["seconds"] for trial in trials), 1),
        trials=trials,
        best_trial=best["id"] if best else None,
        space=search["space"],
        histories=histories,
        stopped=progress.get("stopped"),
        loss_name=_loss_name(best["config"] if best else base.to_json(), progress),
        analysis=_analysis(folder, result),
    )


def _loss_name(config: Record, progress: Record) -> str:
    """Return the name of the training loss; checkpoints of version 0.1.0 do not have it."""
    return progress.get("loss_name", "sampled loss" if config.get("sampled_softmax") else "loss")


def _analysis(folder: pathlib.Path, result: Record | None) -> Record | None:
    """Return the error analysis of a finished run; runs of version 0.1.0 have none."""
    return result and contents.read_if_present(folder, "error_analysis.json")


def _history(run: Run, metric: Metric) -> list[Record]:
    """Return the records of a run's epochs, each with a score by `metric`."""
    records: list[Record] = run.history
    for record in records:
        contents.entry(record, f"validation_{metric.name}", run.folder / "history.csv")
    return records


def _best(
    best: Record | None, metric: Metric, folder: pathlib.Path, result: Record | None
) -> Record | None:
    """Return the chosen epoch, after a check that it has a score, and exists if it must."""
    if best:
        contents.entry(best["scores"], metric.name, folder)
    elif result:
        raise files.unreadable(folder / "metrics.json", "validation is null")
    return best


def best_trial(trials: list[Record], metric: Metric) -> Record | None:
    """Return the record with the best score, None without a score."""
    scored = [trial for trial in trials if trial["score"] is not None]
    choose = max if metric.higher_is_better else min
    return choose(scored, key=lambda trial: trial["score"]) if scored else None


def _unfinished_trials(folder: pathlib.Path, metric: Metric) -> list[Record]:
    """Return the records of the finished trials, and one for each trial that has begun."""
    finished = contents.read_if_present(folder, "trials.json") or []
    ids = {trial["id"] for trial in finished}
    begun = sorted(
        path.parent
        for path in files.inside(folder, "trials").glob("*/config.json")
        if path.parent.name.isdigit() and path.parent.name not in ids
    )
    return finished + [_running_trial(Run(path), metric) for path in begun]


def _running_trial(run: Run, metric: Metric) -> Record:
    files.inside(run.folder.parent, run.folder.name)  # not a link
    progress: Mapping[str, Any] = run.read_progress() or {"epoch": 0, "seconds": 0.0, "best": None}
    return {
        "id": run.folder.name,
        "status": f"epoch {progress['epoch']} of {run.config.epochs}",
        "reason": None,
        "score": progress["best"]
        and contents.entry(progress["best"]["scores"], metric.name, run.folder / "checkpoint.npz"),
        "seconds": round(progress["seconds"], 1),
        "parameters": progress.get("parameters"),
        "stopped": progress.get("stopped"),
        "config": run.config.to_json(),
    }
