"""The search: trials are runs in folders, the best of them becomes the run of the search."""

import contextlib
import dataclasses
import gc
import io
import math
import pathlib
import shutil

import keras
import keras_tuner
from keras_tuner.engine.base_tuner import BaseTuner
from keras_tuner.engine.trial import TrialStatus

from tasks.library import tasks
from zoo import assembly, export, files
from zoo.config import Search, difference
from zoo.errors import RequestError, RunError
from zoo.progress import Shown, Silent, console
from zoo.reports.writing import write_if_possible
from zoo.runs import Run
from zoo.training import Session, conclude
from zoo.tuning.hypermodel import HyperModel
from zoo.tuning.tuners import tuners

RUN_FILES = ("config.json", "vocabularies.json", "history.csv", "model.keras")


def tune(config, run_dir, space=None, search=None, verbose=False):
    """Searches `space` (see `HyperModel`) around `config`, evaluates the best trial once on test and exports it.

    The same call goes on with a search that was interrupted, and returns the stored result of a finished one:
    {"objective", "baseline" (the trivial predictor's, on validation), "seconds", "trials", "best", "metrics"}.
    Raises RequestError when the folder holds another search, RunError when no trial succeeded.
    """
    folder, search = pathlib.Path(run_dir), search or Search()
    hypermodel = HyperModel(config, space)
    metric = _objective(config, search)
    wanted = {"config": config.to_json(), "space": {name: list(values) for name, values in hypermodel.space.items()},
              "search": dataclasses.asdict(search)}
    _check(folder, wanted)
    if (folder / "leaderboard.json").exists():
        return Run(folder).stored("leaderboard.json")
    hypermodel.corpus = assembly.read_corpus(assembly.resolve(config))
    files.write_json(folder / "search.json", wanted)  # the folder is the search's once its data was found
    tuner = _Tuner(hypermodel, folder, search, metric, verbose)
    tuner.search()
    return _conclude(folder, tuner, metric)


def _objective(config, search):
    metrics = {metric.name: metric for metric in tasks.get(config.task).metrics}
    name = search.objective or next(iter(metrics))
    if name not in metrics:
        raise RequestError(f"objective={name}: task {config.task!r} is not scored by it. Choose one of: "
                           f"{', '.join(metrics)}.")
    return metrics[name]


def _check(folder, wanted):
    """RequestError if `folder` is another search's, or holds something else."""
    if (folder / "search.json").exists():
        if (stored := Run(folder).stored("search.json")) != wanted:
            flat = [{f"{part}.{key}": value for part in each for key, value in each[part].items()}
                    for each in (stored, wanted)]
            raise RequestError(f"run_dir={folder} holds another search ({difference(*flat)}). "
                               "Choose another --run_dir, or repeat the first command to go on with it.")
    elif not files.is_free(folder):
        raise RequestError(f"run_dir={folder} exists and is no search. Choose a new or an empty folder.")


def _whole(oracle_class):
    """The oracle, its files replaced as a whole: keras-tuner writes in place, and a kill would leave half a file."""

    class Oracle(oracle_class):
        def save(self):
            files.write_json(self._get_oracle_fname(), self.get_state())

        def _save_trial(self, trial):
            files.write_json(pathlib.Path(self._get_trial_dir(trial.trial_id)) / "trial.json", trial.get_state())

    return Oracle


