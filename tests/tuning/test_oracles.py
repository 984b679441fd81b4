"""Oracles: proposed trials, resumption after a kill, and files that keras-tuner reads."""

import itertools
import json
import math
import os
import types

import keras_tuner
import pytest

import zoo
from tasks.library import tasks
from zoo.config import Search
from zoo.errors import RunError
from zoo.tuning import oracles
from zoo.tuning.trials import TrialTuner
from zoo.tuning.tuners import tuners

METRIC = tasks.get("adding").metrics[0]
EPOCHS = 9


class Killed(BaseException):
    """Simulates the end of a killed process; `except Exception` does not catch it."""


class FormulaTuner(TrialTuner):
    """A tuner that computes scores by a formula instead of training."""

    formula = staticmethod(lambda values: (values["units"] - 5) ** 2 + 10 * values["rate"])

    def run_trial(self, trial):
        values = trial.hyperparameters.values
        return {METRIC.name: self.formula(values) / values.get("tuner/epochs", 1)}


def configure(hp):
    hp.Choice("units", [2, 3, 4, 5, 6, 7])
    hp.Choice("rate", [0.1, 0.2, 0.3])


def search(folder, tuner, trials, kind=FormulaTuner, seed=0):
    """Run or resume a search in `folder` and return the tuner."""
    config = zoo.Config(task="adding", epochs=EPOCHS, seed=seed)
    space = types.SimpleNamespace(base=config, configure=lambda hp: configure(hp) or config)
    result = kind(space, folder, Search(tuner=tuner, max_trials=trials), METRIC, EPOCHS)
    result.search()
    return result


def json_files(folder):
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*.json")}


def hyperparameters(tuner):
    return [
        (trial.hyperparameters.values["units"], trial.hyperparameters.values["rate"])
        for trial in tuner.oracle.trials.values()
    ]


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Skip the slow parts: flushing to disk, and keras-tuner's optimizer."""
    monkeypatch.setattr("zoo.runs.files.os.fsync", lambda handle: None)
    optimize = types.SimpleNamespace(
        minimize=lambda function, x0, **_: types.SimpleNamespace(x=x0, fun=function(x0))
    )
    monkeypatch.setattr(
        "keras_tuner.src.tuners.bayesian.scipy", types.SimpleNamespace(optimize=optimize)
    )
    make = oracles.Bayesian._make_gpr
    monkeypatch.setattr(
        oracles.Bayesian,
        "_make_gpr",
        lambda oracle: make(oracle).set_params(n_restarts_optimizer=0),
    )


@pytest.fixture
def write_limit(monkeypatch):
    """Return a function that sets the number of file writes after which `Killed` is raised."""
    replace = os.replace

    def limit(number):
        left = iter(range(number))

        def limited(*paths):
            if next(left, None) is None:
                raise Killed
            replace(*paths)

        monkeypatch.setattr("zoo.runs.files.os.replace", limited)

    return limit


@pytest.mark.parametrize(("tuner", "trials"), [("random", 3), ("grid", 3), ("hyperband", 5)])
def test_search_killed_before_any_write_resumes_with_the_same_trials(
    tuner, trials, tmp_path, write_limit
):
    write_limit(10**6)
    search(tmp_path / "whole", tuner, trials)
    for number in range(10**6):
        write_limit(number)
        try:
            search(tmp_path / str(number), tuner, trials)
            break
        except Killed:
            write_limit(10**6)
            search(tmp_path / str(number), tuner, trials)
            assert json_files(tmp_path / str(number)) == json_files(tmp_path / "whole"), (
                f"killed before write {number + 1}"
            )
    assert number > 7 * trials


@pytest.mark.parametrize("tuner", tuners.names())
def test_search_killed_many_times_resumes_with_the_same_trials(tuner, tmp_path, write_limit):
    write_limit(10**6)
    whole = search(tmp_path / "whole", tuner, 8)
    for number in range(1, 10**6):
        write_limit(number)
        try:
            search(tmp_path / "killed", tuner, 8)
            break
        except Killed:
            pass
    assert number > 8
    assert json_files(tmp_path / "killed") == json_files(tmp_path / "whole")
    assert whole.oracle.end_order == whole.oracle.start_order == [f"{k:04d}" for k in range(8)]


@pytest.mark.parametrize(
    ("tuner", "stock"),
    [
        ("random", keras_tuner.oracles.RandomSearchOracle),
        ("grid", keras_tuner.oracles.GridSearchOracle),
        ("bayesian", keras_tuner.oracles.BayesianOptimizationOracle),
        ("hyperband", keras_tuner.oracles.HyperbandOracle),
    ],
)
def test_keras_tuner_oracle_loads_the_folder_of_a_search(tuner, stock, tmp_path):
    ours = search(tmp_path, tuner, 5).oracle
    theirs = stock(objective=keras_tuner.Objective(METRIC.name, "min"))
    theirs._set_project_dir(str(tmp_path), "search")
    theirs.reload()
    (best,) = theirs.get_best_trials(1)
    assert best.score == ours.get_best_trials(1)[0].score
    assert theirs.start_order == ours.start_order


@pytest.mark.parametrize("tuner", tuners.names())
def test_extended_search_keeps_its_first_trials(tuner, tmp_path):
    fewer = hyperparameters(search(tmp_path / "grown", tuner, 4))
    more = hyperparameters(search(tmp_path / "grown", tuner, 9))
    assert (len(fewer), len(more)) == (4, 9) and more[:4] == fewer
    if tuner != "hyperband":  # its brackets depend on the number of trials
        assert more == hyperparameters(search(tmp_path / "at_once", tuner, 9))


