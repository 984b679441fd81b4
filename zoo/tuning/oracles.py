"""keras-tuner oracles with atomic writes and complete state: searches are resumable and extensible.

The files have keras-tuner's format, so that keras-tuner's own tuners can open the folder of a
search. keras-tuner has no public interface for this: this module and `zoo.tuning.trials` override
or use these private names of keras-tuner 1.4:

- `_get_oracle_fname`, `_get_trial_dir`, `_save_trial`, `_get_tuner_fname`: atomic writes.
- `_retry_queue`: a trial runs again only if its end was not saved.
- `_ordered_ids`, `_populate_next`: the position of the grid, which keras-tuner does not save.
- `_random_state`: the generator of the Bayesian oracle, which keras-tuner does not save.
- `_vectorize_trials`, `_duplicate`, `_random_populate_space`: failed trials count as the worst
  score, and a point of a discrete space is not tried twice.
- `_get_size`, `_get_num_rounds`, `_get_num_brackets`, `_brackets`, `_random_trial`: the brackets of
  hyperband fit into the number of trials and into an exhausted space.
- `_try_run_and_update_trial`, `_run_and_update_trial`: keras-tuner prints each trial's traceback.
"""

import copy
import math
import pathlib
import warnings
from typing import Any

import keras_tuner
from keras_tuner import oracles
from keras_tuner.engine.trial import Trial, TrialStatus
from threadpoolctl import threadpool_limits

from zoo.runs import files
from zoo.tuning.tuners import tuners

DEFAULT_TRIALS = 10
SEEDS = 2**32
SPREAD = 2_654_435_761  # SEEDS over the golden ratio; odd, so that different seeds stay different
EXHAUSTED = "exhausted"  # key of a bracket for which no new trial can be drawn


class _Seed(int):
    """An integer that is true even if it is 0: keras-tuner replaces a false seed."""

    def __bool__(self) -> bool:
        return True


class ResumableOracle(keras_tuner.Oracle):
    """Mixin: atomic files and full serialization of an oracle's state.

    Args:
        trials: maximum number of trials.
        epochs: number of epochs of a full training.
        seed: an integer in [0, 2**32).
        options: arguments of keras-tuner's oracle.
    """

    def __init__(self, trials: float, epochs: int, seed: int = 0, **options: Any) -> None:
        # keras-tuner draws each value with the next seed, so that neighbouring seeds would give
        # almost the same trials: the seeds are spread. By default it ends a search after three
        # failed trials, with a message that does not name the reason.
        spread = _Seed((seed * SPREAD + 1) % SEEDS)
        super().__init__(seed=spread, max_consecutive_failed_trials=math.inf, **options)
        # keras-tuner pads trial ids to the width of its `max_trials`, which an extension changes.
        self.trials_bound, self.max_trials = trials, None
        self.verbose = 0

    @classmethod
    def default_trials(cls, epochs: int) -> int:
        """Return the default number of trials of a search."""
        return DEFAULT_TRIALS

    def populate_space(self, trial_id: str) -> dict[str, Any]:
        """Return the status and the values of the next trial."""
        if len(self.trials) >= self.trials_bound:
            return {"status": TrialStatus.STOPPED}
        return super().populate_space(trial_id)

    def schedule(self, trial: Trial) -> dict[str, Any]:
        """Return {"epochs", "continues"} of a trial, or {} if all trials have the same epochs."""
        return {}

    def get_state(self) -> dict[str, Any]:
        """Return the state as JSON values in a deterministic order."""
        state = super().get_state()
        return {**state, "tried_so_far": sorted(state["tried_so_far"])}

    def save(self) -> None:
        """Write the state atomically."""
        files.write_json(self._get_oracle_fname(), self.get_state())

    def _save_trial(self, trial: Trial) -> None:
        path = pathlib.Path(self._get_trial_dir(trial.trial_id)) / "trial.json"
        files.write_json(path, trial.get_state())

    def reload(self) -> None:
        """Read the state and make it consistent after a kill.

        The process may have been killed after it wrote a trial's file and before it wrote the
        oracle's. A trial that is missing in the oracle's file is drawn again. A trial whose end is
        missing there is run again. Trials are sorted by their start.
        """
        super().reload()
        self.trials: dict[str, Trial] = {
            trial_id: self.trials[trial_id] for trial_id in self.start_order
        }
        self._retry_queue: list[str] = [
            trial_id for trial_id in self._retry_queue if trial_id not in self.end_order
        ]
        for trial_id in self._retry_queue:
            trial = self.trials[trial_id]
            trial.metrics, trial.score, trial.message = type(trial.metrics)(), None, None


class Random(ResumableOracle, oracles.RandomSearchOracle):
    """Draws each trial at random from the search space."""


