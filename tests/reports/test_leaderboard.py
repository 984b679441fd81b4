"""Rows of the tables in a report."""

import types

from zoo.reports.leaderboard import (
    baseline_row,
    differing_fields,
    format_value,
    gradient_texts,
    measured_columns,
    rank_trials,
    remark,
    score_rows,
    trial_rows,
)

NONE = ("", "", "")


def trial(score, name="0", reason=None, **config):
    return {
        "id": name,
        "score": score,
        "status": "failed" if reason else "completed",
        "reason": reason,
        "seconds": 1.25,
        "parameters": None if reason else 1234,
        "config": {"cell": "gru", "cell_args": {}, "units": 2, **config},
    }


def report(*trials, baseline=None):
    metric = types.SimpleNamespace(name="accuracy", higher_is_better=True)
    return types.SimpleNamespace(trials=trials, metric=metric, best_trial="1", baseline=baseline)


def test_differing_fields_include_arguments_of_the_cell():
    trials = [trial(1, cell_args={"activation": "relu"}), trial(2, units=3), trial(None)]
    assert differing_fields(trials) == ["units", "cell_args.activation"]


def test_trials_are_ranked_in_the_direction_of_the_metric():
    trials = [trial(1), trial(2), trial(None)]
    assert [each["score"] for each in rank_trials(trials, True)] == [2, 1, None]
    assert [each["score"] for each in rank_trials(trials, False)] == [1, 2, None]


def test_values_are_formatted_for_a_table():
    values = (0.0, 0, False, None, {}, 1e-4, ("a", "b"))
    assert [format_value(each) for each in values] == ["0", "0", "false", "", "", "0.0001", "a, b"]


def test_score_row_has_the_baseline_and_the_direction():
    scores = {"value": 0.5, "baseline": 0.25, "unit": "fraction", "higher_is_better": True}
    (row,) = score_rows({"accuracy": scores})
    assert row == ("accuracy", "0.5000", "0.2500", "fraction", "higher")
    (row,) = score_rows({"nats": {**scores, "higher_is_better": False}})
    assert row.better == "lower"


def test_trial_rows_list_best_failed_and_baseline():
    trials = (trial(0.25), trial(0.5, "1", units=4), trial(None, "2", "the loss became nan."))
    best, second, failed = trial_rows(report(*trials))
    assert best == ("1", "gru", ("4",), "0.5000", "1,234", NONE, 1.25, "best", False)
    assert second == ("0", "gru", ("2",), "0.2500", "1,234", NONE, 1.25, "", False)
    assert failed == ("2", "gru", ("2",), "", "", NONE, 1.25, "the loss became nan.", True)
    assert baseline_row(report(*trials)) is None
    row = baseline_row(report(*trials, baseline=0.125))
    assert (row.cell, row.values, row.score) == ("trivial baseline", ("",), "0.1250")


def test_rows_have_the_measured_columns():
    measured = {"growth": 0.98765, "effective_memory": 1234, "clipped": 0.125}
    rows = trial_rows(report({**trial(0.25), **measured, "clipped": None}, trial(0.5, "1")))
    assert [row.gradient for row in rows] == [NONE, ("0.9877", "1,234", "")]
    assert measured_columns(rows) == [0, 1]
    assert gradient_texts(measured) == ("0.9877", "1,234", "12%")
    assert measured_columns(trial_rows(report(trial(0.5)))) == []


def test_remark_names_an_early_stop():
    early, whole = (
        {**trial(0.5, "1"), "stopped": {"epoch": 7, "reason": reason, "text": ""}}
        for reason in ("patience", "epochs")
    )
    assert remark(early, "1") == "best, stopped after epoch 7"
    assert remark(early, "0") == "stopped after epoch 7"
    assert remark(whole, "0") == ""
