"""Readings of a network, the forecast from them, and changes that are tried."""

import math

import keras
import numpy as np
import pytest

import zoo
from zoo.diagnosis import advice, forecast
from zoo.diagnosis import readings as moments
from zoo.diagnosis.forecast import Setting
from zoo.diagnosis.readings import Reader, Reading, baseline, readings
from zoo.diagnosis.subjects import as_batch


@pytest.fixture
def linear_model():
    """A model whose state is multiplied by 1/2 in each timestep."""
    layer = zoo.Recurrent("simple_rnn", 1, activation="linear")
    model = keras.Sequential([keras.Input((6, 1)), layer, keras.layers.Dense(1)])
    layer.cell.recurrent_kernel.assign([[0.5]])
    model.compile(keras.optimizers.Adam(0.01), "mse")
    return model


@pytest.fixture
def batch():
    random = np.random.default_rng(0)
    return as_batch((random.normal(size=(4, 6, 1)), random.normal(size=(4, 1))))


@pytest.mark.parametrize(("lag", "expected"), [(3, 1 / 8), (None, 1 / 32), (100, 1 / 32)])
def test_influence_is_that_at_the_lag_relative_to_the_largest(linear_model, batch, lag, expected):
    assert Reader(linear_model, batch, lag).read().influence == pytest.approx(expected, rel=1e-5)


def test_moves_change_the_reading_and_not_the_model(linear_model, batch):
    before = [np.array(each) for each in linear_model.variables]
    found = Reader(linear_model, batch)
    start, moved = found.read(), found.read_moved(10)
    for old, new in zip(before, linear_model.variables, strict=True):
        np.testing.assert_array_equal(old, new)
    # Each weight moves by 10 x 0.01 against the sign of its gradient.
    assert moved.loss != start.loss
    kernel = moved.influence ** (1 / 5)
    assert abs(kernel - 0.5) == pytest.approx(0.1, rel=1e-3)


def test_networks_are_read_before_and_in_training(linear_model, batch, monkeypatch):
    monkeypatch.setattr(moments, "STEPS", (2, 4))
    found = readings(Reader(linear_model, batch), 3 * [batch])
    assert list(found) == ["start", "moved 10", "moved 50", "step 2"]
    assert found["step 2"].loss < found["start"].loss
    assert int(linear_model.optimizer.iterations) == 3


def test_baseline_is_the_loss_of_the_best_constant():
    assert baseline(np.array([0, 0, 1, 1])) == pytest.approx(math.log(2))
    assert baseline(np.array([[1.0], [3.0]])) == 1.0


def reads(influence, loss=1.0, **steps):
    names = ("start", *(f"moved {updates}" for updates in moments.MOVES))
    found = {name: Reading(loss, 1.0, influence) for name in names}
    return found | {name.replace("_", " "): reading for name, reading in steps.items()}


RECALL = Setting(40, one_lag=True, gated=True)


def test_networks_without_influence_are_predicted_not_to_learn_a_single_lag():
    assert forecast.probability(reads(0.0), RECALL) < 0.5 < forecast.probability(reads(0.5), RECALL)
    for steps in moments.STEPS:
        stuck = {f"step_{steps}": Reading(1.0, 1.0, 1e-12)}
        learning = {f"step_{steps}": Reading(0.1, 1.0, 1.0)}
        assert forecast.probability(reads(0.0, **stuck), RECALL) < 0.5
        assert forecast.probability(reads(0.5, **learning), RECALL) > 0.5


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_figures_that_are_not_finite_have_a_probability(value):
    found = reads(value, loss=value, step_200=Reading(value, 0.0, value))
    assert 0 <= forecast.probability(found, RECALL) <= 1


def test_setting_of_a_task_says_whether_shorter_lags_teach_something(linear_model, batch):
    reader = Reader(linear_model, batch, 39)
    adding, recall = (
        advice.setting_of(zoo.Config(task=task, cell=cell, difficulty=40), reader)
        for task, cell in (("adding", "lru"), ("delayed_recall", "gru"))
    )
    assert adding == Setting(39, one_lag=False, gated=False)
    assert recall == Setting(39, one_lag=True, gated=True)


def test_changes_keep_or_replace_the_cell_one_at_a_time():
    found = list(advice.changes_of(zoo.Config(task="delayed_recall", cell="mgu"), 40))
    assert {"bias_initializer": "chrono:40"} in found
    assert {"recurrent_initializer": "glorot_uniform"} in found
    assert {"recurrent_initializer": "orthogonal"} not in found  # the default
    assert {"cell": "lstm", "bias_initializer": "chrono:40"} in found
    assert {"cell": "exprnn"} in found and {"cell": "mgu"} not in found


def test_changes_of_a_plain_network_include_its_activation():
    config = zoo.Config(
        task="adding", cell="simple_rnn", cell_args={"activation": "relu"}, clipnorm=5.0
    )
    found = list(advice.changes_of(config, 40))
    assert {"cell_args": {"activation": "tanh"}} in found
    assert {"cell_args": {"activation": "relu"}} not in found
    assert {"clipnorm": None, "clipvalue": None, "global_clipnorm": 1.0} in found
    assert not any("bias_initializer" in changes for changes in found if "cell" not in changes)


@pytest.mark.costly
def test_tried_changes_are_ranked_by_the_forecast(monkeypatch):
    monkeypatch.setattr(advice, "probability", lambda read, _: read["start"].influence)
    monkeypatch.setattr(advice, "_KERNELS", ())
    config = zoo.Config(task="delayed_recall", cell="gru_reset_before", units=4, embedding=3)
    trials = zoo.advise(config, length=60, other_cells=["lru"])
    influences = [trial.last.influence for trial in trials]
    assert influences == sorted(influences, reverse=True)
    unchanged = next(trial for trial in trials if not trial.changes)
    assert unchanged.last.influence < 1e-4  # half of the state is lost in each timestep
    assert trials[0].text in ("--cell=lru", "--bias_initializer=chrono:60")
    assert trials[0].last.influence > 100 * unchanged.last.influence
    with pytest.raises(zoo.RequestError, match="steps=201 is not a whole number from 0 to 200"):
        zoo.advise(config, steps=201)
