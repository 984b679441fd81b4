"""Evaluator: independence of the window length, scored translations, comparison of scores."""

import dataclasses

import keras
import pytest
import tensorflow as tf

from tasks.heads import heads
from zoo.evaluation import evaluator
from zoo.evaluation.evaluator import Evaluator, is_better
from zoo.saved_models.exporting import serving_module


@pytest.mark.parametrize("window", [1, 7])
def test_metric_sums_do_not_depend_on_the_window_length(window, trained, problem, monkeypatch):
    run, (_, corpus) = trained("language_model"), problem("language_model")
    model, text = run.load_model(), [{"text": corpus.splits["test"][0]["text"][:40]}]
    whole = Evaluator(model, run.config, run.features, text).sums()
    monkeypatch.setattr(evaluator, "WINDOW", window)
    windows = Evaluator(model, run.config, run.features, text).sums()
    assert whole["count"] == 39 and whole["characters"] == 40
    assert windows == pytest.approx(whole, rel=1e-5)


@pytest.mark.costly
def test_scored_translations_match_the_exported_model(trained, problem):
    run, (_, corpus) = trained("translation"), problem("translation")
    examples = corpus.splits["test"][:30]
    sums = Evaluator(run.load_model(), run.config, run.features, examples, final=True).sums()
    serve = serving_module(run).signatures()["serve"]
    sources = tf.constant([example["source"] for example in examples])
    expected = serve(text=sources)["translation"].numpy()
    assert sums["hypotheses"] == [text.decode() for text in expected]
    assert sums["references"] == [example["target"] for example in examples]
    assert {"nats", "count"} <= set(sums)


def test_nan_score_is_never_better():
    class Loss:
        higher_is_better = False

    assert is_better(Loss, 0.5, None) and is_better(Loss, 0.5, 0.6)
    assert not is_better(Loss, 0.7, 0.6) and not is_better(Loss, float("nan"), None)


LOSSES = ("pos_tagging", "classification", "adding", "language_model", "copy_memory", "translation")


@pytest.mark.parametrize("task", LOSSES)
@pytest.mark.costly
def test_validation_loss_is_the_mean_of_the_training_loss_over_all_targets(task, trained, problem):
    """The loss of Keras, batch by batch, weighted by the number of targets."""
    run, (_, corpus) = trained(task), problem(task)
    examples, model = corpus.splits["validation"][:20], run.load_model()
    scores, loss = Evaluator(model, run.config, run.features, examples).scores_and_loss()
    arrangement = evaluator.tasks.get(task).arrangement
    total = count = 0.0
    if arrangement.stateful:
        ids, _ = run.features.stream(examples)
        logits = model({"tokens": ids[None, :-1]}, training=False)
        total = float(keras.losses.SparseCategoricalCrossentropy(True)(ids[None, 1:], logits))
        count = 1
        assert loss == scores["nats_per_token"]
    else:
        batches = arrangement.batches(run.features, examples, run.config, False)
        criterion = evaluator.head_of(run.config).loss()
        for inputs, targets, weights in batches.epoch(0):
            weight = float(tf.reduce_sum(weights))
            total += weight * float(criterion(targets, model(inputs, training=False), weights))
            count += weight
    assert loss == pytest.approx(total / count, rel=1e-4)


@pytest.mark.parametrize("reduction", ["mean_with_sample_weight", "sum_over_batch_size", "sum"])
def test_validation_loss_of_a_head_with_another_loss_is_computed(
    reduction, trained, problem, monkeypatch
):
    run, (_, corpus) = trained("adding"), problem("adding")
    examples = corpus.splits["validation"][:30]
    head = dataclasses.replace(
        heads.get("regression"),
        loss=lambda: keras.losses.MeanAbsoluteError(reduction=reduction),
        mean_loss=None,
    )
    monkeypatch.setattr(evaluator, "head_of", lambda config: head)
    model = run.load_model()
    scores, loss = Evaluator(model, run.config, run.features, examples).scores_and_loss()
    encoded = run.features.encode_examples(examples)
    inputs = {name: values.to_tensor() for name, values in encoded.inputs.items()}
    errors = model(inputs, training=False) - tf.reshape(encoded.targets, (-1, 1))
    assert loss == pytest.approx(float(tf.reduce_mean(abs(errors))), rel=1e-4)
    assert scores["mean_squared_error"] == pytest.approx(float(tf.reduce_mean(errors**2)), rel=1e-4)


def test_class_that_train_lacks_has_no_loss_with_any_head(trained, problem, monkeypatch):
    run, (_, corpus) = trained("classification"), problem("classification")
    known = corpus.splits["validation"][:10]
    unknown = [{**known[0], "label": "a label that train lacks"}]
    head = dataclasses.replace(heads.get(run.config.head), mean_loss=None)
    monkeypatch.setattr(evaluator, "head_of", lambda config: head)
    model, settings = run.load_model(), (run.config, run.features)
    losses = [
        Evaluator(model, *settings, examples).scores_and_loss()[1]
        for examples in (known, [*known, *unknown])
    ]
    assert losses[1] == pytest.approx(losses[0], rel=1e-5)
