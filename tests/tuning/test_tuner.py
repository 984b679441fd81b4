"""Searches: reproducibility, resumption after a kill, extension, time budget."""

import dataclasses
import json

import keras_tuner
import pytest

import zoo
from zoo.cells import cells
from zoo.config import Search
from zoo.errors import RequestError, RunError
from zoo.models import assembly
from zoo.training.session import Session
from zoo.tuning.hypermodel import HyperModel
from zoo.tuning.tuner import tune

pytestmark = [
    pytest.mark.usefixtures("eager"),
    pytest.mark.filterwarnings("ignore:Even though the `tf.config"),
]

SPACE = {"units": (2, 3, 4, 5), "learning_rate": (1e-3, 3e-3, 1e-2, 3e-2)}
VOCABULARY = {"width": 2}
NAN = "the loss became nan at batch 7. Clip the gradient."


class Killed(BaseException):
    """Simulates the end of a killed process; `except Exception` does not catch it."""


@pytest.fixture
def config(few_examples):
    return dataclasses.replace(
        few_examples, cell="simple_rnn", units=None, learning_rate=None, epochs=1, seed=0
    )


@pytest.fixture
def epochs(monkeypatch):
    """List of the configurations of the epochs run so far; `fail` may raise before an epoch."""

    class Epochs(list):
        fail = staticmethod(lambda session: None)

    run_epoch, ran = Session.run_epoch, Epochs()

    def recorded(session, evaluator):
        ran.fail(session)
        run_epoch(session, evaluator)
        ran.append(session.config)

    monkeypatch.setattr(Session, "run_epoch", recorded)
    return ran


def outcomes(result):
    """Return the hyperparameters and the outcome of each trial."""
    return [
        (
            trial["config"]["units"],
            trial["config"]["learning_rate"],
            trial["score"],
            trial["status"],
        )
        for trial in result["trials"]
    ]


def without_times(result):
    """Return the result of a search without seconds."""
    trials = [{**trial, "seconds": None} for trial in result["trials"]]
    return {**result, "seconds": None, "trials": trials}


def check_readable_by_keras_tuner(config, folder, result):
    """Check that keras-tuner opens the folder of a search as a project."""
    stock = keras_tuner.RandomSearch(
        HyperModel(config, SPACE, vocabulary=VOCABULARY),
        keras_tuner.Objective("mean_squared_error", "min"),
        max_trials=3,
        directory=folder,
        project_name="search",
        overwrite=False,
    )
    best = stock.get_best_hyperparameters()[0].values
    assert all(best[name] == result["best"]["config"][name] for name in SPACE)
    scores = [trial.score for trial in stock.oracle.get_best_trials(3)]
    assert scores == sorted(trial["score"] for trial in result["trials"])


@pytest.mark.costly
def test_interrupted_search_matches_an_uninterrupted_search(config, tmp_path, epochs):
    config, search = dataclasses.replace(config, epochs=2), Search(max_trials=3)
    whole = tune(config, tmp_path / "whole", SPACE, search)
    assert [trial["status"] for trial in whole["trials"]] == ["completed"] * 3
    assert len({hyperparameters[:2] for hyperparameters in outcomes(whole)}) == 3

    def kill(session):
        if len(epochs) == 3:  # before the second epoch of the second trial
            raise Killed

    epochs.clear()
    epochs.fail = kill
    with pytest.raises(Killed):
        tune(config, tmp_path / "killed", SPACE, search)
    epochs.clear()
    epochs.fail = lambda session: None
    resumed = tune(config, tmp_path / "killed", SPACE, search)
    assert len(epochs) == 3, "one epoch of the second trial, two of the third"
    assert outcomes(resumed) == outcomes(whole)
    assert (resumed["best"], resumed["metrics"]) == (whole["best"], whole["metrics"])
    check_readable_by_keras_tuner(config, tmp_path / "killed", whole)
    epochs.clear()
    assert tune(config, tmp_path / "whole", SPACE, search) == whole
    assert not epochs, "a finished search is not repeated"


def without_patience(path, *parts):
    """Remove the field from a file, as if a version without it had written the file."""
    value = json.loads(path.read_text())
    part = value
    for name in parts:
        part = part[name]
    del part["patience"]
    path.write_text(json.dumps(value))


def test_search_begun_without_early_stopping_continues_without_it(config, tmp_path, epochs):
    config, search = dataclasses.replace(config, epochs=2), Search(max_trials=2)
    assert config.patience is None

    def kill(session):
        if len(epochs) == 1:  # before the second epoch of the first trial
            raise Killed

    epochs.fail = kill
    with pytest.raises(Killed):
        tune(config, tmp_path, SPACE, search)
    (trial,) = (tmp_path / "trials").iterdir()
    assert zoo.Run(trial).config.patience == 5
    without_patience(tmp_path / "search.json", "config")
    without_patience(trial / "config.json")
    for folder in (tmp_path, trial):
        (folder / "run.json").unlink()
    epochs.clear()
    epochs.fail = lambda session: None
    result = tune(config, tmp_path, SPACE, search)
    assert [trial["status"] for trial in result["trials"]] == ["completed"] * 2
    assert [each.patience for each in epochs] == [0] * 3
    assert tune(config, tmp_path, SPACE, search) == result
    assert len(tune(config, tmp_path, SPACE, Search(max_trials=3))["trials"]) == 3
    assert [each.patience for each in epochs] == [0] * 5
    with pytest.raises(RequestError, match=r"config.patience: 0 stored, 3 requested"):
        tune(dataclasses.replace(config, patience=3), tmp_path, SPACE, search)


