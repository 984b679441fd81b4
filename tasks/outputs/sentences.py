"""Files with a word on each line, CoNLL-U or columns, with the predicted tags."""

import functools
import itertools
import pathlib
from collections.abc import Callable, Iterator, Mapping, Sequence

from tasks.data.roles import Role
from tasks.data.tagged_text import is_docstart
from tasks.data.trained_files import column_separator
from tasks.outputs.columns import column_of
from tasks.outputs.document import COLUMNS, Document, Item, Prediction, one_line, output_of
from zoo.errors import RequestError

_CONLLU_COLUMNS = {"upos": 3, "xpos": 4}
_CONLLU_WIDTH = 10


def conllu(
    path: pathlib.Path, text: str, roles: Sequence[Role], features: Mapping[str, str]
) -> Document:
    """Return the sentences of a CoNLL-U file, whose column of tags is replaced.

    Comments, multiword tokens and empty nodes are copied.

    Args:
        path: the file, for messages.
        text: its content.
        roles: the roles of a tagging task.
        features: dict of role name to column, of the tags "upos" or "xpos".

    Raises:
        RequestError: a line is malformed, or the tags have another column.
    """
    words = next((features.get(role.name, "form") for role in roles if role.kind == "words"), "")
    tags = next((features.get(role.name, "upos") for role in roles if role.kind == "tags"), "upos")
    if words != "form":
        raise RequestError(
            f"{path}: the words of CoNLL-U are in the column 'form', not {words!r}. Leave them out "
            "of --features."
        )
    if tags not in _CONLLU_COLUMNS:
        raise RequestError(
            f"{path}: the predictions cannot replace the column {tags!r} of CoNLL-U. "
            f"Choose {' or '.join(_CONLLU_COLUMNS)}."
        )

    def words_of(number: int, line: str) -> list[str]:
        cells = line.split("\t")
        if len(cells) != _CONLLU_WIDTH:
            raise RequestError(
                f"{path} line {number} has {len(cells)} columns instead of the {_CONLLU_WIDTH} "
                f"tab-separated columns of CoNLL-U: {line[:60]!r}. Correct the line."
            )
        return [cells[1]] if cells[0].isdigit() else []

    def replace(line: str, tag: str) -> str:
        cells = line.split("\t")
        cells[_CONLLU_COLUMNS[tags]] = one_line(tag) or "_"
        return "\t".join(cells)

    items = list(_sentences(text, lambda line: line.startswith("#"), words_of, replace))
    described = f"words FORM; the predictions replace {tags.upper()}"
    return Document(items, True, "", ".conllu", described)


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
        roles: the roles of a tagging task.
        features: dict of role name to the name or number of a column.
        header: whether the first line is a header; None: it is one if it names all roles.

    Raises:
        RequestError: a line has no word.
    """
    separator = column_separator(text)
    lines = text.split("\n")
    first = next(k for k, line in enumerate(lines) if line.strip())
    cells = [cell.strip() for cell in lines[first].split(separator)]
    if header is None:
        header = len(cells) > 1 and all(column_of(role, cells, features) for role in roles)
    column, head = _word_column(path, lines, cells, separator, roles[0], features, header), ""
    if header:
        head = "\n".join([*lines[:first], lines[first] + (separator or " ") + COLUMNS[0], ""])
        lines = lines[first + 1 :]

    words_of = functools.partial(_word_of, path, separator, column)
    copied = functools.partial(_is_copied, separator)
    append = functools.partial(_append, separator or " ")
    start = first + 2 if header else 1
    items = list(_sentences("\n".join(lines), copied, words_of, append, start))
    name = repr(cells[column]) if header else f"{column + 1} of {len(cells)}"
    described = f"{roles[0].name} column {name}; the predictions are a further column"
    return Document(items, True, head, ".tsv", described)


def _word_of(
    path: pathlib.Path, separator: str | None, column: int, number: int, line: str
) -> list[str]:
    row = [cell.strip(" ") for cell in line.split(separator)]
    if column >= len(row) or not row[column]:
        raise RequestError(
            f"{path} line {number} has nothing in column {column + 1}, the words: "
            f"{line[:60]!r}. Correct the line, or choose the column with --features."
        )
    return [row[column]]


def _is_copied(separator: str | None, line: str) -> bool:
    is_comment = line.startswith("#") and len(line.split(separator)) == 1
    return is_comment or is_docstart(line.split(separator))


def _append(separator: str, line: str, tag: str) -> str:
    return line + separator + (one_line(tag) or "_")


def _word_column(
    path: pathlib.Path,
    lines: Sequence[str],
    first: Sequence[str],
    separator: str | None,
    role: Role,
    features: Mapping[str, str],
    header: bool,
) -> int:
    """Return the index of the words: the requested column, or the first that is not numbers."""
    names = list(first) if header else [str(k + 1) for k in range(len(first))]
    requested = features.get(role.name) or (column_of(role, names, features) if header else None)
    if requested is not None:
        if requested not in names:
            raise RequestError(
                f"{path} has no column {requested!r}, which the model reads as {role.name!r}. It "
                f"has {', '.join(names)}. Choose one with --features."
            )
        return names.index(requested)
    rows = (line.split(separator) for line in lines if line.strip())
    return int(len(first) > 2 and all(row[0].strip().isdigit() for row in rows))


def _sentences(
    text: str,
    copied: Callable[[str], bool],
    words_of: Callable[[int, str], list[str]],
    replace: Callable[[str, str], str],
    start: int = 1,
) -> Iterator[Item]:
    """Yield an item for each sentence and the blank lines after it.

    Args:
        text: the content of the file.
        copied: whether a line is copied.
        words_of: function of line number and line that returns its word, or [] to copy the line.
        replace: function of a line and its tag that returns the line of the output.
        start: the number of the first line.
    """
    numbered = list(enumerate(text.removesuffix("\n").split("\n"), start))
    for blank, group in itertools.groupby(numbered, lambda pair: not pair[1].strip()):
        block = [(line, [] if blank or copied(line) else words_of(k, line)) for k, line in group]
        words = [word for _, found in block for word in found]
        yield Item(words or None, functools.partial(_render, block, replace))


def _render(
    block: Sequence[tuple[str, list[str]]],
    replace: Callable[[str, str], str],
    prediction: Prediction | None,
) -> str:
    tags = iter(output_of(prediction) or ())
    lines = [replace(line, next(tags)) if words else line for line, words in block]
    return "".join(f"{line}\n" for line in lines)
