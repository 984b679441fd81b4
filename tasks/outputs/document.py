"""Documents: the inputs of a file, and how its lines look with the predictions added."""

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

COLUMNS = ("prediction", "score")  # names of the added columns
LINES = "a text on each line"  # the form of files without columns


@dataclass(frozen=True)
class Prediction:
    """The output of a model for one input.

    Args:
        output: a class, a text or a number; for words, a list of tags.
        score: its probability, a list for words; None for a number.
    """

    output: Any
    score: Any = None


@dataclass(frozen=True)
class Item:
    """One input of a file.

    Args:
        input: a text, or the words of a sentence; None for lines that are copied.
        render: function of the `Prediction` that returns the lines of the output file.
    """

    input: str | list[str] | None
    render: Callable[[Prediction | None], str]


@dataclass(frozen=True)
class Document:
    """The inputs of a file.

    Args:
        items: the inputs in order, with their lines.
        words: whether the inputs are lists of words.
        head: the first lines of the output file.
        described: what is read, such as "text column 'body'".
    """

    items: Sequence[Item]
    words: bool
    head: str
    described: str


def output_of(prediction: Prediction | None) -> Any:
    """Return the output of a prediction, None for an item without an input."""
    return None if prediction is None else prediction.output


def one_line(text: str) -> str:
    """Return `text` without line breaks and tabs, which would end a line or a column."""
    return " ".join(text.split()) if any(each in text for each in "\n\r\t") else text


def joined(value: Any) -> str:
    """Return an output or a score as the text of a cell; tags are joined by spaces."""
    if isinstance(value, list):
        return " ".join(map(joined, value))
    if isinstance(value, float):
        return f"{value:.6g}"
    return "" if value is None else str(value)


def table_line(cells: Sequence[str], separator: str, quoted: bool) -> str:
    """Return a line of a table; without quotes, tabs and line breaks in a cell become spaces."""
    if not quoted:
        return separator.join(map(one_line, cells)) + "\n"
    line = io.StringIO()
    csv.writer(line, delimiter=separator, lineterminator="\n").writerow(cells)
    return line.getvalue()


def free_names(names: Sequence[str]) -> list[str]:
    """Return the names of the added columns, with a number if a column has the name already."""
    found = []
    for name in COLUMNS:
        number, free = 1, name
        while free in names:
            number += 1
            free = f"{name}_{number}"
        found.append(free)
    return found
