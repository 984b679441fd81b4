"""Tables of a report's error analysis: scores by class, and the most confident errors."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from zoo.reports.texts import shortened

CLASS_COLUMNS = ("class", ">precision", ">recall", ">F1", ">support")
NAME_LIMIT = 60  # characters of a class's name


class ErrorTable(NamedTuple):
    """The errors of an analysis, as texts.

    Attributes:
        title: the heading.
        caption: a sentence above the table.
        columns: names of the columns; a leading ">" marks a column of numbers.
        rows: the rows.
    """

    title: str
    caption: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]


def class_rows(analysis: Mapping[str, Any] | None) -> list[tuple[str, ...]]:
    """Return the texts of `CLASS_COLUMNS` for each class, the largest support first."""
    classes = (analysis or {}).get("classes", [])
    return [
        (
            shortened(record["class"], NAME_LIMIT),
            *(_score(record[name]) for name in ("precision", "recall", "f1")),
            str(record["support"]),
        )
        for record in sorted(classes, key=lambda record: -record["support"])
    ]


def class_caption(analysis: Mapping[str, Any]) -> str:
    """Return the caption of the table of classes."""
    score = _score(analysis["macro_f1"]) or "not defined"
    return (
        f"On the test split. The mean F1 of the classes (macro F1) is {score}. An empty cell is "
        "not defined: the class was never predicted, or does not occur."
    )


def error_table(analysis: Mapping[str, Any] | None) -> ErrorTable | None:
    """Return the table of an analysis's errors, or None without errors."""
    errors = (analysis or {}).get("errors", [])
    if not errors:
        return None
    if "confidence" not in errors[0]:
        rows = [
            (str(error["example"]), f"{error['true']:.4g}", f"{error['predicted']:.4g}")
            for error in errors
        ]
        caption = "The test examples with the largest errors, counted from 1."
        return ErrorTable("Largest errors", caption, (">example", ">true", ">predicted"), rows)
    columns = ("text", "true", "predicted", ">probability", ">example")
    caption = "The wrong predictions on the test split with the largest probabilities."
    return ErrorTable(
        "Most confident errors",
        caption,
        ("token", *columns) if "token" in errors[0] else columns,
        [_error_row(error) for error in errors],
    )


def _error_row(error: Mapping[str, Any]) -> tuple[str, ...]:
    token = (shortened(error["token"]),) if "token" in error else ()
    return (
        *token,
        shortened(error["text"]),
        shortened(error["true"], NAME_LIMIT),
        shortened(error["predicted"], NAME_LIMIT),
        f"{error['confidence']:.3f}",
        str(error["example"]),
    )


def _score(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"