@pytest.mark.costly
def test_extended_search_matches_a_single_search(config, tmp_path, epochs):
    whole = tune(config, tmp_path / "whole", SPACE, Search(max_trials=3))
    folder = tmp_path / "extended"
    first = tune(config, folder, SPACE, Search(max_trials=1))
    epochs.clear()

    def kill(run):
        raise Killed

    with pytest.MonkeyPatch.context() as patch, pytest.raises(Killed):
        patch.setattr("zoo.saved_models.exporting.export", kill)  # after the evaluation on test
        tune(config, folder, SPACE, Search(max_trials=3))
    assert not (folder / "leaderboard.json").exists()
    extended = tune(config, folder, SPACE, Search(max_trials=3))
    assert len(epochs) == 2, "earlier trials are not trained again"
    assert without_times(extended)["trials"][:1] == without_times(first)["trials"]
    assert without_times(extended) == without_times(whole)
    assert zoo.Run(folder).config.to_json() == extended["best"]["config"]


@pytest.mark.costly
def test_extending_a_search_removes_the_earlier_result(config, tmp_path):
    folder = tmp_path / "extended"
    tune(config, folder, SPACE, Search(max_trials=1))
    assert (folder / "metrics.json").exists()

    def kill(*arguments):
        raise Killed

    with pytest.MonkeyPatch.context() as patch, pytest.raises(Killed):
        patch.setattr(zoo.Run, "copy", kill)
        tune(config, folder, SPACE, Search(max_trials=2))
    assert not (folder / "metrics.json").exists()
    assert not (folder / "leaderboard.json").exists()


@pytest.mark.costly
def test_trial_continued_by_hyperband_matches_uninterrupted_training(config, tmp_path):
    config = dataclasses.replace(config, epochs=3, dropout=0.3, schedule="cosine")
    search = Search(tuner="hyperband", max_trials=2)
    whole = tune(config, tmp_path / "whole", SPACE, search)
    first, continuing = whole["trials"]
    assert (first["epochs"], first["continues"]) == (1, None)
    assert (continuing["epochs"], continuing["continues"]) == (3, first["id"])
    alone = zoo.Run(tmp_path / "alone")
    corpus = assembly.read_corpus(config)
    zoo.train(zoo.Config.from_json(continuing["config"]), alone.folder, corpus)
    run, past = (zoo.Run(tmp_path / "whole" / "trials" / t["id"]) for t in (continuing, first))
    assert run.history == alone.history, (
        "weights, optimizer, dropout and learning rate are those of one training"
    )
    seconds = run.read_progress()["seconds"] - past.read_progress()["seconds"]
    assert continuing["seconds"] == pytest.approx(seconds, abs=0.1)

    def copy_some(run, other, names):
        copy(run, other, names[:3])
        raise Killed

    copy = zoo.Run.copy
    with pytest.MonkeyPatch.context() as patch, pytest.raises(Killed):
        patch.setattr(zoo.Run, "copy", copy_some)
        tune(config, tmp_path / "killed", SPACE, search)
    resumed = tune(config, tmp_path / "killed", SPACE, search)
    assert without_times(resumed) == without_times(whole)


def test_seed_determines_the_trials(config):
    def first(seed):
        oracle = keras_tuner.oracles.RandomSearchOracle(
            objective="loss", max_trials=3, seed=seed + 1
        )
        HyperModel(config, SPACE, vocabulary=VOCABULARY).configure(oracle.hyperparameters)
        return [oracle.populate_space(str(number))["values"] for number in range(3)]

    assert first(0) == first(0) != first(1)


@pytest.mark.costly
def test_grid_search_covers_the_space_and_records_failed_trials(config, tmp_path, epochs):
    def fail(session):
        if session.config.units == 3:
            raise RunError(NAN)

    epochs.fail = fail
    space = {"units": (2, 3), "learning_rate": (1e-3, 1e-2)}
    own = {name: each[0] for name, each in cells.get("simple_rnn").search_space.items()}
    config = dataclasses.replace(config, cell_args=own)
    folder = tmp_path / "grid"
    result = tune(config, folder, space, Search(tuner="grid", max_trials=20))
    assert {outcome[:2] for outcome in outcomes(result)} == {
        (units, rate) for units in space["units"] for rate in space["learning_rate"]
    }
    for trial in result["trials"]:
        failed = trial["config"]["units"] == 3
        assert trial["status"] == ("failed" if failed else "completed")
        assert (trial["score"] is None) == failed
        assert trial["reason"] == (NAN if failed else None)
        error = folder / "trials" / trial["id"] / "error.txt"
        assert error.exists() == failed
        if failed:
            assert error.read_text().startswith("Traceback") and NAN in error.read_text()
    completed = [trial for trial in result["trials"] if trial["score"] is not None]
    best = min(completed, key=lambda trial: trial["score"])
    assert result["best"]["id"] == best["id"]
    run = zoo.Run(folder)
    assert run.config.to_json() == best["config"] and run.result["metrics"] == result["metrics"]
    assert json.loads((folder / "leaderboard.json").read_text()) == result


