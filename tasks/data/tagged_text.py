"""Parse sentences of tagged words: CoNLL-U, or a word, a tab and a tag on each line."""

import itertools
import pathlib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from tasks.data.matching import Field, describe_fields, match
from tasks.data.roles import Example, FieldNames, Role
from zoo.errors import RequestError

_CONLLU_WIDTH = 10
_CONLLU_COLUMNS = {"form": 1, "upos": 3, "xpos": 4}
_CONLLU_FIELDS = {
    "form": Field("FORM", by_type=("words",)),
    "upos": Field("UPOS", by_type=("tags",)),
    "xpos": Field("XPOS", by_name=("tags",)),
}
_WORD_TAB_TAG = ("words", "tags")


def parse_conllu(
    path: pathlib.Path, text: str, roles: Sequence[Role], features: Mapping[str, str] | None
) -> tuple[list[Example], FieldNames]:
    """Return the sentences of a CoNLL-U file, and the column of each role.

    Multi-word tokens (`3-4`) and empty nodes (`5.1`) are skipped.

    Args:
        path: the file, for messages.
        text: its content.
        roles: roles of kind `"words"` and `"tags"`.
        features: dict of role name to column: `"form"`, `"upos"` or `"xpos"`.

    Raises:
        RequestError: a line is malformed, or the column of the tags is empty.
    """
    found = match(roles, _CONLLU_FIELDS, features, str(path), "column")
    columns = {role: _CONLLU_COLUMNS[name] for role, name in found.items()}
    examples = list(_sentences(_conllu_rows(path, text), columns))
    for role, name in found.items():
        if name != "form" and all(tag == "_" for example in examples for tag in example[role]):
            raise RequestError(
                f"{path}: the column {name!r} is '_' throughout, so there are no tags. Choose "
                f"another column with features={{{role!r}: NAME}}: "
                f"{describe_fields(_CONLLU_FIELDS)}."
            )
    return examples, found


def parse_tagged_words(
    path: pathlib.Path, text: str, roles: Sequence[Role], features: Mapping[str, str] | None
) -> tuple[list[Example], FieldNames]:
    """Return the sentences of a file with word TAB tag on each line, and the column of each role.

    Blank lines separate sentences. The names of columns are numbers: by default, `"1"` holds the
    words and `"2"` the tags.

    Args:
        path: the file, for messages.
        text: its content.
        roles: roles of kind `"words"` and `"tags"`.
        features: dict of role name to column number.

    Raises:
        RequestError: a line has no word or no tag.
    """
    first_line = next(line for line in text.split("\n") if line.strip())
    fields = {
        str(index + 1): Field("column", _WORD_TAB_TAG[index : index + 1], _WORD_TAB_TAG)
        for index in range(first_line.count("\t") + 1)
    }
    found = match(roles, fields, features, f"{path} (word TAB tag on each line)", "column")
    columns = {role: int(name) - 1 for role, name in found.items()}
    return list(_sentences(_tagged_rows(path, text, columns.values()), columns)), found


def _conllu_rows(path: pathlib.Path, text: str) -> Iterator[list[str] | None]:
    """Yield the columns of each word, and None between sentences."""
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            yield None
        elif not line.startswith("#"):
            row = _conllu_row(f"{path} line {number}", line)
            if row[0].isdigit():
                yield row


def _conllu_row(place: str, line: str) -> list[str]:
    row = line.split("\t")
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
    return row


def _tagged_rows(
    path: pathlib.Path, text: str, columns: Collection[int]
) -> Iterator[list[str] | None]:
    """Yield the columns of each word, and None between sentences."""
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            yield None
            continue
        row = [cell.strip(" ") for cell in line.split("\t")]
        if missing := [column for column in columns if column >= len(row) or not row[column]]:
            raise RequestError(
                f"{path} line {number} has nothing in column {missing[0] + 1}: {line[:60]!r}. "
                "Write word TAB tag, and a blank line between sentences."
            )
        yield row


def _sentences(
    rows: Iterable[list[str] | None], columns: Mapping[str, int]
) -> Iterator[dict[str, list[str]]]:
    """Yield an example for each run of rows; `columns` maps role names to indices of a row."""
    sentence: list[list[str]] = []
    for row in itertools.chain(rows, (None,)):
        if row is not None:
            sentence.append(row)
        elif sentence:
            yield {role: [row[column] for row in sentence] for role, column in columns.items()}
            sentence = []
