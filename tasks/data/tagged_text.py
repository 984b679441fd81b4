"""Parse sentences of tagged words: CoNLL-U, or a word and its tags in columns on each line."""

import collections
import itertools
import pathlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from tasks.data import tag_columns
from tasks.data.file_contents import FileContents, features_flag
from tasks.data.file_source import FileSource
from tasks.data.matching import Field, describe_fields
from tasks.data.roles import UNTAGGED, Example, FieldNames
from tasks.data.trained_files import COLUMNS, CONLLU, SEPARATORS, column_separator
from zoo.errors import RequestError

_CONLLU_WIDTH = 10
CONLLU_COLUMNS = {"form": 1, "upos": 3, "xpos": 4}
CONLLU_FIELDS = {
    "form": Field("FORM", by_type=("words",)),
    "upos": Field("UPOS", by_type=("tags",)),
    "xpos": Field("XPOS", by_name=("tags",)),
}
DOCSTART = "{n} -DOCSTART- line{s} skipped"
COMMENT = "{n} comment line{s} skipped"
MULTIWORD = "{n} multiword token{s} or empty node{s} skipped"
WITHOUT_TAG = "{n} word{s} without a tag ('_') neither trained on nor scored"
ONE_SENTENCE = "one sentence, since no blank line separates sentences"
OTHER_WIDTH = "{n} line{s} with another number of columns than most"
_Line = tuple[int, list[str] | None]  # number, cells of the word; None between sentences


def parse_conllu(source: FileSource) -> FileContents:
    """Return the sentences of a CoNLL-U file.

    Its columns are `"form"`, `"upos"` and `"xpos"`. Multi-word tokens (`3-4`) and empty nodes
    (`5.1`) are skipped. The tag `_` is `UNTAGGED`.

    Raises:
        RequestError: a line is malformed, or the column of the tags is empty.
    """
    found = conllu_columns(source)
    columns = {role: CONLLU_COLUMNS[name] for role, name in found.items()}
    counts: collections.Counter[str] = collections.Counter()
    examples = list(_sentences(conllu_rows(source.path, source.text, counts), columns))
    for role, name in found.items():
        if name == "form":
            continue
        untagged = _mark_untagged(examples, role)
        if untagged == sum(len(example[role]) for example in examples):
            raise RequestError(
                f"{source.path}: the column {name!r} is '_' throughout, so there are no tags. "
                f"Choose another column with {features_flag({role: 'NAME'})}: "
                f"{describe_fields(CONLLU_FIELDS)}."
            )
        counts[WITHOUT_TAG] += untagged
    described = {role: CONLLU_FIELDS[name].type for role, name in found.items()}
    return FileContents(examples, found, described, CONLLU, counts=counts)


def conllu_columns(source: FileSource) -> FieldNames:
    """Return dict of role name to the name of its column of CoNLL-U; see `parse_conllu`."""
    source.reject_header(CONLLU)
    return source.columns(CONLLU_FIELDS)


def is_conllu(text: str) -> bool:
    """Return whether the first line that is not a comment has the form of CoNLL-U."""
    lines = (line for line in text.split("\n") if line.strip() and not line.startswith("#"))
    row = next(lines, "").split("\t")
    return len(row) == _CONLLU_WIDTH and re.fullmatch(r"\d+([-.]\d+)?", row[0]) is not None


def parse_columns(source: FileSource) -> FileContents:
    """Return the sentences of a file with a word and its tags on each line.

    Blank lines separate sentences. `column_separator` finds the separator of columns. Their names
    are those of a header line, or numbers. `tag_columns.choose` chooses the columns. The tag `_` is
    `UNTAGGED`.

    Raises:
        RequestError: a line has no word or no tag.
    """
    separator = column_separator(source.text)
    counts: collections.Counter[str] = collections.Counter()
    lines = content_lines(source.text, separator, counts)
    table = tag_columns.choose(source, lines)
    rows = column_rows(source.path, lines[table.first :], table, separator, counts)
    examples = list(_sentences(rows, table.columns))
    for role in source.roles:
        if role.kind == "tags":
            counts[WITHOUT_TAG] += _mark_untagged(examples, role.name)
    header_line = "line 1" if table.first else "none"
    facts = {"separator": SEPARATORS[separator], "header": header_line}
    notes = [*table.notes, *[ONE_SENTENCE] * (len(examples) == 1)]
    return FileContents(examples, table.found, table.described, COLUMNS, facts, counts, notes)


