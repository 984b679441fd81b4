"""Heads: sums over predictions, and the shapes of all registered heads."""

import math

import numpy as np
import pytest
import tensorflow as tf

from tasks import heads
from tasks.arrangements import ALIGNED, ENCODER_DECODER, MANY_TO_ONE, NEXT_STEP
from tasks.head import Head, class_sums, mean_nats, number_sums

ARRANGEMENTS = {each.name: each for each in (ALIGNED, ENCODER_DECODER, MANY_TO_ONE, NEXT_STEP)}


def test_class_sums_never_count_an_unknown_label_as_correct():
    logits = tf.math.log([[[0.5, 0.25, 0.25], [0.5, 0.25, 0.25], [0.1, 0.1, 0.8], [0.2, 0.7, 0.1]]])
    sums = class_sums(tf.constant([[0, -1, 1, 1]]), logits, tf.constant([[1.0, 1.0, 1.0, 0.0]]))
    assert (float(sums["correct"]), float(sums["count"])) == (1, 3)
    # An unknown label has no likelihood.
    assert float(sums["nats"]) == pytest.approx(-math.log(0.5) - math.log(0.1), rel=1e-5)
    assert float(sums["known"]) == 2
    assert mean_nats({"nats": 3.0, "known": 2.0, "count": 3.0}) == 1.5
    assert mean_nats({"nats": 3.0, "count": 3.0}) == 1  # of a trivial baseline
    assert math.isnan(mean_nats({"nats": 0.0, "known": 0.0, "count": 3.0}))


def test_number_sums_ignore_values_of_weight_zero():
    sums = number_sums(
        tf.constant([[1.0], [2.0], [9.0]]),
        tf.constant([[3.0], [2.5], [0.0]]),
        tf.constant([1.0, 1.0, 0.0]),
    )
    assert (float(sums["squared_error"]), float(sums["count"])) == (4.25, 2)


@pytest.mark.parametrize("name", heads.names())
def test_head_returns_predictions_probabilities_and_a_loss(name):
    head = heads.get(name)
    assert isinstance(head, Head)
    features = np.ones((2, 4, 5) if head.sequences else (2, 5), "float32")
    predictions = head.layer(3)(features)
    assert predictions.shape == (*features.shape[:-1], 3)
    assert head.probabilities(predictions).shape == predictions.shape
    is_regression = name == "regression"
    targets = np.zeros(predictions.shape if is_regression else predictions.shape[:-1], "int32")
    assert float(head.loss()(targets, predictions)) >= 0


@pytest.mark.parametrize("name", heads.names())
def test_registered_arrangements_of_head_fit_its_predictions(name):
    for arrangement in heads.entry(name).arrangements:
        assert ARRANGEMENTS[arrangement].sequences == heads.get(name).sequences
