"""Parse tables of texts, labels and numbers: CSV, TSV and JSON lines."""

import json
import pathlib
from collections.abc import Iterator
from typing import Any

from tasks.data.cells import CellReader
from tasks.data.file_contents import FileContents
from tasks.data.file_source import FileSource
from tasks.data.matching import Field
from tasks.data.roles import FieldNames
from tasks.data.table_rows import KINDS, Table, open_table
from tasks.data.trained_files import JSON_LINES, SEPARATORS, TABLE
from zoo.errors import RequestError

REPEATED_HEADER = "{n} repeated header line{s} skipped"


def parse_csv(source: FileSource) -> FileContents:
    """Return the rows of a CSV file; its separator is a comma, a semicolon, a tab or a bar.

    Unless the user says otherwise, the first line must name a column for every role.

    Raises:
        RequestError: a line is malformed, or a value does not fit its role.
    """
    return _contents(source, open_table(source, quoted=True))


def parse_tsv(source: FileSource) -> FileContents:
    """Return the rows of a TSV file; quotes are plain characters.

    A file for two or more roles, all of kind `"text"`, needs no header line: its columns are those
    of the roles in order.

    Raises:
        RequestError: a line is malformed, or a value does not fit its role.
    """
    return _contents(source, open_table(source, quoted=False))


def parse_json_lines(source: FileSource) -> FileContents:
    """Return the objects of a file with a JSON object on each line.

    Raises:
        RequestError: a line is not a JSON object, or a value does not fit its role.
    """
    rows, found = open_json_lines(source)
    described = {role: f"key {name!r}" for role, name in found.items()}
    contents = FileContents([], found, described, JSON_LINES)
    reader = CellReader(source.path, source.roles, found, contents.counts)
    contents.examples += [reader.example(number, row) for number, row in rows]
    return contents


def open_json_lines(source: FileSource) -> tuple[list[tuple[int, dict[str, Any]]], FieldNames]:
    """Return the number and the object of each line, and dict of role name to key."""
    source.reject_header("a file of JSON lines")
    rows = list(_json_rows(source.path, source.text))
    fields = {name: Field("key", by_name=tuple(sorted(KINDS))) for name in rows[0][1]}
    return rows, source.columns(fields)


def _contents(source: FileSource, table: Table) -> FileContents:
    """Return the examples of a table."""
    facts = {"separator": SEPARATORS[table.separator], "header": table.header}
    contents = FileContents([], table.found, table.described, TABLE, facts, notes=table.notes)
    reader = CellReader(source.path, source.roles, table.found, contents.counts)
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
