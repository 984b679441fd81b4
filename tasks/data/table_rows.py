"""The rows of CSV and TSV files, and their columns."""

import contextlib
import csv
import io
import itertools
import pathlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tasks.data import table_columns
from tasks.data.file_source import FileSource
from tasks.data.header import names_all_roles, twice_message
from tasks.data.matching import Field
from tasks.data.roles import FieldNames, Role
from tasks.data.trained_files import NO_HEADER
from zoo.errors import RequestError

KINDS = frozenset({"text", "label", "number"})  # of the roles that a table fills
_SEPARATORS = (",", ";", "\t", "|")  # of CSV files
_SAMPLE = 20  # lines from which the separator is guessed
# (line number, cells).
Row = tuple[int, list[str]]


@dataclass(frozen=True)
class Table:
    """The rows of a CSV or TSV file, and its columns.

    Args:
        separator: the separator of the columns.
        names: the names of the columns; numbers without a header line.
        found: dict of role name to the name of its column.
        described: dict of role name to a description of its column.
        header: the line of the header, such as "line 1"; "none" without one.
        notes: sentences about the choice of columns.
        rows: the number and the cells of each line after the header.
    """

    separator: str
    names: list[str]
    found: FieldNames
    described: dict[str, str]
    header: str
    notes: list[str]
    rows: Iterator[Row]

    def repeats_header(self, row: Sequence[str]) -> bool:
        """Return whether a row is the header line once more."""
        if self.header == NO_HEADER or row[0].strip() != self.names[0]:
            return False
        return [cell.strip() for cell in row] == self.names


def open_table(source: FileSource, quoted: bool, needed: Sequence[Role] | None = None) -> Table:
    """Find the columns of a table with or without a header line.

    Args:
        source: the file.
        quoted: whether cells may be quoted (CSV).
        needed: the roles whose columns are found; None: all.
    """
    only_texts = len(source.roles) > 1 and {role.kind for role in source.roles} == {"text"}
    wanted = source if needed is None else source.only(needed)
    separator = separator_of(wanted.text, wanted.roles, wanted.features) if quoted else "\t"
    text = io.StringIO(source.text)
    reader = csv.reader(text, delimiter=separator, quoting=_quoting(quoted), strict=quoted)
    rows = _rows(source.path, reader, source.text)
    head = list(itertools.islice(rows, table_columns.SAMPLE + 1))
    rows, (number, cells) = itertools.chain(head, rows), head[0]
    header = wanted.header
    if header is None and not quoted and only_texts:
        header = None if names_all_roles(cells, wanted.roles, wanted.features) else False
    if header is False:
        return _without_header(wanted, head, separator, rows, source.roles)
    next(rows)
    sample = [row for row in head[1:] if row[1] != cells]
    names = [name.strip() for name in cells]
    table_columns.check_header(wanted, number, names, sample)
    found = _named_columns(wanted, number, names)
    described = {role: f"column {name!r}" for role, name in found.items()}
    return Table(separator, names, found, described, f"line {number}", [], rows)


def _without_header(
    source: FileSource,
    head: Sequence[Row],
    separator: str,
    rows: Iterator[Row],
    roles: Sequence[Role],
) -> Table:
    """Return a table whose columns are numbers; `roles` are all parts of an example."""
    names = [str(k + 1) for k in range(len(head[0][1]))]
    in_order = {role.kind for role in roles} == {"text"}
    fields = table_columns.guessed_fields(head, source.roles, source.features, in_order)
    found = source.columns(fields, ", which has no header,")
    described = {role: f"column {name} of {len(names)}" for role, name in found.items()}
    notes = table_columns.notes(names, found, source.features)
    if names_all_roles(head[0][1], roles, None):
        notes.append("the first line is read as an example, but looks like a header")
    return Table(separator, names, found, described, NO_HEADER, notes, rows)


def _named_columns(source: FileSource, number: int, names: Sequence[str]) -> FieldNames:
    """Return dict of role name to the name of a column."""
    if message := twice_message(names):
        raise RequestError(f"{source.path} line {number}: {message}")
    kinds = tuple(sorted(KINDS))
    field = Field("column", kinds if source.header and len(names) == 1 else (), kinds)
    return source.columns(dict.fromkeys(names, field))


def first_rows(start: str, quoted: bool, roles: Sequence[Role]) -> list[list[str]]:
    """Return the cells of the first lines of a CSV or TSV file, up to a malformed one."""
    separator = separator_of(start, roles, None) if quoted else "\t"
    rows = csv.reader(io.StringIO(start), delimiter=separator, quoting=_quoting(quoted))
    found: list[list[str]] = []
    with contextlib.suppress(csv.Error):
        found += filter(None, itertools.islice(rows, table_columns.SAMPLE))
    return found


def _quoting(quoted: bool) -> Any:
    return csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE


def separator_of(text: str, roles: Sequence[Role], features: Mapping[str, str] | None) -> str:
    """Guess the separator of a CSV file from its first lines.

    It is the first that makes a header of line 1, or else the first with the same number of
    columns, more than one, on each line.
    """

    def score(separator: str) -> tuple[bool, bool]:
        try:
            reader = csv.reader(io.StringIO(text[:100_000]), delimiter=separator)
            rows = [row for row, _ in zip(reader, range(_SAMPLE), strict=False) if row]
        except csv.Error:
            return False, False
        widths = {len(row) for row in rows}
        constant = len(widths) == 1 and max(widths) > 1
        return names_all_roles(rows[0], roles, features), constant

    return max(_SEPARATORS, key=score)


def _rows(path: pathlib.Path, rows: Any, text: str) -> Iterator[Row]:
    """Yield the rows of a `csv.reader`, all with as many cells as the first one."""
    csv.field_size_limit(max(csv.field_size_limit(), len(text)))
    first: list[str] | None = None
    try:
        for row in rows:
            if not row or (row == [""] and len(first or ()) != 1):
                continue
            first = first or row
            if len(row) != len(first):
                raise RequestError(
                    f"{path} line {rows.line_num} has {len(row)} columns"
                    + f", nothing in column {len(row) + 1}" * (len(row) < len(first))
                    + f": {', '.join(row)[:60]!r}. The first line has {len(first)} "
                    f"({', '.join(first)[:100]}). Correct the line, or quote values that contain "
                    "a separator."
                )
            yield rows.line_num, row
    except csv.Error as error:
        raise RequestError(
            f"{path} line {rows.line_num} cannot be read: {error}. Correct its quotes."
        ) from error
