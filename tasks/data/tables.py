"""Parse tables of texts, labels and numbers: CSV, TSV and JSON lines."""

import contextlib
import csv
import io
import itertools
import json
import pathlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tasks.data import table_columns
from tasks.data.cells import CellReader
from tasks.data.file_contents import FileContents
from tasks.data.header import names_all_roles, twice_message
from tasks.data.matching import Field, match
from tasks.data.roles import FieldNames, Role
from tasks.data.trained_files import NO_HEADER, SEPARATORS
from zoo.errors import RequestError

KINDS = frozenset({"text", "label", "number"})
_SEPARATORS = (",", ";", "\t", "|")  # of CSV files
REPEATED_HEADER = "{n} repeated header line{s} skipped"
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
        return self.header != NO_HEADER and [cell.strip() for cell in row] == self.names


def parse_csv(
    path: pathlib.Path,
    text: str,
    roles: Sequence[Role],
    features: Mapping[str, str] | None,
    header: bool | None = None,
) -> FileContents:
    """Return the rows of a CSV file; its separator is a comma, a semicolon, a tab or a bar.

    Args:
        path: the file, for messages.
        text: its content.
        roles: roles of the kinds in `KINDS`.
        features: dict of role name to the name of a column, or to its number without a header.
        header: whether the first line is a header; None: it must name a column for every role.

    Raises:
        RequestError: a line is malformed, or a value does not fit its role.
    """
    return _contents(path, open_table(path, text, True, roles, features, header), roles)


def parse_tsv(
    path: pathlib.Path,
    text: str,
    roles: Sequence[Role],
    features: Mapping[str, str] | None,
    header: bool | None = None,
) -> FileContents:
    """Return the rows of a TSV file; quotes are plain characters.

    A file for two or more roles, all of kind `"text"`, needs no header line: its columns are those
    of the roles in order.

    Args:
        path: the file, for messages.
        text: its content.
        roles: roles of the kinds in `KINDS`.
        features: dict of role name to the name of a column, or to its number without a header.
        header: whether the first line is a header; None: see above.

    Raises:
        RequestError: a line is malformed, or a value does not fit its role.
    """
    return _contents(path, open_table(path, text, False, roles, features, header), roles)


def parse_json_lines(
    path: pathlib.Path,
    text: str,
    roles: Sequence[Role],
    features: Mapping[str, str] | None,
    header: bool | None = None,
) -> FileContents:
    """Return the objects of a file with a JSON object on each line.

    Args:
        path: the file, for messages.
        text: its content.
        roles: roles of the kinds in `KINDS`.
        features: dict of role name to key.
        header: must be None: the keys of each object name its values.

    Raises:
        RequestError: a line is not a JSON object, or a value does not fit its role.
    """
    rows, found = open_json_lines(path, text, roles, features, header)
    described = {role: f"key {name!r}" for role, name in found.items()}
    contents = FileContents([], found, described, "JSON lines")
    reader = CellReader(path, roles, found, contents.counts)
    contents.examples += [reader.example(number, row) for number, row in rows]
    return contents


def open_json_lines(
    path: pathlib.Path,
    text: str,
    roles: Sequence[Role],
    features: Mapping[str, str] | None,
    header: bool | None,
) -> tuple[list[tuple[int, dict[str, Any]]], FieldNames]:
    """Return the number and the object of each line, and dict of role name to key."""
    if header is not None:
        raise RequestError(
            f"{path}: header={str(header).lower()}, but JSON lines have no header line. Leave it "
            "out."
        )
    rows = list(_json_rows(path, text))
    fields = {name: Field("key", by_name=tuple(sorted(KINDS))) for name in rows[0][1]}
    return rows, match(roles, fields, features, str(path), "key")


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


