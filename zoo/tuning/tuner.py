"""The search: trials are runs in folders, the best of them becomes the run of the search."""

import contextlib
import dataclasses
import gc
import io
import math
import pathlib

import keras
import keras_tuner
from keras_tuner.engine.base_tuner import BaseTuner
from keras_tuner.engine.trial import TrialStatus

from tasks.library import tasks
from zoo.config import Search, difference
from zoo.errors import RequestError, RunError
from zoo.models import assembly
from zoo.models.resolve import resolve
from zoo.reports.writing import write_if_possible
from zoo.runs import files
from zoo.runs.progress import ConsoleProgress, NullProgress, console
from zoo.runs.run import RUN_FILES, Run
from zoo.saved_models import exporting
from zoo.training.session import Session, conclude
from zoo.tuning import oracles
from zoo.tuning.hypermodel import HyperModel
from zoo.tuning.tuners import tuners


def tune(config, run_dir, space=None, search=None, verbose=False):
    """Searches `space` (see `HyperModel`) around `config`, evaluates the best trial once on test and exports it.

    The same call goes on with a search that was interrupted, and with one that ended if `search` now has more trials;
    it returns the stored result of a finished one:
    {"objective", "baseline" (the trivial predictor's, on validation), "seconds", "trials", "best", "metrics"}.
    Raises RequestError when the folder holds another search, RunError when no trial succeeded.
    """
    folder = pathlib.Path(run_dir)
    hypermodel = HyperModel(config, space)
    search = _complete(search or Search(), hypermodel)
    metric = _objective(config, search)
    wanted = {
        "config": config.to_json(),
        "space": {name: list(values) for name, values in hypermodel.space.items()},
        "search": dataclasses.asdict(search),
    }
    more = _check(folder, wanted)
    if (folder / "leaderboard.json").exists() and not more:
        return Run(folder).stored("leaderboard.json")
    hypermodel.corpus = assembly.read_corpus(resolve(config))
    (folder / "leaderboard.json").unlink(missing_ok=True)  # first: with it a search is finished
    files.write_json(
        folder / "search.json", wanted
    )  # the folder is the search's once its data was found
    tuner = _Tuner(hypermodel, folder, search, metric, verbose)
    tuner.search()
    return _conclude(folder, tuner, metric)


def _complete(search, hypermodel):
    """`search` with its number of trials. RequestError where the tuner cannot do with the space."""
    if search.tuner == "hyperband" and (several := hypermodel.space.get("epochs")):
        raise RequestError(
            f"epochs={','.join(map(str, several))}: hyperband itself chooses how many epochs a trial has, up "
            "to --epochs. Give one value."
        )
    usual = _kind(search).default_trials(resolve(hypermodel.base).epochs)
    return dataclasses.replace(search, max_trials=search.max_trials or usual)


def _kind(search):
    return getattr(oracles, tuners.get(search.tuner))


def _objective(config, search):
    metrics = {metric.name: metric for metric in tasks.get(config.task).metrics}
    name = search.objective or next(iter(metrics))
    if name not in metrics:
        raise RequestError(
            f"objective={name}: task {config.task!r} is not scored by it. Choose one of: "
            f"{', '.join(metrics)}."
        )
    return metrics[name]


def _check(folder, wanted):
    """Whether `folder` holds this search with fewer trials. RequestError if it is another search's, or something else."""
    if not (folder / "search.json").exists():
        if not files.is_free(folder):
            raise RequestError(
                f"run_dir={folder} exists and is no search. Choose a new or an empty folder."
            )
        return False
    there, asked = [
        {f"{part}.{key}": value for part in each for key, value in each[part].items()}
        for each in (Run(folder).stored("search.json"), wanted)
    ]
    if {**there, "search.max_trials": asked["search.max_trials"]} != asked:
        raise RequestError(
            f"run_dir={folder} holds another search ({difference(there, asked)}). "
            "Choose another --run_dir, or repeat the first command to go on with it."
        )
    there, asked = there["search.max_trials"], asked["search.max_trials"]
    if asked < there:
        raise RequestError(
            f"run_dir={folder} holds a search of {there} trials, and {asked} were asked for. Give "
            f"--max_trials={there} for its result, a larger number to add trials, or another --run_dir."
        )
    return asked > there


