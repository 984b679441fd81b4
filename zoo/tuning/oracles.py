"""keras-tuner's oracles, which choose the trials, made fit for searches that are killed, gone on with and extended.

Each has keras-tuner's files in keras-tuner's format, so that its own tuners can open the folder of a search.
"""

import copy
import math
import pathlib
import warnings

from keras_tuner import oracles
from keras_tuner.engine.trial import TrialStatus
from threadpoolctl import threadpool_limits

from zoo.runs import files

TRIALS = 10  # where nobody says how many, and the tuner has no number of its own
SEEDS = 2**32


class _Kept:
    """What the oracles of keras-tuner lack: whole files, and a state that has everything in it.

    trials: at most so many. epochs: those of a full training. seed: any whole number, 0 among them.
    """

    def __init__(self, trials, epochs, seed=0, **options):
        # keras-tuner takes 0 for "any", and ends a search with a message that does not say why trials fail.
        super().__init__(
            seed=seed % (SEEDS - 1) + 1, max_consecutive_failed_trials=math.inf, **options
        )
        # With a bound of keras-tuner's own the names of trials would change their width when trials are added.
        self.trials_bound, self.max_trials = trials, None
        self.verbose = 0

    @classmethod
    def default_trials(cls, epochs):
        """How many trials there are where nobody says."""
        return TRIALS

    def populate_space(self, trial_id):
        if len(self.trials) >= self.trials_bound:
            return {"status": TrialStatus.STOPPED}
        return super().populate_space(trial_id)

    def training(self, trial):
        """How a trial is trained: {} or, where that differs from trial to trial, {"epochs", "continues"}."""
        return {}

    def get_state(self):
        state = super().get_state()
        return {**state, "tried_so_far": sorted(state["tried_so_far"])}

    def save(self):
        files.write_json(self._get_oracle_fname(), self.get_state())

    def _save_trial(self, trial):
        files.write_json(
            pathlib.Path(self._get_trial_dir(trial.trial_id)) / "trial.json", trial.get_state()
        )

    def reload(self):
        super().reload()
        # The oracle's file is written after the trial's, and a kill may fall between the two. A trial that the oracle
        # does not know has not begun, and is drawn again; the order is that of beginning, whatever the disk's is.
        self.trials = {trial_id: self.trials[trial_id] for trial_id in self.start_order}
        self._retry_queue = [
            trial_id for trial_id in self._retry_queue if trial_id not in self.end_order
        ]
        for trial_id in (
            self._retry_queue
        ):  # ended, perhaps, but not for the oracle: its end is recorded once more
            trial = self.trials[trial_id]
            trial.metrics, trial.score, trial.message = type(trial.metrics)(), None, None


class Random(_Kept, oracles.RandomSearchOracle):
    """Draws each trial from the space."""


class Grid(_Kept, oracles.GridSearchOracle):
    """Goes through all combinations."""

    def set_state(self, state):
        super().set_state(state)
        # keras-tuner does not save where it is; with one trial at a time that is after the last one.
        for trial_id in self.start_order:
            self._ordered_ids.insert(trial_id)
        self._populate_next = self.start_order[-1:]


class Bayesian(_Kept, oracles.BayesianOptimizationOracle):
    """Learns from the scores so far where better ones may be."""

    def populate_space(self, trial_id):
        # keras-tuner draws three trials for each dimension first, which are most searches from end to end.
        self.num_initial_points = max(3, len(self.hyperparameters.space))
        # The matrices have as many rows as there are trials: threads would only wait for each other, many times as long.
        # The fit of a few scores may warn that it did not converge.
        with threadpool_limits(1), warnings.catch_warnings(action="ignore"):
            response = super().populate_space(trial_id)
        if response["status"] == TrialStatus.RUNNING and self._duplicate(response["values"]):
            return (
                self._random_populate_space()
            )  # where the space is discrete, the best guess may have been tried
        return response

    def _vectorize_trials(self):
        # Left out, as keras-tuner does, what fails stays unknown, and the unknown is what is tried next.
        known, pick = self.trials, min if self.objective.direction == "max" else max
        worst = pick(
            trial.score for trial in known.values() if trial.status == TrialStatus.COMPLETED
        )
        self.trials = {trial_id: _scored(trial, worst) for trial_id, trial in known.items()}
        try:
            return super()._vectorize_trials()
        finally:
            self.trials = known

    def get_state(self):
        name, keys, *rest = self._random_state.get_state()
        return {**super().get_state(), "random_state": [name, keys.tolist(), *rest]}

    def set_state(self, state):
        super().set_state(state)
        self._random_state.set_state(state["random_state"])


def _scored(trial, score):
    """The trial itself, or if it failed one that ended with `score`."""
    if trial.status != TrialStatus.FAILED:
        return trial
    trial = copy.copy(trial)
    trial.status, trial.score = TrialStatus.COMPLETED, score
    return trial


class Hyperband(_Kept, oracles.HyperbandOracle):
    """Trains many for a few epochs, and goes on with the best of them.

    A sweep of brackets is followed by another for as long as trials are left.
    """

    def __init__(self, trials, epochs, **options):
        super().__init__(trials, epochs, max_epochs=epochs, hyperband_iterations=10**9, **options)

    @classmethod
    def default_trials(cls, epochs):
        """Those of one sweep, the trials that go on with another counted."""
        oracle = cls(math.inf, epochs)
        return sum(
            oracle._trials_of(bracket, oracle._get_size(bracket, 0))
            for bracket in range(oracle._get_num_brackets())
        )

    def training(self, trial):
        values = trial.hyperparameters.values
        return {"epochs": values["tuner/epochs"], "continues": values.get("tuner/trial_id")}

    def _trials_of(self, bracket, start):
        """The trials of a bracket that starts with so many."""
        return sum(
            math.ceil(start / self.factor**number)
            for number in range(self._get_num_rounds(bracket))
        )

    def _get_size(self, bracket_num, round_num):
        """As in keras-tuner, but a bracket is made to fit into the search: cut off, it would end before it halves."""
        start = next(
            (
                len(each["rounds"][0])
                for each in self._brackets
                if each["bracket_num"] == bracket_num and each.get("exhausted")
            ),
            None,
        )
        if start is None:
            start = super()._get_size(bracket_num, 0)
            while start > 1 and self._trials_of(bracket_num, start) > self.trials_bound:
                start -= 1
        return math.ceil(start / self.factor**round_num)

    def _random_trial(self, trial_id, bracket):
        response = super()._random_trial(trial_id, bracket)
        if response["status"] == TrialStatus.STOPPED and bracket["rounds"][0]:
            bracket["exhausted"] = (
                True  # nothing new is left to draw: the bracket goes on with what it has
            )
            return self.populate_space(trial_id)
        return response