def open_table(
    path: pathlib.Path,
    text: str,
    quoted: bool,
    roles: Sequence[Role],
    features: Mapping[str, str] | None,
    header: bool | None = None,
    needed: Sequence[Role] | None = None,
) -> Table:
    """Find the columns of a table with or without a header line.

    Args:
        path: the file, for messages.
        text: its content.
        quoted: whether cells may be quoted (CSV).
        roles: the parts of an example.
        features: dict of role name to column.
        header: whether the first line is a header; None: see `parse_csv` and `parse_tsv`.
        needed: the roles whose columns are found; None: all.
    """
    needed = roles if needed is None else needed
    separator = separator_of(text, needed, features) if quoted else "\t"
    source, quoting = io.StringIO(text), _quoting(quoted)
    reader = csv.reader(source, delimiter=separator, quoting=quoting, strict=quoted)
    rows = _rows(path, reader, text)
    head = list(itertools.islice(rows, table_columns.SAMPLE + 1))
    rows, (number, cells) = itertools.chain(head, rows), head[0]
    in_order = {role.kind for role in roles} == {"text"}
    if header is None and not quoted and in_order and len(roles) > 1:
        header = None if names_all_roles(cells, needed, features) else False
    if header is False:
        names = [str(k + 1) for k in range(len(cells))]
        fields = table_columns.guessed_fields(head, needed, features, in_order)
        found = match(needed, fields, features, f"{path}, which has no header,", "column")
        described = {role: f"column {name} of {len(names)}" for role, name in found.items()}
        notes = table_columns.notes(names, found, features)
        if names_all_roles(cells, roles, None):
            notes.append("the first line is read as an example, but looks like a header")
        return Table(separator, names, found, described, NO_HEADER, notes, rows)
    names = [name.strip() for name in cells]
    table_columns.check_header(path, number, names, head[1:], needed, features, header)
    next(rows)
    if message := twice_message(names):
        raise RequestError(f"{path} line {number}: {message}")
    kinds = tuple(sorted(KINDS))
    field = Field("column", kinds if header and len(names) == 1 else (), kinds)
    found = match(needed, dict.fromkeys(names, field), features, str(path), "column")
    described = {role: f"column {name!r}" for role, name in found.items()}
    return Table(separator, names, found, described, f"line {number}", [], rows)


def _contents(path: pathlib.Path, table: Table, roles: Sequence[Role]) -> FileContents:
    """Return the examples of a table."""
    facts = {"separator": SEPARATORS[table.separator], "header": table.header}
    contents = FileContents([], table.found, table.described, "table", facts, notes=table.notes)
    reader = CellReader(path, roles, table.found, contents.counts)
    for line, row in table.rows:
        if table.repeats_header(row):
            contents.counts[REPEATED_HEADER] += 1
        else:
            example = reader.example(line, dict(zip(table.names, row, strict=True)))
            contents.examples.append(example)
    return contents


def _json_rows(path: pathlib.Path, text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        place = f"{path} line {number}"
        try:
            row = json.loads(line, object_pairs_hook=_unique)
        except RecursionError as error:
            raise RequestError(
                f"{place} is nested too deep to be read. Write one flat object on each line."
            ) from error
        except _RepeatedKey as error:
            raise RequestError(f"{place} has the key {error} twice. Keep one of them.") from error
        except ValueError as error:
            remedy = "Write one object on each line."
            if text.lstrip().startswith("["):
                remedy = (
                    f"The file is one list; {remedy[0].lower()}{remedy[1:-1]}: jq -c '.[]' {path}"
                )
            raise RequestError(f"{place} is not JSON ({error}). {remedy}") from error
        if not isinstance(row, dict):
            raise RequestError(
                f"{place} is not a JSON object: {line[:60]!r}. Write one object on each line."
            )
        yield number, row


class _RepeatedKey(Exception):
    """A JSON object with two values of one key."""


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) < len(pairs):
        keys = [key for key, _ in pairs]
        raise _RepeatedKey(repr(next(key for key in keys if keys.count(key) > 1)))
    return values
