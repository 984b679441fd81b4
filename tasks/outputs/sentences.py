"""Files with a word on each line, CoNLL-U or columns, with the predicted tags."""

import collections
import functools
import itertools
import pathlib
from collections.abc import Callable, Iterator, Mapping, Sequence

from tasks.data import tag_columns
from tasks.data.roles import Role
from tasks.data.tagged_text import (
    CONLLU_COLUMNS,
    column_rows,
    conllu_columns,
    conllu_rows,
    content_lines,
)
from tasks.data.trained_files import column_separator
from tasks.outputs.document import Document, Item, Prediction, free_names, one_line, output_of

_Numbered = Sequence[tuple[int, str]]


def conllu(
    path: pathlib.Path,
    text: str,
    roles: Sequence[Role],
    features: Mapping[str, str],
    header: bool | None,
) -> Document:
    """Return the sentences of a CoNLL-U file, whose column of tags is replaced.

    Comments, multiword tokens and empty nodes are copied.

    Args:
        path: the file, for messages.
        text: its content.
        roles: the roles of a tagging task, the words first.
        features: dict of role name to column, of the tags "upos" or "xpos".
        header: must not be true: the format has no header.

    Raises:
        RequestError: a line is malformed, or the tags have another column.
    """
    found = conllu_columns(path, roles, features, header)
    form, tags = (found[role.name] for role in roles)
    column = CONLLU_COLUMNS[tags]
    rows = conllu_rows(path, text, collections.Counter())
    words = {number: row[CONLLU_COLUMNS[form]] for number, row in rows if row}

    def replace(line: str, tag: str) -> str:
        cells = line.split("\t")
        cells[column] = one_line(tag) or "_"
        return "\t".join(cells)

    items = list(_items(_numbered(text), words, replace))
    return Document(items, True, "", f"words FORM; the predictions replace {tags.upper()}")


def tagged_columns(
    path: pathlib.Path,
    text: str,
    roles: Sequence[Role],
    features: Mapping[str, str],
    header: bool | None,
) -> Document:
    """Return the sentences of a file with columns; the predicted tag becomes a further column.

    -DOCSTART- lines and comments are copied.

    Args:
        path: the file, for messages.
        text: its content.
        roles: the roles of a tagging task, the words first.
        features: dict of role name to the name or number of a column.
        header: whether the first line is a header; None: it is one if it names the words.

    Raises:
        RequestError: a line has no word.
    """
    separator, counts = column_separator(text), collections.Counter[str]()
    lines, role = content_lines(text, separator, counts), roles[0].name
    known = {role: features[role]} if role in features else {}
    table = tag_columns.choose(path, lines, roles[:1], known, header)
    rows = list(column_rows(path, lines[table.first :], table, separator, counts))
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
    """Return the number and the text of each line; the last line break ends a line."""
    return list(enumerate(text.removesuffix("\n").split("\n"), 1))


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
