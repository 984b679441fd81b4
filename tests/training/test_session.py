"""Training: learning, selection of the best epoch, failures, schedule and clipping."""

import csv
import dataclasses
import types

import numpy as np
import pytest
from training.sessions import make_session, prepared_session, small_problem

import zoo
from zoo.cells import cells
from zoo.errors import RunError
from zoo.evaluation import evaluator
from zoo.evaluation.evaluator import Evaluator
from zoo.runs.progress import ConsoleProgress
from zoo.training.session import Session

# Task -> (metric, whether its value is far better than the trivial baseline).
LEARNED = {
    "pos_tagging": ("accuracy", lambda value, baseline: value > 0.95 and baseline < 0.7),
    "classification": ("accuracy", lambda value, baseline: value > 0.95 and baseline < 0.6),
    "language_model": (
        "nats_per_token",
        lambda value, baseline: value < baseline / 5 and baseline > 1.5,
    ),
    "adding": (
        "mean_squared_error",
        lambda value, baseline: value < baseline / 5 and 0.1 < baseline < 0.25,
    ),
    "copy_memory": (
        "nats_per_token",
        lambda value, baseline: value < baseline / 5 and baseline == pytest.approx(np.log(3) / 3),
    ),
    "delayed_recall": (
        "accuracy",
        lambda value, baseline: value > 0.95 and baseline == pytest.approx(1 / 3),
    ),
    "translation": ("exact_match", lambda value, baseline: value > 0.95 and baseline == 0),
}


@pytest.mark.parametrize("task", LEARNED)
@pytest.mark.costly
def test_trained_model_is_far_better_than_the_trivial_baseline(task, trained):
    name, is_far_better = LEARNED[task]
    score = trained(task).result["metrics"][name]
    assert is_far_better(score["value"], score["baseline"]), score


def test_result_contains_the_test_metrics_of_the_saved_model(trained, problem):
    run, (_, corpus) = trained("pos_tagging"), problem("pos_tagging")
    metrics = evaluator.evaluate(run.load_model(), run.config, run.features, corpus)
    assert run.result["metrics"] == metrics
    best = max(run.history, key=lambda record: record["validation_accuracy"])
    assert run.result["validation"]["scores"] == {"accuracy": best["validation_accuracy"]}


def test_seed_determines_the_losses(problem, tmp_path):
    config, corpus = small_problem(problem, "adding", epochs=1)
    losses = [
        prepared_session(dataclasses.replace(config, seed=seed), tmp_path, corpus).train_epoch()
        for seed in (1, 1, 2)
    ]
    assert losses[0] == losses[1] != losses[2]


def test_nan_target_stops_training_with_a_non_finite_loss(problem, tmp_path):
    config, corpus = small_problem(problem, "adding")
    corpus.splits["train"] = [
        {**example, "target": float("nan")} for example in corpus.splits["train"]
    ]
    message = (
        r"non-finite loss: the loss became nan at batch 1\. Clip .*global_clipnorm.*learning_rate"
    )
    with pytest.raises(RunError, match=message):
        zoo.train(config, tmp_path / "run", corpus)
    assert not (tmp_path / "run" / "model.keras").exists()


def test_nan_validation_score_stops_training(problem, tmp_path):
    config, corpus = small_problem(problem, "adding")
    corpus.splits["validation"] = [
        {**example, "target": float("nan")} for example in corpus.splits["validation"]
    ]
    message = r"non-finite score: validation mean_squared_error is nan\. Clip "
    with pytest.raises(RunError, match=message):
        zoo.train(config, tmp_path / "run", corpus)


@pytest.mark.parametrize(
    ("task", "scores", "best"),
    [("classification", (0.2, 0.9, 0.4, 0.9), 2), ("adding", (0.5, 0.3, float("nan"), 0.1), 4)],
)
def test_saved_model_has_the_weights_of_the_best_epoch(
    task, scores, best, problem, tmp_path, monkeypatch
):
    config, corpus = small_problem(problem, task, epochs=4)
    session, weights = make_session(config, tmp_path / "run", corpus), []

    def next_scores(evaluator):
        weights.append(session.model.get_weights())
        return {session.metric.name: scores[len(weights) - 1]}, 0.5

    monkeypatch.setattr(Evaluator, "scores_and_loss", next_scores)
    session.train()
    assert session.best == {"epoch": best, "scores": {session.metric.name: scores[best - 1]}}
    saved = session.run.load_model().get_weights()
    for weight, expected in zip(saved, weights[best - 1], strict=True):
        np.testing.assert_array_equal(weight, expected)
    with open(tmp_path / "run" / "history.csv", encoding="utf-8") as file:
        column = [row[f"validation_{session.metric.name}"] for row in csv.DictReader(file)]
    assert [float(value) for value in column] == pytest.approx(scores, nan_ok=True)


def test_cosine_schedule_decays_the_learning_rate_over_the_epochs(problem, tmp_path):
    config, corpus = small_problem(
        problem, "adding", count=20, learning_rate=0.01, schedule="cosine"
    )
    session = make_session(config, tmp_path / "run", corpus)
    session.train()
    rates = [record["learning_rate"] for record in session.history]
    assert rates == pytest.approx([0.01, 0.00755, 0.00265])


def test_batch_of_another_length_is_not_traced_again(problem, tmp_path, monkeypatch):
    config, corpus = small_problem(problem, "pos_tagging", batch_size=4, bidirectional=False)
    session = prepared_session(config, tmp_path / "run", corpus)
    cell, calls, batches = cells.get("simple_rnn"), [], session.batches
    step = cell.step

    def counted_step(*arguments, **keywords):
        calls.append(1)
        return step(*arguments, **keywords)

    monkeypatch.setattr(cell, "step", counted_step)
    first_batch = batches.epoch(0).take(1)
    session.batches = types.SimpleNamespace(epoch=lambda number: first_batch)
    session.train_epoch()
    traced = len(calls)
    session.batches = batches
    session.train_epoch()
    assert len({batch[1].shape[1] for batch in batches.epoch(0)}) > 3
    assert len(calls) == traced > 0


def test_large_softmax_suggests_a_sampled_softmax(problem, tmp_path, capsys, monkeypatch):
    config, corpus = small_problem(problem, "language_model", epochs=1)

    def skip_epoch(session, evaluator):
        session.epoch = session.until

    monkeypatch.setattr(Session, "run_epoch", skip_epoch)
    for number, (units, sampled, label, suggested) in enumerate(
        ((1, 0, "", True), (1, 6, "", False), (1, 0, "trial 1/2 ", False), (40, 0, "", False))
    ):
        changed = dataclasses.replace(config, units=units, sampled_softmax=sampled)
        make_session(changed, tmp_path / str(number), corpus, ConsoleProgress(label)).train()
        printed = capsys.readouterr().err
        assert ("step's work. --sampled_softmax=1000" in printed) == suggested


@pytest.mark.parametrize("task", ["adding", "language_model"])
@pytest.mark.parametrize("kind", ["clipnorm", "global_clipnorm", "clipvalue"])
def test_training_optimizer_has_the_configured_clipping(kind, task, problem, tmp_path):
    config, corpus = small_problem(problem, task, **{"global_clipnorm": None, kind: 0.25})
    optimizer = prepared_session(config, tmp_path / "run", corpus).training_model.optimizer
    values = {
        name: getattr(optimizer, name) for name in ("clipnorm", "global_clipnorm", "clipvalue")
    }
    assert values == {"clipnorm": None, "global_clipnorm": None, "clipvalue": None, kind: 0.25}
