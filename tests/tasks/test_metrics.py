"""Metrics, computed by hand and by sacreBLEU."""

import math

import pytest

from tasks import metrics
from zoo.runs.shapes import NUMBER, check


def test_metrics_are_computed_from_sums():
    sums = {"nats": 6.0, "correct": 3, "count": 4, "characters": 8}
    assert metrics.accuracy.function(sums) == 0.75
    assert metrics.nats_per_token.function(sums) == 1.5
    assert metrics.perplexity.function(sums) == pytest.approx(4.4816890703)
    assert metrics.bits_per_character.function(sums) == pytest.approx(0.75 / 0.69314718056)
    assert metrics.mean_squared_error.function({"squared_error": 3.0, "count": 4}) == 0.75


def test_perplexity_of_a_diverged_model_is_finite():
    largest = metrics.perplexity.function({"nats": 1e6, "count": 1})
    assert largest < math.inf
    check(largest, NUMBER)  # a run folder may hold it
    check(math.exp(700), NUMBER)  # that of version 0.1


@pytest.mark.parametrize(
    ("name", "higher_is_better"),
    [
        ("accuracy", True),
        ("nats_per_token", False),
        ("perplexity", False),
        ("bits_per_character", False),
        ("mean_squared_error", False),
        ("bleu", True),
        ("chrf", True),
        ("exact_match", True),
    ],
)
def test_metric_has_the_name_of_its_variable_and_a_direction(name, higher_is_better):
    metric = getattr(metrics, name)
    assert (metric.name, metric.higher_is_better) == (name, higher_is_better)


def test_translations_are_scored_like_sacrebleu():
    sums = {
        "hypotheses": ["The cat sat on the mat.", "no"],
        "references": ["The cat sat on the mat.", "yes"],
        "nats": 6.0,
        "count": 4,
    }
    assert metrics.exact_match.function(sums) == 0.5
    assert metrics.nats_per_token.function(sums) == 1.5
    assert 80 < metrics.bleu.function(sums) < 100
    assert 50 < metrics.chrf.function(sums) < 100
    sums["hypotheses"] = sums["references"]
    assert metrics.bleu.function(sums) == pytest.approx(100)
    assert metrics.chrf.function(sums) == pytest.approx(100)


def test_translation_metrics_have_sacrebleu_signatures():
    assert metrics.bleu.signature().startswith(
        "nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:"
    )
    assert metrics.chrf.signature().startswith(
        "nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:no|version:"
    )
    assert metrics.accuracy.signature is None
