"""Tables and lists of texts with the predictions in two further columns."""

import collections
import dataclasses
import json
from collections.abc import Mapping, Sequence
from typing import Any

from tasks.data.cells import CellReader
from tasks.data.file_source import FileSource
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


def table(source: FileSource) -> Document:
    """Return the rows of a CSV or TSV file; repeated header lines are copied.

    Raises:
        RequestError: a line is malformed, or no column is the input.
    """
    quoted, name = extension(source.path) == ".csv", source.roles[0].name
    opened = open_table(source, quoted, _input(source.roles))
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


def json_lines(source: FileSource) -> Document:
    """Return the objects of a file with a JSON object on each line.

    Raises:
        RequestError: a line is not an object with the key of the input.
    """
    needed, name = _input(source.roles), source.roles[0].name
    rows, found = open_json_lines(source.only(needed))
    key, reader = found[name], CellReader(source.path, needed, found, collections.Counter())
    items = []
    for number, row in rows:
        if source.roles[0].kind == "vectors" and isinstance(row.get(key), list):
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
