"""Damaged files of a run or a search are reported in a sentence that names the file."""

import json

import pytest
from reports.stored_run import history, write_run

from zoo.errors import RunError
from zoo.reports import writing

SCORES = (0.2, 0.5, 0.4)


@pytest.fixture
def run(tmp_path):
    return write_run(tmp_path / "run", history(SCORES))


@pytest.mark.parametrize(
    ("validation", "message"),
    [
        (None, "metrics.json: validation is null"),
        ({"epoch": 2, "scores": {}}, "accuracy is missing"),
        ({"epoch": 2, "scores": {"accuracy": 1e306}}, "accuracy is 1e.306, and must be a number"),
    ],
)
def test_chosen_epoch_without_a_score_is_named(validation, message, run):
    path = run / "metrics.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "validation": validation}))
    with pytest.raises(RunError, match=message):
        writing.write(run)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("epoch,loss,validation_accuracy\n1,1,0.5\n", "learning_rate is missing"),
        ("epoch,learning_rate,loss,validation_accuracy\n1,1,1e308,0.5\n", r"loss is 1e\+308"),
        ("epoch,learning_rate,loss,validation_accuracy\n-1,1,1,0.5\n", "epoch is -1"),
        ("epoch,learning_rate,loss\n1,1,1,1\n", "in line 2, it has more values than names"),
        ("epoch,learning_rate,loss\n1,x,1\n", "in line 2, could not convert string to float: 'x'"),
    ],
)
def test_history_of_another_shape_is_named(text, message, run):
    (run / "history.csv").write_text(text)
    with pytest.raises(RunError, match=f"history.csv: .*{message}"):
        writing.write(run)


def test_values_that_are_not_finite_are_drawn(run):
    header = "epoch,learning_rate,loss,validation_accuracy,validation_loss\n"
    (run / "history.csv").write_text(f"{header}1,1,1e99,nan,inf\n2,1,-1e99,0.5,-inf\n")
    assert len(writing.write(run).history) == 2
