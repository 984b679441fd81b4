"""HTML elements of a report's page. These functions escape all texts except `body`."""

from collections.abc import Iterable, Sequence
from html import escape

Cell = str | int  # content of a table cell


def section(title: str, body: str) -> str:
    """Return a section with a heading. `body` is HTML."""
    return f"<section><h2>{escape(title)}</h2>\n{body}</section>"


def tiles(values: Iterable[tuple[str, str]]) -> str:
    """Return a list of large numbers.

    Args:
        values: pairs (label, formatted number).

    Returns:
        The element; "" if there are no values.
    """
    items = "".join(
        f"<div><dt>{escape(label)}</dt><dd>{escape(value)}</dd></div>" for label, value in values
    )
    return f"<dl class=tiles>{items}</dl>" if items else ""


def table(
    columns: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    caption: str = "",
    sortable: bool = False,
) -> str:
    """Return a table.

    Args:
        columns: names of the columns; a leading ">" marks a column of numbers.
        rows: the texts and numbers of each row.
        caption: a sentence above the table.
        sortable: whether a click on a column's name sorts the rows.
    """
    classes = [' class="number"' if name.startswith(">") else "" for name in columns]
    head = "".join(
        f'<th scope="col"{style}>{_column_head(name.lstrip(">"), sortable)}</th>'
        for name, style in zip(columns, classes, strict=True)
    )
    body = "\n".join(f"<tr>{_cells(row, classes)}</tr>" for row in rows)
    attribute = " data-sortable" if sortable else ""
    caption = f"<caption>{escape(caption)}</caption>" if caption else ""
    return (
        f'<div class="wide" tabindex="0"><table{attribute}>{caption}\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table></div>"
    )


def _cells(row: Sequence[Cell], classes: Sequence[str]) -> str:
    return "".join(
        f"<td{style}>{escape(str(value))}</td>" for value, style in zip(row, classes, strict=True)
    )


def _column_head(name: str, sortable: bool) -> str:
    return f"<button>{escape(name)}</button>" if sortable else escape(name)
