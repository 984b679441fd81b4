"""Files with a word on each line, CoNLL-U or columns, with the predicted tags."""

import collections
import functools
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence

from tasks.data import tag_columns
from tasks.data.file_source import FileSource
from tasks.data.tagged_text import (
    CONLLU_COLUMNS,
    column_rows,
    conllu_columns,
    conllu_rows,
    content_lines,
)
from tasks.data.text_files import split_lines
from tasks.data.trained_files import column_separator
from tasks.outputs.document import Document, Item, Prediction, free_names, one_line, output_of

_Numbered = Sequence[tuple[int, str]]


def conllu(source: FileSource) -> Document:
    """Return the sentences of a CoNLL-U file, whose column of tags is replaced.

    Comments, multiword tokens and empty nodes are copied.

    Raises:
        RequestError: a line is malformed, or the tags have another column.
    """
    found = conllu_columns(source)
    form, tags = (found[role.name] for role in source.roles)
    column = CONLLU_COLUMNS[tags]
    rows = conllu_rows(source.path, source.text, collections.Counter())
    words = {number: row[CONLLU_COLUMNS[form]] for number, row in rows if row}

    def replace(line: str, tag: str) -> str:
        cells = line.split("\t")
        cells[column] = one_line(tag) or "_"
        return "\t".join(cells)

    items = list(_items(_numbered(source.text), words, replace))
    return Document(items, True, "", f"words FORM; the predictions replace {tags.upper()}")


def tagged_columns(source: FileSource) -> Document:
    """Return the sentences of a file with columns; the predicted tag becomes a further column.

    -DOCSTART- lines and comments are copied.

    Raises:
        RequestError: a line has no word.
    """
    text, role = source.text, source.roles[0].name
    separator, counts = column_separator(text), collections.Counter[str]()
    lines = content_lines(text, separator, counts)
    table = tag_columns.choose(source.only(source.roles[:1]), lines)
    rows = list(column_rows(source.path, lines[table.first :], table, separator, counts))
    words = {number: cells[table.columns[role]] for number, cells in rows if cells}
    added, head, numbered = separator or " ", "", _numbered(text)
    if table.first:
        number, names = lines[table.first - 1]
        copied = [line for _, line in numbered[:number]]
        head = "\n".join(copied) + added + free_names(names or [])[0] + "\n"
        numbered = numbered[number:]

    def append(line: str, tag: str) -> str:
        return line + added + (one_line(tag) or "_")

    items = list(_items(numbered, words, append))
    described = f"{role} {table.described[role]}; the predictions are a further column"
    return Document(items, True, head, described)


def _numbered(text: str) -> list[tuple[int, str]]:
    """Return the number and the text of each line."""
    return list(enumerate(split_lines(text), 1))


def _items(
    lines: _Numbered, words: Mapping[int, str], replace: Callable[[str, str], str]
) -> Iterator[Item]:
    """Yield an item for each sentence, and one for the blank lines after it.

    Args:
        lines: the number and the text of each line.
        words: dict of line number to word; other lines are copied.
        replace: function of a line and its tag that returns the line of the output.
    """
    for _, group in itertools.groupby(lines, lambda pair: not pair[1].strip()):
        block = [(line, words.get(number)) for number, line in group]
        found = [word for _, word in block if word is not None]
        yield Item(found or None, functools.partial(_render, block, replace))


def _render(
    block: Sequence[tuple[str, str | None]],
    replace: Callable[[str, str], str],
    prediction: Prediction | None,
) -> str:
    tags = iter(output_of(prediction) or ())
    lines = [line if word is None else replace(line, next(tags)) for line, word in block]
    return "".join(f"{line}\n" for line in lines)
