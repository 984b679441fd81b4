"""Interrupted runs resume with the same results; the time budget counts interrupted epochs."""

import shutil

import numpy as np
import pytest
from training.sessions import Killed, KilledAt, make_session, small_problem

import zoo
from zoo.evaluation import evaluator
from zoo.runs.run import Run
from zoo.training.session import Session

pytestmark = pytest.mark.usefixtures("no_reports")


@pytest.fixture
def no_reports(monkeypatch):
    """Do not write reports, which tests/reports tests."""
    monkeypatch.setattr("zoo.training.session.write_if_possible", lambda folder, result: None)


def kill(*_):
    raise Killed


def fail_if_trained(*_):
    pytest.fail("an epoch was trained")


@pytest.mark.parametrize(
    ("task", "changes"),
    [
        ("pos_tagging", {"bidirectional": False, "characters": "none"}),
        ("language_model", {"sampled_softmax": 6}),
        pytest.param("translation", {"attention": "none"}, marks=pytest.mark.full),
    ],
    ids=["pos_tagging", "language_model", "translation"],
)
@pytest.mark.costly
def test_run_killed_three_times_matches_an_uninterrupted_run(
    task, changes, problem, tmp_path, monkeypatch
):
    config, corpus = small_problem(
        problem, task, dropout=0.3, recurrent_dropout=0.3, schedule="cosine", **changes
    )
    whole = zoo.train(config, tmp_path / "whole", corpus)
    with pytest.raises(Killed):  # after the first epoch
        zoo.train(config, tmp_path / "killed", corpus, progress=KilledAt(epoch=1))
    with pytest.raises(Killed):  # in the middle of the second
        zoo.train(config, tmp_path / "killed", corpus, progress=KilledAt(epoch=0, batch=1))
    # Between writing the second epoch's checkpoint and its model.keras.
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(Run, "save_model", kill)
        zoo.train(config, tmp_path / "killed", corpus)
    killed = zoo.train(config, tmp_path / "killed", corpus)
    assert {**killed, "seconds": 0} == {**whole, "seconds": 0}
    assert_same_run(tmp_path / "whole", tmp_path / "killed")


def assert_same_run(one, other):
    """Check that two run folders have the same history, model and checkpoint, bit for bit."""
    assert (one / "history.csv").read_bytes() == (other / "history.csv").read_bytes()
    for a, b in zip(zoo.load(one).get_weights(), zoo.load(other).get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    with np.load(one / "checkpoint.npz") as a, np.load(other / "checkpoint.npz") as b:
        assert set(a.files) == set(b.files)
        for name in set(a.files) - {"progress"}:
            np.testing.assert_array_equal(a[name], b[name])


def test_finished_run_is_not_trained_again(problem, trained, monkeypatch):
    run, (config, corpus) = trained("classification"), problem("classification")
    before = {path: path.stat().st_mtime_ns for path in run.folder.rglob("*")}
    monkeypatch.setattr(Session, "run_epoch", fail_if_trained)
    assert zoo.train(config, run.folder, corpus) == run.result
    assert {path: path.stat().st_mtime_ns for path in run.folder.rglob("*")} == before


def test_run_killed_before_the_test_evaluation_repeats_no_epoch(problem, tmp_path, monkeypatch):
    config, corpus = small_problem(problem, "adding", epochs=1)
    make_session(config, tmp_path / "run", corpus).train()
    monkeypatch.setattr(Session, "run_epoch", fail_if_trained)
    result = zoo.train(config, tmp_path / "run", corpus)
    assert result["metrics"]["mean_squared_error"]["value"] > 0


def test_moved_run_gives_the_same_results(trained, problem, tmp_path):
    old, (config, corpus) = trained("classification"), problem("classification")
    run = Run(shutil.copytree(old.folder, tmp_path / "elsewhere"))
    model = run.load_model()
    for a, b in zip(old.load_model().get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert zoo.train(config, run.folder, corpus) == run.result == old.result
    assert evaluator.evaluate(model, run.config, run.features, corpus) == old.result["metrics"]
    for path in run.folder.iterdir():
        if path.suffix in (".json", ".csv", ".md"):
            assert str(old.folder) not in path.read_text(encoding="utf-8")


def training_steps(session):
    return int(session.training_model.optimizer.iterations)


def test_time_budget_stops_training_within_an_epoch(problem, tmp_path, clock):
    config, corpus = small_problem(problem, "adding", count=400, max_minutes=1.0, epochs=5)
    clock(10)
    session = make_session(config, tmp_path / "run", corpus)
    session.train()
    assert len(session.batches) == 20 and 5 <= training_steps(session) <= 8
    assert len(session.history) == 1 and session.seconds >= 60
    assert session.run.load_model() is not None


@pytest.mark.costly
def test_time_budget_counts_the_epochs_before_a_kill(problem, tmp_path, clock):
    config, corpus = small_problem(problem, "adding", max_minutes=1.0, epochs=50)
    clock(4)
    whole = make_session(config, tmp_path / "whole", corpus)
    whole.train()
    assert 3 < len(whole.history) < 10
    with pytest.raises(Killed):
        make_session(config, tmp_path / "killed", corpus, KilledAt(epoch=2)).train()
    resumed = make_session(config, tmp_path / "killed", corpus)
    resumed.train()
    assert resumed.history == whole.history and resumed.seconds == whole.seconds


def test_time_budget_counts_an_interrupted_epoch(problem, tmp_path, clock):
    config, corpus = small_problem(problem, "adding", count=400, max_minutes=1.0, epochs=5)
    clock(10)
    with pytest.raises(Killed):
        make_session(config, tmp_path / "run", corpus, KilledAt(epoch=0, batch=4)).train()
    resumed = make_session(config, tmp_path / "run", corpus)
    resumed.train()
    assert 1 <= training_steps(resumed) <= 4 and resumed.seconds >= 60


def test_stored_model_is_that_of_the_best_epoch_after_a_kill(problem, tmp_path, monkeypatch):
    config, corpus = small_problem(problem, "adding", epochs=2)
    scores = iter([1.0, 0.5])  # errors: the second epoch is the best one
    monkeypatch.setattr(
        evaluator.Evaluator,
        "scores_and_loss",
        lambda self: ({"mean_squared_error": next(scores)}, 1.0),
    )
    session = make_session(config, tmp_path, corpus)
    session.prepare()
    session.run.begin(session.config, session.features, corpus)
    session.run_epoch(session._network.evaluator)
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(Run, "save_model", kill)
        session.run_epoch(session._network.evaluator)
    resumed = make_session(config, tmp_path, corpus)
    resumed.train()
    assert resumed.best["epoch"] == 2
    for ours, best in zip(
        zoo.load(tmp_path).get_weights(), session.model.get_weights(), strict=True
    ):
        np.testing.assert_array_equal(ours, best)
