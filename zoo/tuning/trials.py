"""The loop of trials: keras-tuner chooses hyperparameters, `Session` trains each trial as a run."""

import contextlib
import dataclasses
import io
import math
import os
import pathlib
import traceback

import keras_tuner
from keras_tuner.engine.base_tuner import BaseTuner
from keras_tuner.engine.trial import Trial, TrialStatus

from tasks.task import Metric
from zoo.config import Search
from zoo.errors import OUT_OF_MEMORY, RequestError, RunError, is_out_of_memory
from zoo.runs import files
from zoo.runs.console import notify
from zoo.runs.progress import ConsoleProgress, NullProgress
from zoo.runs.run import Run
from zoo.training.networks import SharedNetworks, released_gradients
from zoo.training.session import Session
from zoo.tuning.gradients import TrialGradients
from zoo.tuning.hypermodel import HyperModel
from zoo.tuning.oracles import oracle_class
from zoo.tuning.records import (
    TrialRecords,
    failure_reason,
    reading_state,
    seconds_of_training,
)


class TrialTuner(BaseTuner):
    """A tuner of keras-tuner whose trials are runs in the folders trials/ID.

    Args:
        hypermodel: the search space and its data.
        folder: the folder of the search.
        search: the settings of the search, with a number of trials.
        metric: the metric of the objective.
        epochs: the number of epochs of a full training.
        verbose: whether to show the progress on the console.
    """

    def __init__(
        self,
        hypermodel: HyperModel,
        folder: pathlib.Path,
        search: Search,
        metric: Metric,
        epochs: int,
        verbose: bool = False,
    ) -> None:
        self.space, self.folder, self.metric = hypermodel, folder, metric
        self.verbose, self.networks = verbose, SharedNetworks()
        self.gradients = TrialGradients()
        minutes = hypermodel.base.max_minutes
        self.seconds_limit = math.inf if minutes is None else minutes * 60
        direction = "max" if metric.higher_is_better else "min"
        oracle = oracle_class(search.tuner)(
            search.max_trials,
            epochs,
            seed=hypermodel.base.seed,
            objective=keras_tuner.Objective(metric.name, direction),
        )
        self.records = TrialRecords(oracle, hypermodel, folder)
        # keras-tuner prints that it reloads.
        with contextlib.redirect_stdout(io.StringIO()), reading_state(folder / "search"):
            super().__init__(
                oracle, hypermodel.configure, directory=str(folder), project_name="search"
            )
            self.records.all()  # the values of the trials are those of the search space

    def on_search_begin(self) -> None:
        """Save the search: keras-tuner saves it only after the first trial."""
        self.save()

    def save(self) -> None:
        """Save the state; keras-tuner would not write its file atomically."""
        self.oracle.save()
        files.write_json(self._get_tuner_fname(), self.get_state())

    def pre_create_trial(self) -> None:
        """End the search when its time budget is exhausted."""
        if self.records.total_seconds() >= self.seconds_limit:
            self.oracle.trials_bound = len(self.oracle.trials)

    def _try_run_and_update_trial(self, trial: Trial) -> None:
        """Run a trial and record its failure; keras-tuner would print the traceback."""
        try:
            self._run_and_update_trial(trial)
            trial.status = TrialStatus.COMPLETED
        except Exception as error:
            reason = OUT_OF_MEMORY if is_out_of_memory(error) else error
            trial.status, trial.message = TrialStatus.INVALID, f"{type(error).__name__}: {reason}"
            with contextlib.suppress(RunError):  # the disk may be full
                files.write_text(self._error_file(trial), traceback.format_exc())
            expected = isinstance(error, (RequestError, RunError))
            if os.environ.get("ZOO_TRACEBACK") and not expected:
                raise

    def _error_file(self, trial: Trial) -> pathlib.Path:
        return self.records.run(trial.trial_id).folder / "error.txt"

    def run_trial(self, trial: Trial) -> dict[str, float]:
        """Train a trial as a run of its own, or resume it; return its best score."""
        self._error_file(trial).unlink(missing_ok=True)  # of an interrupted attempt
        config = dataclasses.replace(self.space.configure(trial.hyperparameters), max_minutes=None)
        run, continued = self.records.run(trial.trial_id), self.records.continued_run(trial)
        if continued:
            run.resume_from(continued)
        label = f"trial {len(self.oracle.end_order) + 1}/{self.oracle.trials_bound} "
        if self.verbose:
            notify(f"{label}{self._describe(trial)}")
        seconds_left = self.seconds_limit - self.records.total_seconds()
        corpus = self.space.corpus
        assert corpus is not None
        session = Session(
            config,
            Run.open(run.folder, config),
            corpus,
            self.space.features(config),
            ConsoleProgress(label) if self.verbose else NullProgress(),
            objective=self.metric.name,
            seconds_limit=seconds_left + seconds_of_training(run),
            until=self.oracle.schedule(trial).get("epochs"),
            networks=self.networks,
        )
        with released_gradients():
            session.train()
            self.gradients.write(session)
        assert session.best is not None
        return {self.metric.name: session.best["scores"][self.metric.name]}

    def on_trial_end(self, trial: Trial) -> None:
        """Save the oracle and the records, and report a failure."""
        super().on_trial_end(trial)
        self._save_records()
        if self.verbose and trial.status == TrialStatus.FAILED:
            reason = failure_reason(trial)
            notify(f"trial {trial.trial_id} failed: {reason}")

    def on_search_end(self) -> None:
        """Save the records once more, after a kill, and free the memory of the trials."""
        super().on_search_end()
        self._save_records()
        self.networks.clear()

    def _save_records(self) -> None:
        """Write trials.json, from which `zoo report` shows an unfinished search."""
        files.write_json(self.folder / "trials.json", self.records.all())

    def _describe(self, trial: Trial) -> str:
        values = {
            name: value
            for name, value in trial.hyperparameters.values.items()
            if not name.startswith("tuner/")
        }
        schedule = {
            name: value for name, value in self.oracle.schedule(trial).items() if value is not None
        }
        return " ".join(f"{name}={value}" for name, value in {**values, **schedule}.items())