class _Tuner(BaseTuner):
    """keras-tuner's loop of trials, each trained as a run of its own in trials/ID."""

    def __init__(self, hypermodel, folder, search, metric, verbose):
        self.space, self.folder, self.metric, self.verbose = hypermodel, folder, metric, verbose
        minutes = hypermodel.base.max_minutes
        self.limit = math.inf if minutes is None else minutes * 60
        oracle = _kind(search)(
            search.max_trials,
            resolve(hypermodel.base).epochs,
            seed=hypermodel.base.seed,
            objective=keras_tuner.Objective(
                metric.name, "max" if metric.higher_is_better else "min"
            ),
        )
        with contextlib.redirect_stdout(io.StringIO()):  # it announces on stdout that it goes on
            super().__init__(
                oracle, hypermodel.configure, directory=str(folder), project_name="search"
            )

    def run_of(self, trial_id):
        return Run(self.folder / "trials" / trial_id)

    def _continued(self, trial):
        """The run that the trial goes on with, or None."""
        past = self.oracle.training(trial).get("continues")
        return self.run_of(past) if past else None

    def _seconds(self, trial):
        """Seconds of training in a trial, those of the trial that it continues left out."""
        past = self._continued(trial)
        return max(0.0, _seconds(self.run_of(trial.trial_id)) - (_seconds(past) if past else 0.0))

    @property
    def spent(self):
        """Seconds of training in all trials so far."""
        return sum(map(self._seconds, self.oracle.trials.values()))

    def on_search_begin(self):
        self.save()  # keras-tuner saves after the first trial, and until then would begin again

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
            self.oracle.trials_bound = len(self.oracle.trials)

    def run_trial(self, trial):
        config = dataclasses.replace(self.space.configure(trial.hyperparameters), max_minutes=None)
        run, past = self.run_of(trial.trial_id), self._continued(trial)
        if past:
            run.resume_from(past)
        label = f"trial {len(self.oracle.end_order) + 1}/{self.oracle.trials_bound} "
        if self.verbose:
            console.print(f"{label}{self.describe(trial)}", soft_wrap=True)
        session = Session(
            config,
            Run.of(run.folder, config),
            self.space.corpus,
            self.space.features(config),
            ConsoleProgress(label) if self.verbose else NullProgress(),
            objective=self.metric.name,
            seconds_limit=self.limit - self.spent + _seconds(run),
            until=self.oracle.training(trial).get("epochs"),
        )
        try:
            session.train()
            return {self.metric.name: session.best["scores"][self.metric.name]}
        finally:
            keras.backend.clear_session()
            gc.collect()

    def on_trial_end(self, trial):
        super().on_trial_end(trial)
        self._tell_trials()
        if self.verbose and trial.status == "FAILED":
            console.print(f"trial {trial.trial_id} failed: {_reason(trial)}", soft_wrap=True)

    def on_search_end(self):
        super().on_search_end()
        self._tell_trials()  # a kill may have come between the last trial's end and this file

    def _tell_trials(self):
        """What `zoo report` tells before the leaderboard is there."""
        files.write_json(self.folder / "trials.json", self.records())

    def describe(self, trial):
        shown = {
            name: value
            for name, value in trial.hyperparameters.values.items()
            if not name.startswith("tuner/")
        }
        told = {
            name: value for name, value in self.oracle.training(trial).items() if value is not None
        }
        return " ".join(f"{name}={value}" for name, value in {**shown, **told}.items())

    def records(self):
        """What each trial was and gave, in the order they began."""
        return [
            {
                "id": trial_id,
                "status": trial.status.lower(),
                "reason": _reason(trial),
                "score": trial.score,
                "seconds": round(self._seconds(trial), 1),
                **self.oracle.training(trial),
                "parameters": (self.run_of(trial_id).progress or {}).get("parameters"),
                "config": self.space.configure(trial.hyperparameters).to_json(),
            }
            for trial_id, trial in self.oracle.trials.items()
        ]


def _seconds(run):
    """Seconds of training in a run, as its last checkpoint has them."""
    progress = run.progress
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
        raise RunError(
            f"none of {len(trials)} trials succeeded; the first: {first} Change what it names, "
            "and search again in another --run_dir."
        )
    best = (max if metric.higher_is_better else min)(done, key=lambda trial: trial["score"])
    run, source = Run(folder), tuner.run_of(best["id"])
    (folder / "metrics.json").unlink(
        missing_ok=True
    )  # of the search before trials were added, and of its model
    run.copy(source, RUN_FILES)
    progress = source.progress
    run.save_result(conclude(run, tuner.space.corpus, progress["seconds"], progress["best"]))
    splits = tuner.space.corpus.splits
    trivial = tasks.get(run.config.task).baseline(
        run.features, splits["train"], splits["validation"]
    )
    baseline = float(metric.function(trivial))
    exporting.export(run)
    result = {
        "objective": metric.name,
        "baseline": baseline,
        "seconds": round(tuner.spent, 1),
        "trials": trials,
        "best": {key: best[key] for key in ("id", "score", "config")},
        "metrics": run.result["metrics"],
    }
    write_if_possible(folder, result)
    files.write_json(
        folder / "leaderboard.json", result
    )  # last: a search with a leaderboard is finished
    return result
