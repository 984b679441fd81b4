"""Records of the trials of a search, for the leaderboard and its files."""

import contextlib
import pathlib
from collections.abc import Iterator
from typing import Any

from keras_tuner.engine.trial import Trial

from registry import RegistryError
from zoo.errors import RequestError, RunError, is_out_of_memory
from zoo.runs import files, stored
from zoo.runs.run import Run
from zoo.tuning import gradients
from zoo.tuning.hypermodel import HyperModel
from zoo.tuning.oracles import ResumableOracle


class TrialRecords:
    """The records of the trials of an oracle.

    The record of an ended trial does not change, so it is cached: its configuration is resolved
    once, and its checkpoint is read once.

    Args:
        oracle: the oracle of the search.
        hypermodel: the search space; only `configure` is used.
        folder: the folder of the search; trial ID has the run folder trials/ID.
    """

    def __init__(
        self, oracle: ResumableOracle, hypermodel: HyperModel, folder: pathlib.Path
    ) -> None:
        self.oracle, self.hypermodel, self.folder = oracle, hypermodel, folder
        self._ended: dict[str, dict[str, Any]] = {}
        self._seconds: dict[str, float] = {}

    def run(self, trial_id: str) -> Run:
        """Return the run of a trial; raise RunError for an id that is not a number."""
        if not (trial_id.isascii() and trial_id.isdigit()):
            raise files.unreadable(self.folder / "search", f"{trial_id!r} is not a trial's number")
        return Run(files.inside(self.folder, "trials", trial_id))

    def continued_run(self, trial: Trial) -> Run | None:
        """Return the run that the trial continues (hyperband), or None."""
        previous = self.oracle.schedule(trial).get("continues")
        return self.run(previous) if previous else None

    def seconds(self, trial_id: str) -> float:
        """Return the seconds of training in a trial, without those of the run that it continues."""
        if trial_id in self._seconds:
            return self._seconds[trial_id]
        previous = self.continued_run(self.oracle.trials[trial_id])
        seconds = seconds_of_training(self.run(trial_id))
        seconds = max(0.0, seconds - (seconds_of_training(previous) if previous else 0.0))
        if trial_id in self.oracle.end_order:
            self._seconds[trial_id] = seconds
        return seconds

    def total_seconds(self) -> float:
        """Return the seconds of training in all trials."""
        return sum(map(self.seconds, self.oracle.trials))

    def all(self) -> list[dict[str, Any]]:
        """Return the record of each trial, in the order of their start.

        Returns:
            Per trial: id, status, reason (None unless it failed), score, seconds, the epochs and
            the continued trial where they differ between trials, parameters, stopped (why its
            training stopped, None if unknown), growth, effective_memory, lags and clipped (see
            `zoo.tuning.gradients.columns`), config.
        """
        return [self._record(trial_id) for trial_id in self.oracle.trials]

    def _record(self, trial_id: str) -> dict[str, Any]:
        if trial_id in self._ended:
            return self._ended[trial_id]
        trial = self.oracle.trials[trial_id]
        progress = self.run(trial_id).read_progress() or {}
        record = {
            "id": trial_id,
            "status": trial.status.lower(),
            "reason": failure_reason(trial),
            "score": trial.score,
            "seconds": round(self.seconds(trial_id), 1),
            **self.oracle.schedule(trial),
            "parameters": progress.get("parameters"),
            "stopped": progress.get("stopped"),
            **gradients.columns(self.run(trial_id), progress),
            "config": self.hypermodel.configure(trial.hyperparameters).to_json(),
        }
        if trial_id in self.oracle.end_order:
            self._ended[trial_id] = record
        return record


@contextlib.contextmanager
def reading_state(folder: pathlib.Path) -> Iterator[None]:
    """Turn an error of keras-tuner about its files in `folder` into a RunError."""
    for path in sorted(files.inside(folder.parent, folder.name).rglob("*")):
        files.inside(folder, *path.relative_to(folder).parts)  # not a link
        if path.suffix == ".json":  # an error names the file
            is_trial = path.name == "trial.json"
            files.read_json(path, stored.TRIAL_STATE if is_trial else stored.OBJECT)
    existed = folder.exists()
    try:
        yield
    except (RequestError, RegistryError, RunError):
        raise
    except Exception as error:  # of any kind: keras-tuner does not check its files
        if not existed or is_out_of_memory(error):
            raise
        raise RunError(
            f"cannot read the trials in {folder}: {type(error).__name__}, {error}. Restore the "
            "folder, or search again in another --run_dir."
        ) from error


def seconds_of_training(run: Run) -> float:
    """Return the seconds of training in a run's last checkpoint; 0 without one."""
    progress = run.read_progress()
    return progress["seconds"] if progress else 0.0


def failure_reason(trial: Trial) -> str | None:
    """Return the last line of a trial's error, without the exception's name; None without one."""
    if not trial.message:
        return None
    last = trial.message.strip().splitlines()[-1]
    return last.partition(": ")[2] or last