@pytest.mark.parametrize("tuner", ["random", "bayesian", "hyperband"])
def test_every_seed_is_valid_and_reproducible(tuner, tmp_path):
    def first(seed, folder):
        return hyperparameters(search(tmp_path / folder, tuner, 5, seed=seed))

    assert first(0, "a") == first(0, "b")
    searches = [first(seed, f"seed{seed}") for seed in (0, 1, 2, 3, 2**32 - 1)]
    assert all(one != other for one, other in itertools.combinations(searches, 2))


def test_all_seeds_differ():
    at_zero = -pow(oracles.SPREAD, -1, 2**32) % 2**32  # the seed that keras-tuner takes for none
    seeds = (0, 1, 2, 2**31, 2**32 - 2, 2**32 - 1, at_zero)
    passed = [oracles.Random(1, 1, seed).seed for seed in seeds]
    assert passed[-1] == 0 and passed[0] == 1
    assert len(set(passed)) == len(seeds) and all(0 <= seed < 2**32 for seed in passed)
    assert oracles.Bayesian(1, 1, at_zero).get_state()["seed"] == 0


def test_neighbouring_seeds_have_few_trials_in_common(tmp_path, monkeypatch):
    def wide(hp):
        hp.Float("units", 0.0, 1.0)
        hp.Float("rate", 0.0, 1.0)

    monkeypatch.setitem(globals(), "configure", wide)
    first, second, third = (
        set(hyperparameters(search(tmp_path / str(seed), "random", 8, seed=seed)))
        for seed in (0, 1, 2)
    )
    assert not first & second and not first & third and not second & third


def test_records_of_ended_trials_are_not_computed_again(tmp_path):
    tuner, configured = search(tmp_path, "random", 4), []
    records = tuner.records.all()
    tuner.records.hypermodel.configure = configured.append
    assert tuner.records.all() == records and len(records) == 4
    assert configured == []


# Bayesian


def test_bayesian_fits_the_scores_and_repeats_no_trial(tmp_path):
    ended = search(tmp_path, "bayesian", 15)
    assert len(set(hyperparameters(ended))) == 15
    assert len(ended.oracle.gpr.X_train_) > 3, "not only the first three trials are drawn at random"


@pytest.mark.filterwarnings("ignore:All-NaN:RuntimeWarning")
def test_bayesian_scores_a_failed_trial_as_the_worst(tmp_path):
    class Failing(FormulaTuner):
        def run_trial(self, trial):
            units = trial.hyperparameters.values["units"]
            if units == 2:
                raise RunError("the loss became nan at batch 7.")
            return {METRIC.name: math.nan} if units == 3 else super().run_trial(trial)

    ended = search(tmp_path, "bayesian", 12, Failing)
    trials = ended.oracle.trials.values()
    failed = [trial for trial in trials if trial.status == "FAILED"]
    assert failed and len(trials) == 12
    assert {trial.hyperparameters.values["units"] for trial in failed} == {2, 3}
    inputs, scores = ended.oracle._vectorize_trials()
    good = [trial.score for trial in trials if trial.status == "COMPLETED"]
    assert len(inputs) == 12
    assert sorted(scores) == sorted([*good, *[max(good)] * len(failed)])


# Hyperband


def schedules(tuner):
    """Return the epochs of each trial and the trial that it continues."""
    return [tuple(tuner.oracle.schedule(trial).values()) for trial in tuner.oracle.trials.values()]


def test_hyperband_continues_the_best_trials(tmp_path):
    trials = oracles.Hyperband.default_trials(EPOCHS)
    assert trials == (9 + 3 + 1) + (5 + 2) + 3
    ended = search(tmp_path, "hyperband", trials)
    known = ended.oracle.trials
    assert [epochs for epochs, _ in schedules(ended)[:13]] == [1] * 9 + [3] * 3 + [9]
    first = sorted(list(known.values())[:9], key=lambda trial: trial.score)
    assert {past for _, past in schedules(ended)[9:12]} == {trial.trial_id for trial in first[:3]}
    for trial, (epochs, past) in zip(known.values(), schedules(ended), strict=True):
        if past:
            assert ended.oracle.schedule(known[past])["epochs"] < epochs
            assert {name: trial.hyperparameters.values[name] for name in ("units", "rate")} == {
                name: known[past].hyperparameters.values[name] for name in ("units", "rate")
            }


@pytest.mark.parametrize(
    ("trials", "expected"),
    [(13, [1] * 9 + [3] * 3 + [9]), (9, [1] * 6 + [3] * 2 + [9]), (3, [1, 3, 9]), (2, [1, 3])],
)
def test_hyperband_shrinks_its_bracket_to_the_number_of_trials(trials, expected, tmp_path):
    assert [epochs for epochs, _ in schedules(search(tmp_path, "hyperband", trials))] == expected


def test_hyperband_continues_an_exhausted_bracket(tmp_path, monkeypatch):
    def two(hp):
        hp.Choice("units", [2, 5])
        hp.Choice("rate", [0.1, 0.2])

    monkeypatch.setitem(globals(), "configure", two)
    ended = search(tmp_path, "hyperband", 50)
    assert [epochs for epochs, _ in schedules(ended)] == [1] * 4 + [3] * 2 + [9]
    state = json.loads((tmp_path / "search" / "oracle.json").read_text())
    assert state["end_order"] == state["start_order"]
