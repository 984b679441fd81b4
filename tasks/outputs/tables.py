"""Tables and lists of texts with the predictions in two further columns."""

import collections
import dataclasses
import json
import pathlib
from collections.abc import Mapping, Sequence
from typing import Any

from tasks.data.cells import CellReader
from tasks.data.roles import Role
from tasks.data.table_rows import open_table
from tasks.data.tables import open_json_lines
from tasks.data.text_files import extension
from tasks.data.trained_files import NO_HEADER
from tasks.outputs.document import (
    COLUMNS,
    LINES,
    Document,
    Item,
    Prediction,
    free_names,
    joined,
    one_line,
    output_of,
    table_line,
)

TEXT_EXTENSIONS = (".txt", ".csv", ".tsv", ".jsonl", ".ndjson")  # of files with predicted texts


def texts(values: Sequence[str], end: str) -> Document:
    """Return a document of texts.

    Args:
        values: the inputs.
        end: the extension of the output: ".txt" (a prediction on each line), ".csv" or ".tsv" (a
            header, then text, prediction and score on each line), or ".jsonl".
    """
    if end in (".jsonl", ".ndjson"):
        items = [_json_item(value, {"text": value}) for value in values]
        return Document(items, False, "", LINES)
    if end in (".csv", ".tsv"):
        separator, quoted = ("," if end == ".csv" else "\t"), end == ".csv"
        items = [_row_item(value, [value], separator, quoted) for value in values]
        head = table_line(["text", *COLUMNS], separator, quoted)
        return Document(items, False, head, LINES)

    def render(prediction: Prediction | None) -> str:
        return one_line(joined(output_of(prediction))) + "\n"

    return Document([Item(value, render) for value in values], False, "", LINES)


def table(
    path: pathlib.Path,
    text: str,
    roles: Sequence[Role],
    features: Mapping[str, str],
    header: bool | None,
) -> Document:
    """Return the rows of a CSV or TSV file; repeated header lines are copied.

    Args:
        path: the file; in `.csv` files, cells may be quoted.
        text: its content.
        roles: the roles of the task; the first one is the input.
        features: dict of role name to the name of a column, or its number without a header.
        header: whether the first line is a header; None: except in TSV files of pairs of texts.

    Raises:
        RequestError: a line is malformed, or no column is the input.
    """
    quoted, needed, name = extension(path) == ".csv", _input(roles), roles[0].name
    known = {name: features[name]} if name in features else {}
    opened = open_table(path, text, quoted, roles, known, header, needed)
    index = opened.names.index(opened.found[name])
    head = ""
    if opened.header != NO_HEADER:
        names = [*opened.names, *free_names(opened.names)]
        head = table_line(names, opened.separator, quoted)
    items = [
        _row_item(None if opened.repeats_header(row) else row[index], row, opened.separator, quoted)
        for _, row in opened.rows
    ]
    return Document(items, False, head, f"{name} {opened.described[name]}")


def json_lines(
    path: pathlib.Path,
    text: str,
    roles: Sequence[Role],
    features: Mapping[str, str],
    header: bool | None,
) -> Document:
    """Return the objects of a file with a JSON object on each line.

    Args:
        path: the file, for messages.
        text: its content.
        roles: the roles of the task; the first one is the input.
        features: dict of role name to key.
        header: must be None: the keys of each object name its values.

    Raises:
        RequestError: a line is not an object with the key of the input.
    """
    needed, name = _input(roles), roles[0].name
    known = {name: features[name]} if name in features else {}
    rows, found = open_json_lines(path, text, needed, known, header)
    key, reader = found[name], CellReader(path, needed, found, collections.Counter())
    items = []
    for number, row in rows:
        if roles[0].kind == "vectors" and isinstance(row.get(key), list):
            value = json.dumps(row[key])
        else:
            value = reader.example(number, row)[name]
        items.append(_json_item(value, row))
    return Document(items, False, "", f"{name} key {key!r}")


def _input(roles: Sequence[Role]) -> list[Role]:
    """Return the role of the input; vectors are a text, a JSON list."""
    kind = "text" if roles[0].kind == "vectors" else roles[0].kind
    return [dataclasses.replace(roles[0], kind=kind)]


def _json_item(value: str, row: Mapping[str, Any]) -> Item:
    def render(prediction: Prediction | None) -> str:
        added = {} if prediction is None else {COLUMNS[0]: prediction.output}
        if prediction is not None and prediction.score is not None:
            added[COLUMNS[1]] = prediction.score
        names = dict(zip(COLUMNS, free_names(list(row)), strict=True))
        line = {**row, **{names[name]: value for name, value in added.items()}}
        return json.dumps(line, ensure_ascii=False) + "\n"

    return Item(value, render)


def _row_item(value: str | None, cells: Sequence[str], separator: str, quoted: bool) -> Item:
    def render(prediction: Prediction | None) -> str:
        added = ["", ""]
        if prediction is not None:
            added = [joined(prediction.output), joined(prediction.score)]
        return table_line([*cells, *added], separator, quoted)

    return Item(value, render)
