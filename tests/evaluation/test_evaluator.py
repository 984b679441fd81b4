"""Evaluator: independence of the window length, scored translations, comparison of scores."""

import pytest
import tensorflow as tf

from zoo.evaluation import evaluator
from zoo.evaluation.evaluator import Evaluator, is_better
from zoo.saved_models.exporting import serving_module

pytestmark = pytest.mark.usefixtures("unroll_factor_one")


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