class _Tuner(BaseTuner):
    """keras-tuner's loop of trials, each trained as a run of its own in trials/ID."""

    def __init__(self, hypermodel, folder, search, metric, verbose):
        self.space, self.folder, self.metric, self.verbose = hypermodel, folder, metric, verbose
        minutes = hypermodel.base.max_minutes
        self.limit = math.inf if minutes is None else minutes * 60
        oracle = _whole(getattr(keras_tuner.oracles, tuners.get(search.tuner)))(
            objective=keras_tuner.Objective(metric.name, "max" if metric.higher_is_better else "min"),
            max_trials=search.max_trials, seed=hypermodel.base.seed + 1,  # keras-tuner takes 0 for "any"
            max_consecutive_failed_trials=search.max_trials + 1)
        oracle.verbose = 0
        with contextlib.redirect_stdout(io.StringIO()):  # it announces on stdout that it goes on
            super().__init__(oracle, hypermodel.configure, directory=str(folder), project_name="search")

    def _trial_folder(self, trial):
        return self.folder / "trials" / trial.trial_id

    @property
    def spent(self):
        """Seconds of training in all trials so far."""
        return sum(_seconds(self._trial_folder(trial)) for trial in self.oracle.trials.values())

    def save(self):
        """As keras-tuner's, which would write its own file in place: a kill would leave half of it."""
        self.oracle.save()
        files.write_json(self._get_tuner_fname(), self.get_state())

    def _try_run_and_update_trial(self, trial):
        """As keras-tuner's, which would print the traceback of every failed trial."""
        try:
            self._run_and_update_trial(trial)
            trial.status = TrialStatus.COMPLETED
        except Exception as error:
            trial.status, trial.message = TrialStatus.INVALID, f"{type(error).__name__}: {error}"

    def pre_create_trial(self):
        if self.spent >= self.limit:
            self.oracle.max_trials = len(self.oracle.trials)

    def run_trial(self, trial):
        config = dataclasses.replace(self.space.configure(trial.hyperparameters), max_minutes=None)
        folder = self._trial_folder(trial)
        label = f"trial {len(self.oracle.end_order) + 1}/{self.oracle.max_trials} "
        if self.verbose:
            console.print(f"{label}{self.describe(trial)}", soft_wrap=True)
        session = Session(config, Run.of(folder, config), self.space.corpus, self.space.features(config),
                          Shown(label) if self.verbose else Silent(), objective=self.metric.name,
                          seconds_limit=self.limit - self.spent + _seconds(folder))
        session.go_on()
        score = session.best["scores"][self.metric.name]
        keras.backend.clear_session()
        gc.collect()
        return {self.metric.name: score}

    def on_trial_end(self, trial):
        super().on_trial_end(trial)
        files.write_json(self.folder / "trials.json", self.records())  # what `zoo report` tells before the end
        if self.verbose and trial.status == "FAILED":
            console.print(f"trial {trial.trial_id} failed: {_reason(trial)}", soft_wrap=True)

    def describe(self, trial):
        return " ".join(f"{name}={value}" for name, value in trial.hyperparameters.values.items())

    def records(self):
        """What each trial was and gave, in the order they began."""
        return [{"id": trial_id, "status": trial.status.lower(), "reason": _reason(trial), "score": trial.score,
                 "seconds": round(_seconds(self._trial_folder(trial)), 1),
                 "parameters": (Run(self._trial_folder(trial)).progress or {}).get("parameters"),
                 "config": self.space.configure(trial.hyperparameters).to_json()}
                for trial_id, trial in sorted(self.oracle.trials.items())]


def _seconds(folder):
    """Seconds of training in a trial's folder, as its last checkpoint has them."""
    progress = Run(folder).progress
    return progress["seconds"] if progress else 0.0


def _reason(trial):
    """The last line of what went wrong in a trial, without the name of the exception; None if nothing did."""
    if not trial.message:
        return None
    last = trial.message.strip().splitlines()[-1]
    return last.partition(": ")[2] or last


def _conclude(folder, tuner, metric):
    """Makes the best trial the run of the search: one look at test, export, report, and the leaderboard."""
    trials = tuner.records()
    done = [trial for trial in trials if trial["score"] is not None]
    if not done:
        first = trials[0]["reason"] if trials else "none ran."
        raise RunError(f"none of {len(trials)} trials succeeded; the first: {first} Change what it names, "
                       "and search again in another --run_dir.")
    best = (max if metric.higher_is_better else min)(done, key=lambda trial: trial["score"])
    for name in RUN_FILES:
        with files.replacing(folder / name) as path:
            shutil.copyfile(folder / "trials" / best["id"] / name, path)
    run = Run(folder)
    progress = Run(folder / "trials" / best["id"]).progress
    run.save_result(conclude(run, tuner.space.corpus, best["seconds"], progress["best"]))
    splits = tuner.space.corpus.splits
    trivial = tasks.get(run.config.task).baseline(run.features, splits["train"], splits["validation"])
    baseline = float(metric.function(trivial))
    export.export(run)
    result = {"objective": metric.name, "baseline": baseline, "seconds": round(tuner.spent, 1), "trials": trials,
              "best": {key: best[key] for key in ("id", "score", "config")}, "metrics": run.result["metrics"]}
    write_if_possible(folder, result)
    files.write_json(folder / "leaderboard.json", result)  # last: a search with a leaderboard is finished
    return result
