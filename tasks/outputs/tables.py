"""Tables and lists of texts with the predictions in two further columns."""

import csv
import io
import json
import pathlib
from collections.abc import Mapping, Sequence
from typing import Any

from tasks.data.roles import Role
from tasks.data.table_columns import data_reason
from tasks.outputs.columns import column_of
from tasks.outputs.document import (
    COLUMNS,
    Document,
    Item,
    Prediction,
    joined,
    one_line,
    output_of,
    table_line,
)
from zoo.errors import RequestError

_SEPARATORS = (",", ";", "\t", "|")
_LINES = "a text on each line"
_SAMPLE = 20  # lines from which the separator is guessed


def texts(values: Sequence[str], end: str) -> Document:
    """Return a document of texts.

    Args:
        values: the inputs.
        end: the extension of the output: ".txt" (a prediction on each line), ".csv" or ".tsv" (a
            header, then text, prediction and score on each line), or ".jsonl".
    """
    if end in (".jsonl", ".ndjson"):
        items = [_json_item(value, {"text": value}) for value in values]
        return Document(items, False, "", end, _LINES)
    if end in (".csv", ".tsv"):
        separator, quoted = ("," if end == ".csv" else "\t"), end == ".csv"
        items = [_row_item(value, [value], separator, quoted) for value in values]
        head = table_line(["text", *COLUMNS], separator, quoted)
        return Document(items, False, head, end, _LINES)

    def render(prediction: Prediction | None) -> str:
        return one_line(joined(output_of(prediction))) + "\n"

    return Document([Item(value, render) for value in values], False, "", ".txt", _LINES)


def table(
    path: pathlib.Path,
    text: str,
    roles: Sequence[Role],
    features: Mapping[str, str],
    header: bool | None,
    quoted: bool,
) -> Document:
    """Return the rows of a CSV or TSV file.

    Args:
        path: the file, for messages.
        text: its content.
        roles: the roles of the task; the first one is the input.
        features: dict of role name to the name of a column, or its number without a header.
        header: whether the first line is a header; None: except in TSV files of pairs of texts.
        quoted: whether cells may be quoted (CSV).

    Raises:
        RequestError: a line is malformed, or no column is the input.
    """
    separator = separator_of(text, roles[0], features) if quoted else "\t"
    (_, names), *data = rows = _rows(path, text, separator, quoted)
    pairs = len(roles) > 1 and {role.kind for role in roles} == {"text"}
    if header is None and not quoted and pairs and column_of(roles[0], names, features) is None:
        header = False
    if header is False:
        data, names, head = rows, [str(k + 1) for k in range(len(names))], ""
        only = names[0] if pairs or len(names) == 1 else _longest(names, data)
        name = only if len(names) == 1 else features.get(roles[0].name, only)
    else:
        names = [name.strip() for name in names]
        name = column_of(roles[0], names, features) or _only_name(path, rows, header)
        head = table_line([*names, *_free_names(names)], separator, quoted)
    if names.count(name) != 1:
        raise RequestError(_no_column_message(path, roles[0], names, features, header))
    items = [_row_item(row[names.index(name)], row, separator, quoted) for _, row in data]
    column = f"{name} of {len(names)}" if header is False else repr(name)
    end = ".csv" if quoted else ".tsv"
    return Document(items, False, head, end, f"{roles[0].name} column {column}")


def json_lines(
    path: pathlib.Path, text: str, roles: Sequence[Role], features: Mapping[str, str]
) -> Document:
    """Return the objects of a file with a JSON object on each line.

    Args:
        path: the file, for messages.
        text: its content.
        roles: the roles of the task; the first one is the input.
        features: dict of role name to key.

    Raises:
        RequestError: a line is not an object with the key of the input.
    """
    items, keys = [], dict[str, None]()
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line, object_pairs_hook=_unique)
        except (ValueError, RecursionError):
            row = None
        if not isinstance(row, dict):
            raise RequestError(
                f"{path} line {number} is not a JSON object with different keys: {line[:60]!r}. "
                "Write one object on each line."
            )
        name = column_of(roles[0], list(row), features)
        if name is None:
            raise RequestError(
                f"{path} line {number}: "
                + _no_column_message(path, roles[0], list(row), features, None)
            )
        keys[name] = None
        items.append(_json_item(_json_input(row[name], f"{path} line {number}: {name!r}"), row))
    return Document(items, False, "", ".jsonl", f"{roles[0].name} key {', '.join(map(repr, keys))}")


