"""The output of a command: tables, or one JSON value."""

import contextlib
import json
import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

import zoo
from zoo.reports.leaderboard import (
    GRADIENT_COLUMNS,
    SCORE_COLUMNS,
    baseline_row,
    measured_columns,
    score_rows,
    searched_fields,
    trial_rows,
)
from zoo.runs.console import new_console, printable
from zoo.startup import set_threads, short_import

if TYPE_CHECKING:
    from zoo.reports.report import Report

SHOWN = 20  # trials of a leaderboard in the terminal; --json prints all
PLAIN_WIDTH = 200  # characters per line of a table in a file or a pipe
CONTROLS = re.compile("[\x7f-\x9f\ud800-\udfff]")  # those that `json` does not escape


def print_json(value: Any) -> None:
    """Print a JSON value on stdout; control characters in its texts are JSON escapes."""
    text = json.dumps(value, ensure_ascii=False, indent=1)
    print(CONTROLS.sub(lambda match: f"\\u{ord(match[0]):04x}", text))


def print_text(text: object = "") -> None:
    """Print a text on stdout, with its control characters as escapes."""
    print(printable(text))


def table(
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    title: str | None = None,
    *,
    bold_title: bool = False,
    wrapped: Collection[str] | None = None,
    drop_empty: bool = False,
) -> None:
    """Print a table on stdout that fits the width of the terminal.

    Args:
        columns: the names of the columns; a leading ">" aligns a column to the right.
        rows: the values; None is shown as "".
        title: a line above the table.
        bold_title: whether the title is bold in a terminal.
        wrapped: the columns whose texts may wrap, by default all of them; the others keep the
            width of their longest text.
        drop_empty: leave out the columns that are empty in all rows.
    """
    texts = [["" if value is None else printable(value, "") for value in row] for row in rows]
    result = Table(header_style="bold", box=None, pad_edge=False)
    column_texts = []
    for k, column in enumerate(columns):
        cells = [row[k] if k < len(row) else "" for row in texts]
        if drop_empty and not any(cells):
            continue
        name, right = printable(column.removeprefix(">"), ""), column.startswith(">")
        fixed = wrapped is not None and name not in wrapped
        width = max(map(cell_len, [name, *cells])) if fixed else None  # Rich measures no cell
        justify: Literal["left", "right"] = "right" if right else "left"
        result.add_column(name, justify=justify, overflow="fold", no_wrap=fixed, width=width)
        column_texts.append(cells)
    for row in zip(*column_texts, strict=True):
        result.add_row(*row)
    console = new_console()
    console = console if console.is_terminal else new_console(width=PLAIN_WIDTH)
    if title:
        console.print(Text(printable(title), "bold" if bold_title else ""), soft_wrap=True)
    console.print(result)


def scores(metrics: Mapping[str, Mapping[str, Any]], title: str) -> None:
    """Print the metrics of a result, each beside the trivial baseline."""
    table(SCORE_COLUMNS, score_rows(metrics), title)
    for name, score in metrics.items():
        if "signature" in score:
            print_text(f"{name}: {score['signature']}")


def leaderboard(report: "Report") -> None:
    """Print the trials of a search, best first, with the fields in which they differ."""
    fields, ranked = searched_fields(report), trial_rows(report)
    measured = measured_columns(ranked)
    rows: list[tuple[Any, ...]] = [
        (
            row.trial,
            row.cell,
            *row.values,
            row.score,
            row.parameters,
            *(row.gradient[number] for number in measured),
            f"{row.seconds:.0f}",
            row.remark,
        )
        for row in ranked[:SHOWN]
    ]
    if (baseline := baseline_row(report)) is not None:
        rows.append((baseline.trial, baseline.cell, *baseline.values, baseline.score))
    names = [
        field.replace("recurrent_initializer", "recurrent_init").removeprefix("cell_args.")
        for field in fields
    ]
    columns = (
        *("trial", "cell", *names, f">{report.metric.name}", ">parameters"),
        *(f">{GRADIENT_COLUMNS[number]}" for number in measured),
        *(">seconds", ""),
    )
    table(columns, rows, "leaderboard, validation")
    if len(ranked) > SHOWN:
        print(f"and {len(ranked) - SHOWN} more; report.html and --json show all")


@contextlib.contextmanager
def _no_stderr() -> Iterator[None]:
    """Discard file descriptor 2: TensorFlow's libraries write to it before they read log levels."""
    saved, null = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 2)
    try:
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(null)


def quiet_tensorflow() -> None:
    """Import TensorFlow with oneDNN, without log messages and with threads for recurrent networks.

    TensorFlow reads the variables once, so this comes before any other import of it. On processors
    for which it does not enable oneDNN by default, recurrent layers train faster with it
    (docs/engine.md). Values that the user has set take precedence.
    """
    zoo.check_backend()
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    set_threads()
    with _no_stderr(), short_import():
        import tensorflow

        tensorflow.constant(0)  # initializes the devices, which logs more messages
    tensorflow.get_logger().setLevel("ERROR")
