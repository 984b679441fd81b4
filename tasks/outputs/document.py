"""Documents: the inputs of a file, and how its lines look with the predictions added."""

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

COLUMNS = ("prediction", "score")  # names of the added columns


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
        extension: the extension of the output file.
        described: what is read, such as "text column 'body'".
    """

    items: Sequence[Item]
    words: bool
    head: str
    extension: str
    described: str


def valid_text(text: str) -> str:
    r"""Return `text` with each surrogate, which UTF-8 cannot encode, replaced by U+FFFD.

    Surrogates stand for bytes of a command line that are not UTF-8, and come from JSON such as
    "\ud83d"; a pair of them is one character.

    Example:
        >>> from tasks.outputs.document import valid_text
        >>> valid_text("a\udcff"), valid_text("\ud83d\ude00")
        ('a\ufffd', '\U0001f600')
    """
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


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
