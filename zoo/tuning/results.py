"""The result of a search: the best trial becomes the run of the search."""

import pathlib
from typing import Any

from tasks.task import Metric
from zoo.errors import RunError
from zoo.evaluation.result import final_result
from zoo.reports.report import best_trial
from zoo.reports.writing import write_if_possible
from zoo.runs import files
from zoo.runs.run import RUN_FILES, Run
from zoo.saved_models import exporting
from zoo.tuning.trials import TrialTuner


def conclude(folder: pathlib.Path, tuner: TrialTuner, metric: Metric) -> dict[str, Any]:
    """Evaluate the best trial once on test, export it, and write report and leaderboard.

    Args:
        folder: the folder of the search.
        tuner: the tuner after its last trial.
        metric: the metric of the objective.

    Returns:
        The result, which `zoo.tune` returns.

    Raises:
        RunError: no trial succeeded.
    """
    trials = tuner.records.all()
    if (best := best_trial(trials, metric)) is None:
        raise _no_success(trials)
    run, source = Run(folder), tuner.records.run(best["id"])
    progress, corpus = source.read_progress(), tuner.space.corpus
    if progress is None:
        raise files.unreadable(source.folder / "checkpoint.npz", "it does not exist")
    # In an extended search, metrics.json may belong to another model.
    (folder / "metrics.json").unlink(missing_ok=True)
    run.copy(source, RUN_FILES)
    assert corpus is not None
    stopped = progress.get("stopped")  # absent in checkpoints of version 0.1.0
    run.save_result(final_result(run, corpus, progress["seconds"], progress["best"], stopped))
    exporting.export(run)
    assert run.result is not None
    result = {
        "objective": metric.name,
        "baseline": run.result["validation_baseline"][metric.name],
        "seconds": round(tuner.records.total_seconds(), 1),
        "trials": trials,
        "best": {key: best[key] for key in ("id", "score", "config")},
        "metrics": run.result["metrics"],
    }
    write_if_possible(folder, result)
    files.write_json(folder / "leaderboard.json", result)  # last: the search is finished
    return result


def _no_success(trials: list[dict[str, Any]]) -> RunError:
    first = trials[0]["reason"] if trials else "the search has no trial."
    return RunError(
        f"none of {len(trials)} trials succeeded; the first: {first} Correct the cause, and "
        "search again in another --run_dir."
    )
