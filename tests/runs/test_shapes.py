"""Declared shapes of JSON values."""

import pytest

from zoo.runs import stored
from zoo.runs.shapes import ANY, COUNT, DIGITS, FINITE, TEXT, Optional, ShapeError, check

TRIAL = {
    "id": "0",
    "status": "completed",
    "reason": None,
    "score": 0.5,
    "seconds": 1,
    "config": {"cell": "lstm", "cell_args": {}},
}
DEEP = 0
for _ in range(60):
    DEEP = [DEEP]


@pytest.mark.parametrize(
    ("value", "shape"),
    [
        (3, COUNT),
        (None, Optional(COUNT)),
        ({"a": 1, "other": "x"}, {"a": COUNT}),
        ({}, {"a?": COUNT}),
        ({"x": ["a"], "y": []}, {"*": [TEXT]}),
        ([TRIAL], stored.SHAPES["trials.json"]),
    ],
)
def test_fitting_value_is_accepted(value, shape):
    check(value, shape)


@pytest.mark.parametrize(
    ("value", "shape", "message"),
    [
        (True, COUNT, "its value is True, and must be a whole number"),
        (-1, COUNT, "must be a whole number of at least 0"),
        (10**400, FINITE, "must be a finite number"),
        (float("nan"), FINITE, "must be a finite number"),
        ("../x", DIGITS, "must be digits"),
        ({}, {"a": COUNT}, "a is missing"),
        ([], {"a": COUNT}, "must be an object"),
        ({"a": [{"b": None}]}, {"a": [{"b": TEXT}]}, r"a\[0\].b is None, and must be a text"),
        ([{**TRIAL, "id": "../0"}], stored.SHAPES["trials.json"], r"\[0\].id is '../0'"),
        (DEEP, ANY, "nested at most"),
    ],
)
def test_other_shape_is_rejected_with_the_field(value, shape, message):
    with pytest.raises(ShapeError, match=message):
        check(value, shape)
