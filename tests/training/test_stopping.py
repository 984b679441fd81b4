"""Early stopping: when training stops, what it says, and that a kill does not change it."""

import math

import pytest
from training.sessions import Killed, KilledAt, make_session, small_problem

import zoo
from zoo.config import Config
from zoo.evaluation.evaluator import Evaluator
from zoo.models.resolve import SEARCH_DEFAULTS, resolve, sources_of_values
from zoo.training.stopping import learning_rate_factor, stop_of
from zoo.tuning.hypermodel import HyperModel

SCORES = (0.2, 0.5, 0.3, 0.6, 0.4, 0.6, 0.5, 0.9, 0.9, 0.9)  # the best of the first seven: epoch 4


def stop(epoch, best, patience=3, time_left=math.inf, until=10):
    config = Config(epochs=10, patience=patience)
    return stop_of(config, epoch, {"epoch": best}, "exact_match", time_left, until)


def test_training_stops_after_the_given_epochs_without_a_better_score():
    assert stop(6, best=4) is None
    assert stop(7, best=4) == (
        7,
        "patience",
        "stopped after epoch 7: 3 epochs without a better validation exact match",
    )
    assert stop(5, best=4, patience=1).text.endswith(
        ": 1 epoch without a better validation exact match"
    )


@pytest.mark.parametrize("patience", [0, None])
def test_training_without_patience_runs_all_epochs(patience):
    assert stop(9, best=1, patience=patience) is None
    assert stop(10, best=1, patience=patience)[:2] == (10, "epochs")


def test_other_reasons_to_stop_are_named():
    assert stop(5, best=4, time_left=0)[:2] == (5, "time")
    assert stop(0, best=0, time_left=0) is None  # the first epoch is always trained
    assert stop(5, best=4, until=5)[:2] == (5, "search")
    assert stop(10, best=4, until=10)[:2] == (10, "epochs")


def test_schedule_spans_the_configured_epochs():
    config = Config(epochs=10, patience=1)
    assert learning_rate_factor(config, 5, 0.0) == pytest.approx(0.51)
    assert learning_rate_factor(config, 5, 0.9) < 0.06  # the time budget is shorter
    assert learning_rate_factor(Config(epochs=10, schedule="constant"), 9, 0.0) == 1


@pytest.fixture
def problem_with_scores(problem, monkeypatch):
    """A small problem whose validation accuracy after each epoch is the next one of `SCORES`."""
    config, corpus = small_problem(problem, "classification", epochs=10, schedule="cosine")
    sessions = []

    def scores_and_loss(evaluator):
        return {"accuracy": SCORES[sessions[-1].epoch]}, 0.5

    monkeypatch.setattr(Evaluator, "scores_and_loss", scores_and_loss)

    def session(folder, patience, progress=None, **arguments):
        changed = zoo.Config(**{**vars(config), "patience": patience})
        sessions.append(make_session(changed, folder, corpus, progress, **arguments))
        return sessions[-1]

    return session


@pytest.mark.costly
def test_interrupted_training_stops_at_the_same_epoch(problem_with_scores, tmp_path):
    session = problem_with_scores(tmp_path / "all", 0, until=7)
    session.train()
    for place, progress in enumerate((KilledAt(epoch=5), KilledAt(epoch=1, batch=1), None)):
        resumed = problem_with_scores(tmp_path / "run", 3, progress)
        if place < 2:
            with pytest.raises(Killed):
                resumed.train()
        else:
            resumed.train()
    assert resumed.stop.text == (
        "stopped after epoch 7: 3 epochs without a better validation accuracy"
    )
    assert resumed.best["epoch"] == 4
    assert [record["epochs_since_best"] for record in resumed.run.history] == [0, 0, 1, 0, 1, 2, 3]
    assert resumed.run.read_progress()["stopped"] == resumed.stop._asdict()
    # Patience changes neither the learning rates nor the losses of the epochs that it leaves.
    assert resumed.run.history == session.run.history


@pytest.mark.costly
def test_trial_that_hyperband_continues_counts_the_epochs_before(problem_with_scores, tmp_path):
    first = problem_with_scores(tmp_path / "first", 3, until=6)
    first.train()
    assert first.stop.reason == "search" and first.epoch == 6
    run = zoo.Run(tmp_path / "next")
    run.resume_from(first.run)
    continued = problem_with_scores(run.folder, 3, until=10)
    continued.train()
    assert continued.stop[:2] == (7, "patience") and continued.best["epoch"] == 4
    # A trial that continues a stopped one has nothing left to train.
    run = zoo.Run(tmp_path / "last")
    run.resume_from(continued.run)
    finished = problem_with_scores(run.folder, 3, until=10)
    finished.train()
    assert finished.stop[:2] == (7, "patience") and len(finished.history) == 7


def test_patience_is_off_in_training_and_on_in_a_search():
    assert resolve(Config()).patience == 0
    hypermodel = HyperModel(Config(task="adding"), {"units": (2, 3)}, vocabulary={"width": 2})
    values = type("Values", (), {"Choice": lambda self, name, values: values[0]})()
    default = SEARCH_DEFAULTS["patience"]
    assert hypermodel.configure(values).patience == default > 0
    hypermodel.base = Config(task="adding", patience=0)
    assert hypermodel.configure(values).patience == 0
    assert sources_of_values(Config(), search=True)["patience"] == (default, "search")
    item = Config.__dataclass_fields__["patience"]
    assert item.metadata["unset"] == f"0; in a search, {default}"
