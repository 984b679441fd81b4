"""What there is to tell of a run or a search folder, finished or as far as it is; read from its files alone."""

import dataclasses
import pathlib

from tasks.library import tasks
from zoo.config import Config
from zoo.errors import RequestError
from zoo.runs.run import Run


@dataclasses.dataclass(frozen=True)
class Report:
    """Values of JSON alone, but for `metric`, the `tasks.task.Metric` that decides.

    metrics: the report on test, None before the end. history: the record of each epoch, of a search's best trial.
    best: the chosen epoch and its validation scores, None before the first. trials, space, histories (trial id ->
    history): of a search, else empty. baseline: the trivial predictor's score by `metric`, on the split
    `baseline_split`; None before the end.
    """

    folder: pathlib.Path
    kind: str
    finished: bool
    config: dict
    metric: object
    metrics: dict | None
    baseline: float | None
    baseline_split: str
    history: list
    best: dict | None
    parameters: int | None
    seconds: float
    trials: list = dataclasses.field(default_factory=list)
    best_trial: str | None = None
    space: dict = dataclasses.field(default_factory=dict)
    histories: dict = dataclasses.field(default_factory=dict)

    def to_json(self):
        """What `zoo report --json` prints."""
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
            "history": self.history,
            "trials": self.trials,
            "config": self.config,
        }


def gather(folder, result=None):
    """The Report of a folder; RequestError if it is neither a run's nor a search's.

    result: that of a run or a search which is about to be finished, else the stored one.
    """
    folder = pathlib.Path(folder)
    if (folder / "search.json").exists():
        return _of_search(folder, result)
    if (folder / "config.json").exists():
        return _of_run(folder, result)
    raise RequestError(
        f"{folder} is no run folder: it has neither a config.json nor a search.json. "
        "Make one with `zoo train` or `zoo tune`."
    )


def _of_run(folder, result):
    run = Run(folder)
    config, result, progress = run.config, result or run.result, run.progress or {}
    metric = tasks.get(config.task).metrics[0]
    done = result or {
        "metrics": None,
        "validation": progress.get("best"),
        "seconds": progress.get("seconds", 0.0),
    }
    return Report(
        folder,
        "run",
        result is not None,
        config.to_json(),
        metric,
        done["metrics"],
        done["metrics"][metric.name]["baseline"] if result else None,
        "test",
        run.history,
        done["validation"],
        done.get("parameters", progress.get("parameters")),
        round(done["seconds"], 1),
    )


def _of_search(folder, result):
    run = Run(folder)
    asked = run.stored("search.json")
    base = Config.from_json(asked["config"])
    metrics = {metric.name: metric for metric in tasks.get(base.task).metrics}
    metric = metrics[asked["search"]["objective"] or next(iter(metrics))]
    if result is None and (folder / "leaderboard.json").exists():
        result = run.stored("leaderboard.json")
    trials = result["trials"] if result else _trials_so_far(folder, metric)
    scored = [trial for trial in trials if trial["score"] is not None]
    best = (max if metric.higher_is_better else min)(
        scored, key=lambda trial: trial["score"], default=None
    )
    histories = {trial["id"]: Run(folder / "trials" / trial["id"]).history for trial in trials}
    progress = best and Run(folder / "trials" / best["id"]).progress or {}
    return Report(
        folder,
        "search",
        result is not None,
        best["config"] if best else base.to_json(),
        metric,
        result and result["metrics"],
        result and result["baseline"],
        "validation",
        histories[best["id"]] if best else [],
        progress.get("best"),
        progress.get("parameters"),
        round(sum(trial["seconds"] for trial in trials), 1),
        trials,
        best and best["id"],
        asked["space"],
        histories,
    )


def _trials_so_far(folder, metric):
    """The records of the trials that ended, and one of each that has begun."""
    ended = Run(folder).stored("trials.json") if (folder / "trials.json").exists() else []
    known = {trial["id"] for trial in ended}
    begun = sorted(
        path.parent for path in folder.glob("trials/*/config.json") if path.parent.name not in known
    )
    return ended + [_begun(Run(path), metric) for path in begun]


def _begun(run, metric):
    progress = run.progress or {"epoch": 0, "seconds": 0.0, "best": None}
    return {
        "id": run.folder.name,
        "status": f"epoch {progress['epoch']} of {run.config.epochs}",
        "reason": None,
        "score": progress["best"] and progress["best"]["scores"][metric.name],
        "seconds": round(progress["seconds"], 1),
        "parameters": progress.get("parameters"),
        "config": run.config.to_json(),
    }
