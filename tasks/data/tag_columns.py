"""Choose the columns of the words and of the tags in a file with one word on each line."""

import operator
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tasks.data.file_contents import features_flag
from tasks.data.file_source import FileSource
from tasks.data.header import names_all_roles, twice_message
from tasks.data.matching import Field
from tasks.data.roles import FieldNames, Role
from zoo.errors import RequestError

_KINDS = ("words", "tags")
_IOB = re.compile(r"O|[BIESLU]-.+")
_Lines = Sequence[tuple[int, list[str] | None]]


@dataclass(frozen=True)
class TagTable:
    """The columns of a file with one word on each line.

    Args:
        first: the index of the first line after the header.
        width: the number of columns.
        found: dict of role name to the name of its column.
        columns: dict of role name to the index of its column.
        described: dict of role name to a description of its column.
        notes: sentences about the choice.
    """

    first: int
    width: int
    found: FieldNames
    columns: dict[str, int]
    described: dict[str, str]
    notes: list[str]


def choose(source: FileSource, lines: _Lines) -> TagTable:
    """Choose the columns of the words and of the tags.

    The words are in the first column that is not a column of numbers. The tags are in the column
    with the fewest, but at least two, distinct values; of several, in the one that looks least like
    words, then in the last one of IOB tags, then in the first one.

    Unless the user says otherwise, the first line is a header if it names all roles.

    Args:
        source: the file; its roles are of the kinds `"words"` and `"tags"`.
        lines: the number and the cells of each line, None for a blank line.
    """
    path, roles, features = source.path, source.roles, source.features or {}
    start = next((k for k, (_, cells) in enumerate(lines) if cells is not None), None)
    if start is None:
        raise RequestError(f"{path} contains no words. Add some, or name another file.")
    cells = lines[start][1] or []
    header = source.header
    header = names_all_roles(cells, roles, features) if header is None else header
    rows = [row for _, row in lines[start + header :] if row is not None]
    names = [(header and name) or str(k + 1) for k, name in enumerate(cells)]
    if header and (message := twice_message(names)):
        raise RequestError(f"{path} line {lines[start][0]}: {message}")
    values = [_values(rows, k) for k in range(len(names))]
    fields = _fields(names, rows, values, roles, features)
    read = "" if header else ", read without a header line (else --header=true),"
    found = source.columns(fields, read)
    columns = {role: names.index(name) for role, name in found.items()}
    described = {
        role: f"column {repr(name) if header else f'{name} of {len(names)}'}"
        for role, name in found.items()
    }
    notes = _notes(names, values, roles, found, features)
    return TagTable(start + 1 if header else 0, len(names), found, columns, described, notes)


def _fields(
    names: Sequence[str],
    rows: Sequence[list[str]],
    values: Sequence[set[str]],
    roles: Sequence[Role],
    features: Mapping[str, str],
) -> dict[str, Field]:
    """Return the columns; `by_type` holds the kind that the choice gives to a column."""
    free = [k for k, name in enumerate(names) if name not in features.values()]
    requested = {role.kind for role in roles if role.name in features}
    chosen: dict[int, str] = {}
    if "words" not in requested:
        words = next((k for k in free if len(names) < 3 or not _is_numbers(rows, k)), None)
        words = free[0] if words is None and free else words
        if words is not None:
            chosen[words] = "words"
    if "tags" not in requested:
        left = [k for k in free if k not in chosen]
        several = [k for k in left if len(values[k]) > 1] or left
        if several:
            least = min(len(values[k]) for k in several)
            equal = [k for k in several if len(values[k]) == least]
            chosen[min(equal, key=lambda k: _likeness(values[k], k))] = "tags"
    return {
        name: Field("column", (chosen[k],) if k in chosen else (), _KINDS)
        for k, name in enumerate(names)
    }


def _notes(
    names: Sequence[str],
    values: Sequence[set[str]],
    roles: Sequence[Role],
    found: FieldNames,
    features: Mapping[str, str],
) -> list[str]:
    """State a choice among several columns of tags, and how to change it."""
    unused = [name for name in names if name not in found.values()]
    role = next((role.name for role in roles if role.kind == "tags"), None)
    if not unused or role is None or role in features:
        return []
    counts = ", ".join(f"{name} ({len(values[names.index(name)]):,} values)" for name in unused)
    note = f"unused column{'s' if len(unused) > 1 else ''}: {counts}"
    several = [name for name in unused if _may_be_tags(values[names.index(name)])]
    if several:
        note += f"; choose the column of {role} with {features_flag({role: several[0]})}"
    return [note]


def _may_be_tags(values: set[str]) -> bool:
    return len(values) > 1 and not all(map(str.isdigit, values))


def _values(rows: Sequence[list[str]], column: int) -> set[str]:
    try:
        return set(map(operator.itemgetter(column), rows))
    except IndexError:  # of a line with fewer columns
        return {row[column] for row in rows if column < len(row)}


def _likeness(values: set[str], column: int) -> tuple[int, int]:
    """Return a smaller value for a column of tags than for a column of words or lemmas."""
    words = sum(value.isalpha() and value.islower() for value in values)
    is_iob = all(_IOB.fullmatch(value) for value in values)
    return words, -column if is_iob else column


def _is_numbers(rows: Sequence[list[str]], column: int) -> bool:
    return all(row[column].isdigit() for row in rows if column < len(row))
