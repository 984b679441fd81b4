"""Trivial baselines, computed by hand."""

import math

import pytest

import zoo
from tasks import baselines, metrics
from tasks.data.roles import UNTAGGED
from tasks.text.pairs import TextPairs
from tasks.text.texts import AnsweredText, TextTokens


def test_most_frequent_tag_of_each_word_is_predicted():
    train = [
        {"words": ["a", "b", "a", "c"], "tags": ["X", "Y", "X", "Y"]},
        {"words": ["a", "d"], "tags": ["Y", "Y"]},
    ]
    test = [{"words": ["a", "b", "new"], "tags": ["X", "X", "Y"]}, {"words": ["a"], "tags": ["Y"]}]
    assert baselines.most_frequent_tag(None, train, test) == {"correct": 2, "count": 4}


def test_words_without_a_tag_are_not_counted():
    train = [{"words": ["a", "a", "a"], "tags": ["X", UNTAGGED, UNTAGGED]}]
    test = [{"words": ["a", "b"], "tags": ["X", UNTAGGED]}]
    assert baselines.most_frequent_tag(None, train, test) == {"correct": 1, "count": 1}


def test_most_frequent_class_is_predicted():
    train = [{"label": label} for label in ("x", "y", "y")]
    test = [{"label": label} for label in ("y", "x", "z", "y")]
    assert baselines.most_frequent_class(None, train, test) == {"correct": 2, "count": 4}


def test_unigram_smooths_counts_by_one():
    features = TextTokens(zoo.Config(token="char"), {"tokens": ["a", "b"]})
    sums = baselines.unigram(features, [{"text": "aaab"}], [{"text": "aba?"}])
    # Counts plus one: padding 1, unknown 1, a 4, b 2. The first token is not predicted.
    assert sums["nats"] == pytest.approx(-math.log(2 / 8) - math.log(4 / 8) - math.log(1 / 8))
    assert (sums["correct"], sums["count"], sums["characters"]) == (1, 3, 4)


def test_mean_training_target_is_predicted():
    train, test = [{"target": 1.0}, {"target": 3.0}], [{"target": 2.0}, {"target": 5.0}]
    assert baselines.mean_number(None, train, test) == {"squared_error": 9.0, "count": 2}


def test_chance_predicts_every_class_with_equal_probability():
    train, test = [{"label": label} for label in "xyzw"], [{"label": "x"}] * 6
    assert baselines.chance(None, train, test) == {
        "correct": 1.5,
        "nats": pytest.approx(6 * math.log(4)),
        "count": 6,
    }


def test_memoryless_baseline_predicts_positions_of_symbols_but_not_symbols():
    examples = [{"text": "ab....?..", "answer": ".......ab"}]
    features = AnsweredText.fit(zoo.Config(token="char"), examples)
    assert baselines.memoryless(features, examples, examples) == {
        "nats": pytest.approx(2 * math.log(2)),
        "correct": 7 + 1,
        "count": 9,
    }


def test_copy_source_predicts_the_source_as_translation():
    train = [{"source": "a a", "target": "x x"}, {"source": "a", "target": "x"}]
    config = zoo.Config(task="translation", token="word", vocabulary_size=1000)
    features = TextPairs.fit(config, train)
    test = [{"source": "OK x", "target": "x"}, {"source": "x", "target": "x"}]
    sums = baselines.copy_source(features, train, test)
    assert sums["hypotheses"] == ["OK x", "x"]
    assert metrics.exact_match.function(sums) == 0.5
    assert sums["count"] == 4
    # Counts plus one over 5 ids, with 3 times x and 2 ends in training: x 4/10, the end 3/10.
    assert sums["nats"] == pytest.approx(-2 * math.log(4 / 10) - 2 * math.log(3 / 10))