def _only_name(
    path: pathlib.Path, rows: Sequence[tuple[int, list[str]]], header: bool | None
) -> str:
    """Return the name of the only column, "" if there are several.

    Raises:
        RequestError: the first line looks like an input.
    """
    (number, names), *data = rows
    if len(names) > 1:
        return ""
    names = [name.strip() for name in names]
    if header is None and (reason := data_reason(names, data)):
        raise RequestError(
            f"{path} line {number} looks like data: {reason}. If the file has no header line, add "
            "--header=false; if the line is a header, add --header=true."
        )
    return names[0]


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the values by key; raise ValueError for a key that occurs twice."""
    values = dict(pairs)
    if len(values) < len(pairs):
        raise ValueError
    return values


def _json_input(value: Any, place: str) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return json.dumps(value)  # a sequence of vectors
    raise RequestError(f"{place} is {str(value)[:60]}, which is not a text. Correct the line.")


def _json_item(value: str, row: Mapping[str, Any]) -> Item:
    def render(prediction: Prediction | None) -> str:
        added = {} if prediction is None else {COLUMNS[0]: prediction.output}
        if prediction is not None and prediction.score is not None:
            added[COLUMNS[1]] = prediction.score
        names = dict(zip(COLUMNS, _free_names(list(row)), strict=True))
        line = {**row, **{names[name]: value for name, value in added.items()}}
        return json.dumps(line, ensure_ascii=False) + "\n"

    return Item(value, render)


def _row_item(value: str, cells: Sequence[str], separator: str, quoted: bool) -> Item:
    def render(prediction: Prediction | None) -> str:
        added = ["", ""]
        if prediction is not None:
            added = [joined(prediction.output), joined(prediction.score)]
        return table_line([*cells, *added], separator, quoted)

    return Item(value, render)


def _free_names(names: Sequence[str]) -> list[str]:
    """Return the names of the added columns, with a number if a column has the name already."""
    found = []
    for name in COLUMNS:
        number, free = 1, name
        while free in names:
            number += 1
            free = f"{name}_{number}"
        found.append(free)
    return found


def separator_of(text: str, role: Role, features: Mapping[str, str]) -> str:
    """Guess the separator of a CSV file of inputs.

    It is the first by which line 1 names the input, or else the first that fits: by which each line
    has the same number of columns, more than one.
    """

    def score(separator: str) -> tuple[bool, bool]:
        reader = csv.reader(io.StringIO(text[:100_000]), delimiter=separator)
        try:
            rows = [row for row, _ in zip(reader, range(_SAMPLE), strict=False) if row]
        except csv.Error:
            return False, False
        named = column_of(role, [name.strip() for name in rows[0]], features) is not None
        return named, {len(row) for row in rows} == {max(2, len(rows[0]))}

    return max(_SEPARATORS, key=score)


def _rows(
    path: pathlib.Path, text: str, separator: str, quoted: bool
) -> list[tuple[int, list[str]]]:
    csv.field_size_limit(max(csv.field_size_limit(), len(text)))
    reader = csv.reader(
        io.StringIO(text),
        delimiter=separator,
        quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE,
        strict=quoted,
    )
    try:
        rows = [(reader.line_num, row) for row in reader if row]
    except csv.Error as error:
        raise RequestError(
            f"{path} line {reader.line_num} cannot be read: {error}. Correct its quotes."
        ) from error
    width = len(rows[0][1])
    for number, row in rows:
        if len(row) != width:
            raise RequestError(
                f"{path} line {number} has {len(row)} columns, but the first line has {width}. "
                "Correct the line, or quote values that contain a separator."
            )
    return rows


def _longest(names: Sequence[str], rows: Sequence[tuple[int, list[str]]]) -> str:
    """Return the column with the longest cells."""
    totals = [sum(len(row[k]) for _, row in rows) for k in range(len(names))]
    return names[totals.index(max(totals))]


def _no_column_message(
    path: pathlib.Path,
    role: Role,
    names: Sequence[str],
    features: Mapping[str, str],
    header: bool | None,
) -> str:
    wanted = features.get(role.name) or column_of(role, names, features)
    if names.count(wanted) > 1:
        return f"{path}: {wanted!r} heads several columns. Give each column a name of its own."
    reason = (
        f"has no column {wanted!r}, which the model reads as {role.name!r}"
        if wanted is not None
        else f"does not name the column of the input, {role.name!r}"
    )
    remedy = f"""Choose it with --features='{{"{role.name}": "NAME"}}'"""
    if header is None:
        remedy += ", or add --header=false if the first line is an example"
    return f"{path} {reason}. It has {', '.join(names)[:200]}. {remedy}."