class Grid(ResumableOracle, oracles.GridSearchOracle):
    """Tries all combinations."""

    def set_state(self, state: dict[str, Any]) -> None:
        """Restore the state; with one trial at a time the position is after the last trial."""
        super().set_state(state)
        for trial_id in self.start_order:
            self._ordered_ids.insert(trial_id)
        self._populate_next = self.start_order[-1:]


class Bayesian(ResumableOracle, oracles.BayesianOptimizationOracle):
    """Models the scores with a Gaussian process, and tries points that may improve the best."""

    def populate_space(self, trial_id: str) -> dict[str, Any]:
        """Return the status and the values of the next trial, a point that was not tried before."""
        # keras-tuner's default is three random trials per dimension, most of a typical search.
        self.num_initial_points = max(3, len(self.hyperparameters.space))
        # The matrices have one row per trial and are too small for threads. The fit to a few
        # scores may warn that it did not converge.
        with threadpool_limits(1), warnings.catch_warnings(action="ignore"):
            response = super().populate_space(trial_id)
        if response["status"] == TrialStatus.RUNNING and self._duplicate(response["values"]):
            return self._random_populate_space()
        return response

    def _vectorize_trials(self) -> Any:
        """Return inputs and scores of the trials; a failed trial has the worst score.

        keras-tuner ignores failed trials, and would try the same region again.
        """
        trials, worst_of = self.trials, min if self.objective.direction == "max" else max
        worst = worst_of(
            trial.score for trial in trials.values() if trial.status == TrialStatus.COMPLETED
        )
        self.trials = {trial_id: _with_score(trial, worst) for trial_id, trial in trials.items()}
        try:
            return super()._vectorize_trials()
        finally:
            self.trials = trials

    def get_state(self) -> dict[str, Any]:
        """Return the state, including that of the random generator."""
        name, keys, *rest = self._random_state.get_state()
        return {**super().get_state(), "random_state": [name, keys.tolist(), *rest]}

    def set_state(self, state: dict[str, Any]) -> None:
        """Restore the state, including that of the random generator."""
        super().set_state(state)
        self._random_state.set_state(state["random_state"])


def _with_score(trial: Trial, score: float) -> Trial:
    """Return the trial, or a completed copy with `score` if it failed."""
    if trial.status != TrialStatus.FAILED:
        return trial
    trial = copy.copy(trial)
    trial.status, trial.score = TrialStatus.COMPLETED, score
    return trial


class Hyperband(ResumableOracle, oracles.HyperbandOracle):
    """Trains many trials for a few epochs, and continues the best of them.

    A sweep over the brackets is followed by another one as long as trials are left.
    """

    def __init__(self, trials: float, epochs: int, **options: Any) -> None:
        super().__init__(trials, epochs, max_epochs=epochs, hyperband_iterations=10**9, **options)

    @classmethod
    def default_trials(cls, epochs: int) -> int:
        """Return the number of trials in one sweep, including those that continue another."""
        oracle = cls(math.inf, epochs)
        return sum(
            oracle._bracket_trials(bracket, oracle._get_size(bracket, 0))
            for bracket in range(oracle._get_num_brackets())
        )

    def schedule(self, trial: Trial) -> dict[str, Any]:
        """Return the epochs of a trial and the trial that it continues, or None."""
        values = trial.hyperparameters.values
        return {"epochs": values["tuner/epochs"], "continues": values.get("tuner/trial_id")}

    def _bracket_trials(self, bracket: int, first_round: int) -> int:
        """Return the number of trials in all rounds, with `first_round` trials in the first."""
        return sum(
            math.ceil(first_round / self.factor**round_number)
            for round_number in range(self._get_num_rounds(bracket))
        )

    def _get_size(self, bracket_num: int, round_num: int) -> int:
        """Return the number of trials of a round; brackets shrink to fit into the search."""
        exhausted = [
            len(bracket["rounds"][0])
            for bracket in self._brackets
            if bracket["bracket_num"] == bracket_num and bracket.get(EXHAUSTED)
        ]
        if exhausted:
            first_round = exhausted[0]
        else:
            first_round = super()._get_size(bracket_num, 0)
            while (
                first_round > 1
                and self._bracket_trials(bracket_num, first_round) > self.trials_bound
            ):
                first_round -= 1
        return math.ceil(first_round / self.factor**round_num)

    def _random_trial(self, trial_id: str, bracket: dict[str, Any]) -> dict[str, Any]:
        response = super()._random_trial(trial_id, bracket)
        if response["status"] == TrialStatus.STOPPED and bracket["rounds"][0]:
            bracket[EXHAUSTED] = True  # the bracket continues with its present trials
            return self.populate_space(trial_id)
        return response


def oracle_class(tuner: str) -> Any:
    """Return the oracle class of a registered tuner."""
    return globals()[tuners.get(tuner)]