def test_search_without_a_completed_trial_reports_the_first_error(config, tmp_path, epochs):
    def fail(session):
        raise RunError(NAN)

    epochs.fail = fail
    with pytest.raises(RunError, match="none of 2 trials succeeded; the first: the loss became"):
        tune(config, tmp_path, {"units": (2, 3), "learning_rate": (1e-3,)}, Search(max_trials=2))


def test_unexpected_error_is_raised_with_zoo_traceback(config, tmp_path, epochs, monkeypatch):
    def fail(session):
        raise TypeError("a bug")

    epochs.fail = fail
    arguments = ({"units": (2, 3), "learning_rate": (1e-3,)}, Search(max_trials=1))
    monkeypatch.delenv("ZOO_TRACEBACK", raising=False)
    with pytest.raises(RunError, match="none of 1 trials succeeded; the first: a bug"):
        tune(config, tmp_path / "recorded", *arguments)
    (error,) = (tmp_path / "recorded").glob("trials/*/error.txt")
    assert error.read_text().rstrip().endswith("TypeError: a bug")
    monkeypatch.setenv("ZOO_TRACEBACK", "1")
    with pytest.raises(TypeError, match="a bug"):
        tune(config, tmp_path / "raised", *arguments)


@pytest.mark.parametrize(("name", "epochs_per_trial"), [("random", 2), ("hyperband", 3)])
@pytest.mark.costly
def test_time_budget_covers_the_whole_search(config, tmp_path, clock, name, epochs_per_trial):
    clock(5)
    config = dataclasses.replace(config, max_minutes=1.0, epochs=epochs_per_trial)
    result = tune(config, tmp_path / "run", SPACE, Search(tuner=name, max_trials=8))
    assert 60 <= result["seconds"] <= 60 + 2 * 5, result["seconds"]
    assert 1 < len(result["trials"]) < 8
    assert result["seconds"] == sum(trial["seconds"] for trial in result["trials"])


@pytest.fixture
def finished(config, tmp_path):
    """A finished search of two trials, and the call that repeats it."""
    folder, search = tmp_path / "search", Search(max_trials=2)
    tune(config, folder, SPACE, search)
    return folder, lambda: tune(config, folder, SPACE, search)


def test_search_that_lost_files_is_a_sentence_or_gets_them_back(finished, tmp_path):
    folder, repeat = finished
    best = json.loads((folder / "leaderboard.json").read_text())["best"]["id"]
    model = (folder / "model.keras").read_bytes()
    (folder / "model.keras").unlink()
    repeat()
    assert (folder / "model.keras").read_bytes() == model
    (folder / "leaderboard.json").unlink()
    trial = folder / "search" / f"trial_{best}"
    trial.rename(tmp_path / "trial")
    trial.symlink_to(tmp_path / "trial")
    with pytest.raises(RunError, match=f"trial_{best} is a symbolic link"):
        repeat()
    trial.unlink()
    (tmp_path / "trial").rename(trial)
    state = json.loads((trial / "trial.json").read_text())
    changed = {**state, "hyperparameters": {**state["hyperparameters"], "values": {}}}
    (trial / "trial.json").write_text(json.dumps(changed))
    with pytest.raises(RunError, match="cannot read the trials in .*KeyError"):
        repeat()
    (trial / "trial.json").write_text(json.dumps(state))
    (folder / "trials" / best / "checkpoint.npz").unlink()
    with pytest.raises(RunError, match=r"checkpoint.npz: it does not exist. Restore the file"):
        repeat()


def test_another_search_in_the_folder_is_rejected(config, tmp_path):
    stored = {
        "config": config.to_json(),
        "space": {name: list(values) for name, values in SPACE.items()},
        "search": {"tuner": "random", "max_trials": 3, "objective": None},
    }
    (tmp_path / "search.json").write_text(json.dumps(stored))
    with pytest.raises(RequestError, match="another .*tuner: .random. stored, .bayesian. req"):
        tune(config, tmp_path, SPACE, Search(tuner="bayesian", max_trials=3))
    with pytest.raises(RequestError, match="a search of 3 trials, and 2 were requested"):
        tune(config, tmp_path, SPACE, Search(max_trials=2))


def test_unsuitable_search_settings_are_rejected(config, tmp_path):
    with pytest.raises(RequestError, match="epochs=2,4: hyperband itself chooses"):
        tune(config, tmp_path / "new", {"epochs": (2, 4)}, Search(tuner="hyperband"))
    with pytest.raises(RequestError, match="objective=bleu.*mean_squared_error"):
        tune(config, tmp_path, SPACE, Search(objective="bleu"))
