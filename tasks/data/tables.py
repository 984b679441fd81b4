"""Parse tables of texts, labels and numbers: CSV, TSV and JSON lines."""

import collections
import csv
import io
import itertools
import json
import pathlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tasks.data import table_columns
from tasks.data.cells import CellReader
from tasks.data.file_contents import FileContents
from tasks.data.header import names_all_roles, twice_message
from tasks.data.matching import Field, match
from tasks.data.roles import Role
from zoo.errors import RequestError

KINDS = frozenset({"text", "label", "number"})
_SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
REPEATED_HEADER = "{n} repeated header line{s} skipped"
_SAMPLE = 20  # lines from which the separator is guessed
# (line number, cells).
Row = tuple[int, list[str]]


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
    separator = separator_of(text, roles, features)
    rows = csv.reader(io.StringIO(text), delimiter=separator, strict=True)
    return _parse_rows(path, _rows(path, rows, text), roles, features, header, separator)


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
    rows = csv.reader(io.StringIO(text), delimiter="\t", quoting=csv.QUOTE_NONE)
    table = _rows(path, rows, text)
    first = next(table)
    only_texts = len(roles) > 1 and {role.kind for role in roles} == {"text"}
    if header is None and only_texts and not names_all_roles(first[1], roles, features):
        header = False
    table = itertools.chain([first], table)
    return _parse_rows(path, table, roles, features, header, "\t")


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
    if header is not None:
        raise RequestError(
            f"{path}: header={str(header).lower()}, but JSON lines have no header line. Leave it "
            "out."
        )
    rows = list(_json_rows(path, text))
    fields = {name: Field("key", by_name=tuple(sorted(KINDS))) for name in rows[0][1]}
    found = match(roles, fields, features, str(path), "key")
    described = {role: f"key {name!r}" for role, name in found.items()}
    contents = FileContents([], found, described, "JSON lines")
    reader = CellReader(path, roles, found, contents.counts)
    contents.examples += [reader.example(number, row) for number, row in rows]
    return contents


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
            if not row or row == [""]:
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


def _parse_rows(
    path: pathlib.Path,
    rows: Iterator[Row],
    roles: Sequence[Role],
    features: Mapping[str, str] | None,
    header: bool | None,
    separator: str,
) -> FileContents:
    """Return the contents of a table with or without a header line."""
    head = list(itertools.islice(rows, table_columns.SAMPLE + 1))
    number, cells = head[0]
    rows = itertools.chain(head, rows)
    facts = {"separator": _SEPARATORS[separator], "header": "none"}
    notes: list[str] = []
    counts: collections.Counter[str] = collections.Counter()
    if header is not False:
        names = [name.strip() for name in cells]
        sample = [row for row in head[1:] if row[1] != cells]
        table_columns.check_header(path, number, names, sample, roles, features, header)
        rows = _without_headers(rows, cells, counts)
        if message := twice_message(names):
            raise RequestError(f"{path} line {number}: {message}")
        facts["header"] = f"line {number}"
        fields = {name: Field("column", by_name=tuple(sorted(KINDS))) for name in names}
        found = match(roles, fields, features, str(path), "column")
        described = {role: f"column {name!r}" for role, name in found.items()}
    else:
        names = [str(k + 1) for k in range(len(cells))]
        fields = table_columns.guessed_fields(head, roles, features)
        found = match(roles, fields, features, f"{path}, which has no header,", "column")
        described = {role: f"column {name} of {len(names)}" for role, name in found.items()}
        notes = table_columns.notes(names, found, features)
        if names_all_roles(cells, roles, None):
            notes.append("the first line is read as an example, but looks like a header")
    contents = FileContents([], found, described, "table", facts, counts, notes)
    reader = CellReader(path, roles, found, contents.counts)
    contents.examples += [
        reader.example(line, dict(zip(names, row, strict=True))) for line, row in rows
    ]
    return contents


def _without_headers(
    rows: Iterator[Row], header: list[str], counts: collections.Counter[str]
) -> Iterator[Row]:
    """Skip the header, and count the lines that repeat it, as in files that were joined."""
    next(rows)
    for number, row in rows:
        if row == header:
            counts[REPEATED_HEADER] += 1
        else:
            yield number, row


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
