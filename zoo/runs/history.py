"""The history of a run, history.csv: one record per epoch."""

import csv
import io
import pathlib
from collections.abc import Sequence
from typing import Any

from zoo.runs import files, stored
from zoo.runs.shapes import ShapeError, check


def read(path: pathlib.Path) -> list[dict[str, int | float]]:
    """Return the records of a file.

    Raises:
        RunError: if the file cannot be read, or a value is not a number.
    """
    reader = csv.DictReader(io.StringIO(files.read_text(path), newline=""), strict=True)
    try:
        records = [
            {
                name: int(text) if name.startswith("epoch") else float(text)
                for name, text in row.items()
                if text
            }
            for row in reader
        ]
        for record in records:
            check(record, stored.EPOCH)
    except ShapeError as error:
        raise files.unreadable(path, error) from None
    except (ValueError, AttributeError, csv.Error) as error:
        reason = "it has more values than names" if isinstance(error, AttributeError) else error
        raise files.unreadable(path, f"in line {reader.line_num}, {reason}") from None
    return records


def write(path: pathlib.Path, history: Sequence[dict[str, Any]]) -> None:
    """Write the records of all epochs (at least one)."""
    # An older version may have begun the history with fewer columns.
    names = dict.fromkeys(name for record in history for name in record)
    text = io.StringIO()
    writer = csv.DictWriter(text, list(names), lineterminator="\n")
    writer.writeheader()
    writer.writerows(history)
    files.write_text(path, text.getvalue())
