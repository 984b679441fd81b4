"""Parse tables of texts, labels and numbers: CSV, TSV and JSON lines."""

import csv
import io
import itertools
import json
import math
import pathlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tasks.data.matching import Field, match
from tasks.data.roles import Example, FieldNames, Role
from zoo.errors import RequestError

KINDS = frozenset({"text", "label", "number"})
# (line number, dict of column name to value).
_Row = tuple[int, dict[str, Any]]


def parse_csv(
    path: pathlib.Path, text: str, roles: Sequence[Role], features: Mapping[str, str] | None
) -> tuple[list[Example], FieldNames]:
    """Return the rows of a CSV file with a header line, and the column of each role.

    Args:
        path: the file, for messages.
        text: its content.
        roles: roles of the kinds in `KINDS`.
        features: dict of role name to column name.

    Raises:
        RequestError: a line is malformed, or a value does not fit its role.
    """
    rows = csv.reader(io.StringIO(text), strict=True)
    return _examples(path, _rows_with_header(path, rows, text), roles, features)


def parse_tsv(
    path: pathlib.Path, text: str, roles: Sequence[Role], features: Mapping[str, str] | None
) -> tuple[list[Example], FieldNames]:
    """Return the rows of a TSV file, and the column of each role; quotes are plain characters.

    A file for two or more roles, all of kind `"text"`, needs no header line: its columns are those
    of the roles in order, and their names are `"1"`, `"2"` and so on.

    Args:
        path: the file, for messages.
        text: its content.
        roles: roles of the kinds in `KINDS`.
        features: dict of role name to column name or number.

    Raises:
        RequestError: a line is malformed, or a value does not fit its role.
    """
    only_texts = len(roles) > 1 and {role.kind for role in roles} == {"text"}
    if only_texts and not _has_header(text, roles, features):
        return _examples_without_header(path, text, roles, features)
    rows = csv.reader(io.StringIO(text), delimiter="\t", quoting=csv.QUOTE_NONE)
    return _examples(path, _rows_with_header(path, rows, text), roles, features)


def parse_json_lines(
    path: pathlib.Path, text: str, roles: Sequence[Role], features: Mapping[str, str] | None
) -> tuple[list[Example], FieldNames]:
    """Return the objects of a file with a JSON object on each line, and the key of each role.

    Args:
        path: the file, for messages.
        text: its content.
        roles: roles of the kinds in `KINDS`.
        features: dict of role name to key.

    Raises:
        RequestError: a line is not a JSON object, or a value does not fit its role.
    """
    rows = _json_rows(path, text)
    first = next(rows)
    # The keys of the first object are the columns; the object is an example as well.
    return _examples(path, itertools.chain([first, first], rows), roles, features)


def _has_header(text: str, roles: Sequence[Role], features: Mapping[str, str] | None) -> bool:
    """Return whether the first line names a column for every role."""
    cells = {cell.strip() for cell in text.lstrip("\n").split("\n", 1)[0].split("\t")}
    return all(
        cells & {(features or {}).get(role.name), role.name, *role.preferred} for role in roles
    )


def _examples_without_header(
    path: pathlib.Path, text: str, roles: Sequence[Role], features: Mapping[str, str] | None
) -> tuple[list[Example], FieldNames]:
    lines = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    fields = {
        str(index + 1): Field("column", ("text",) if index < len(roles) else (), ("text",))
        for index in range(lines[0][1].count("\t") + 1)
    }
    found = match(roles, fields, features, f"{path} (source TAB target on each line)", "column")
    columns = {role: int(name) - 1 for role, name in found.items()}
    last = max(columns.values())
    examples = []
    for number, line in lines:
        cells = line.split("\t")
        if len(cells) <= last:
            raise RequestError(
                f"{path} line {number} has nothing in column {last + 1}: {line[:60]!r}. Write "
                "source TAB target on each line."
            )
        examples.append({role: cells[column] for role, column in columns.items()})
    return examples, found


def _rows_with_header(path: pathlib.Path, rows: Any, text: str) -> Iterator[_Row]:
    """Yield the rows of a `csv.reader`; the keys of the first one are the columns."""
    csv.field_size_limit(max(csv.field_size_limit(), len(text)))
    header = None
    try:
        for row in rows:
            if not row:
                continue
            if header is None:
                header = [name.strip() for name in row]
                yield rows.line_num, dict.fromkeys(header)
            elif len(row) != len(header):
                raise RequestError(
                    f"{path} line {rows.line_num} has {len(row)} columns, but the header line has "
                    f"{len(header)} ({', '.join(header)}). Correct the line, or quote values that "
                    "contain a separator."
                )
            else:
                yield rows.line_num, dict(zip(header, row, strict=True))
    except csv.Error as error:
        raise RequestError(
            f"{path} line {rows.line_num} cannot be read: {error}. Correct its quotes."
        ) from error


def _json_rows(path: pathlib.Path, text: str) -> Iterator[_Row]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise RequestError(
                f"{path} line {number} is not JSON ({error}). Write one object on each line."
            ) from error
        if not isinstance(row, dict):
            raise RequestError(
                f"{path} line {number} is not a JSON object: {line[:60]!r}. Write one object on "
                "each line."
            )
        yield number, row


def _examples(
    path: pathlib.Path,
    rows: Iterator[_Row],
    roles: Sequence[Role],
    features: Mapping[str, str] | None,
) -> tuple[list[Example], FieldNames]:
    """Return the examples of rows; the first row is the header, not an example."""
    _, header = next(rows)
    fields = {name: Field("column", by_name=tuple(sorted(KINDS))) for name in header}
    found = match(roles, fields, features, str(path), "column")
    kinds = {role.name: role.kind for role in roles}
    examples = []
    for number, row in rows:
        place = f"{path} line {number}"
        examples.append(
            {role: _value(kinds[role], row, column, place) for role, column in found.items()}
        )
    return examples, found


def _value(kind: str, row: Mapping[str, Any], column: str, place: str) -> str | float:
    if column not in row:
        raise RequestError(
            f"{place} has no {column!r}; it has {', '.join(row)}. All lines need the same columns."
        )
    value = row[column]
    if kind == "number":
        return _number(value, column, place)
    if kind == "text" and isinstance(value, str):
        return value
    if kind == "label" and isinstance(value, str | int | float) and str(value).strip():
        return str(value).strip()
    raise RequestError(
        f"{place}: {column!r} is {value!r}, which is not a {kind}. Correct the line."
    )


def _number(value: Any, column: str, place: str) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        raise RequestError(
            f"{place}: {column!r} is {value!r}, which is not a finite number. Correct the line."
        )
    return number