def content_lines(
    text: str, separator: str | None, counts: collections.Counter[str]
) -> list[_Line]:
    """Return the number and cells of each line, None for a blank one, without comments."""
    lines, result = text.split("\n"), list[_Line]()
    # A line of the usual width is a comment if most sentences begin with one.
    width = 0 if _mostly_comments(text) else _usual_width(lines, separator)
    has_start, has_spaces = "-docstart-" in text.lower(), separator is not None and " " in text
    begins = True  # at the beginning of a sentence
    if "#" not in text and not has_start and not has_spaces:
        return [
            (number, line.split(separator) if line and not line.isspace() else None)
            for number, line in enumerate(lines, 1)
        ]
    for number, line in enumerate(lines, 1):
        if not line or line.isspace():
            begins = True
            result.append((number, None))
            continue
        cells = line.split(separator)
        if has_spaces and " " in line:
            cells = [cell.strip(" ") for cell in cells]
        if has_start and is_docstart(cells):
            counts[DOCSTART] += 1
        elif begins and line[0] == "#" and _is_comment(line, cells, separator, width):
            counts[COMMENT] += 1
        else:
            begins = False
            result.append((number, cells))
    return result


def _mostly_comments(text: str) -> bool:
    """Return whether half of the sentences or more begin with a line that begins with #."""
    if "#" not in text:
        return False
    blocks = [block.lstrip("\n") for block in text.strip("\n").split("\n\n")]
    return 2 * sum(block.startswith("#") for block in blocks) >= len(blocks) > 1


def _usual_width(lines: Iterable[str], separator: str | None) -> int:
    widths = (len(line.split(separator)) for line in lines if line.strip())
    return collections.Counter(itertools.islice(widths, 10_000)).most_common(1)[0][0]


def _is_comment(line: str, cells: Sequence[str], separator: str | None, width: int) -> bool:
    """Return whether a line with # before the first word of a sentence is a comment."""
    if separator:
        return len(cells) == 1
    return len(cells) > 1 and (len(cells) != width or "=" in line)


def column_rows(
    path: pathlib.Path,
    lines: Iterable[_Line],
    table: tag_columns.TagTable,
    separator: str | None,
    counts: collections.Counter[str],
) -> Iterator[_Line]:
    """Yield the lines, checked: each has a word, and what else `table` has."""
    width = table.width
    for number, cells in lines:
        if cells is not None and len(cells) != width:
            _check_cells(path, number, cells, table)
            if separator is None:
                raise RequestError(
                    f"{path} line {number} has {len(cells)} columns instead of {width}: "
                    f"{' '.join(cells)[:60]!r}. Correct the line, or separate the columns of the "
                    "file by tabs."
                )
            counts[OTHER_WIDTH] += 1
        elif cells is not None and "" in cells:
            _check_cells(path, number, cells, table)
        yield number, cells


def _check_cells(
    path: pathlib.Path, number: int, cells: Sequence[str] | None, table: tag_columns.TagTable
) -> None:
    """Raise RequestError if a line that is not blank lacks a word or a tag."""
    for column in table.columns.values():
        if cells is not None and (column >= len(cells) or not cells[column]):
            raise RequestError(
                f"{path} line {number} has nothing in column {column + 1}: "
                f"{' '.join(cells)[:60]!r}. Write word TAB tag, and a blank line between sentences."
            )


def conllu_rows(path: pathlib.Path, text: str, counts: collections.Counter[str]) -> Iterator[_Line]:
    """Yield the number of each word's line and its columns, and None between sentences."""
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            yield number, None
        elif not line.startswith("#"):
            row = line.split("\t")
            if len(row) != _CONLLU_WIDTH or not row[0].isdecimal() or not row[1].strip():
                _check_conllu_row(f"{path} line {number}", line, row)
            if row[0].isdecimal():
                yield number, row
            else:
                counts[MULTIWORD] += 1


def _check_conllu_row(place: str, line: str, row: Sequence[str]) -> None:
    if len(row) != _CONLLU_WIDTH:
        raise RequestError(
            f"{place} has {len(row)} columns instead of the {_CONLLU_WIDTH} tab-separated columns "
            f"of CoNLL-U: {line[:60]!r}. Correct the line."
        )
    if not re.fullmatch(r"\d+([-.]\d+)?", row[0]):
        raise RequestError(
            f"{place} begins with {row[0]!r}, which is not a CoNLL-U word index. Correct the line."
        )
    if not row[1].strip():
        raise RequestError(f"{place} has an empty FORM. Correct the line.")


def is_docstart(cells: Sequence[str]) -> bool:
    """Return whether a line with these cells marks the beginning of a document."""
    return any(cell.upper() == "-DOCSTART-" for cell in cells[:2])


def _mark_untagged(examples: Iterable[Example], role: str) -> int:
    """Replace the tag `_` by `UNTAGGED` and return the number of such words."""
    number = 0
    for example in examples:
        if "_" not in example[role]:
            continue
        tags = [UNTAGGED if tag == "_" else tag for tag in example[role]]
        number += tags.count(UNTAGGED)
        example[role] = tags
    return number


def _sentences(
    lines: Iterable[_Line], columns: Mapping[str, int]
) -> Iterator[dict[str, list[str]]]:
    """Yield an example for each run of words; `columns` maps role names to indices of a row."""
    sentence: list[list[str]] = []
    for _, row in itertools.chain(lines, ((0, None),)):
        if row is not None:
            sentence.append(row)
        elif sentence:
            yield {role: [row[column] for row in sentence] for role, column in columns.items()}
            sentence = []
