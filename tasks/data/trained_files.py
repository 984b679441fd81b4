"""Read a further file as the files of training were read, as far as its form is the same."""

import dataclasses
from collections.abc import Mapping, Sequence

from tasks.data.file_contents import FileContents
from tasks.data.header import names_all_roles
from tasks.data.roles import FieldNames, Role
from tasks.data.summary import Summary

COLUMNS, CONLLU, TABLE, JSON_LINES = "columns", "CoNLL-U", "table", "JSON lines"
TFDS = "TFDS"
NO_HEADER = "none"  # the fact "header" of files whose columns are numbers
# Separator of columns -> its name; None: white space.
SEPARATORS = {None: "white space", "\t": "tab", ",": "comma", ";": "semicolon", "|": "vertical bar"}
_SAMPLE = 20  # lines from which the separator is guessed
_WITH_HEADER = (COLUMNS, TABLE)
_NAMED = (COLUMNS, TABLE, JSON_LINES, TFDS)  # columns have the names of a header line or of keys


@dataclasses.dataclass(frozen=True)
class TrainedFiles:
    """How the files of a run's training were read.

    Args:
        form: their format, such as "CoNLL-U"; "" if it is not known.
        columns: dict of role name to column.
        numbered: whether the columns are numbers, those of files without a header line.
        header: the field `header` of the configuration.
    """

    form: str = ""
    columns: FieldNames = dataclasses.field(default_factory=dict)
    numbered: bool = False
    header: bool | None = None

    @classmethod
    def of(
        cls,
        read: Summary | FileContents | None,
        requested: Mapping[str, str],
        header: bool | None,
    ) -> "TrainedFiles":
        """Return the record of a run, or of the training file of a corpus.

        Args:
            read: what was read; None in runs of version 0.1.
            requested: the field `features` of the configuration.
            header: the field `header` of the configuration.
        """
        if read is None:
            return cls("", dict(requested), False, header)
        numbered = read.facts.get("header") == NO_HEADER
        return cls(read.form, {**read.found, **requested}, numbered, header)


@dataclasses.dataclass(frozen=True)
class Reading:
    """How a further file is read: its roles, the columns that are known, and its header."""

    roles: tuple[Role, ...]
    features: FieldNames
    header: bool | None


def reading(
    trained: TrainedFiles,
    form: str,
    first: Sequence[str],
    roles: Sequence[Role],
    needed: Sequence[Role],
    features: Mapping[str, str] | None = None,
    header: bool | None = None,
) -> Reading:
    """Return how a file is read.

    The columns of training are used for a file of the same form: numbers for a file without a
    header line, names for one with it. A file of another form with named columns is searched for
    the names of training first. Otherwise, the columns are found as in a file for training.

    Args:
        trained: how the files of training were read.
        form: the format of the file.
        first: the cells of its first line, if it may be a header line.
        roles: the parts of an example.
        needed: those that the file must have.
        features: dict of role name to column, as the user requests.
        header: value of `--header`; None if it is not set.
    """
    requested = dict(features or {})
    columns, roles = trained.columns, tuple(roles)
    if form == trained.form and form in _WITH_HEADER and trained.form:
        header, keep = _header(trained, first, needed, header)
        only_column = header is False and len(first) == 1  # whatever its number in training
        columns = columns if keep and not only_column else {}
    elif trained.form and form != trained.form:
        if form in _NAMED and trained.form in _NAMED and not trained.numbered:
            roles = tuple(_preferring(role, columns.get(role.name)) for role in roles)
        columns = {}
    elif not trained.form and header is None:
        header = trained.header
    used = set(requested.values())
    columns = {role: name for role, name in columns.items() if name not in used}
    return Reading(roles, {**columns, **requested}, header)


def _header(
    trained: TrainedFiles, first: Sequence[str], needed: Sequence[Role], header: bool | None
) -> tuple[bool | None, bool]:
    """Return the header of a file of the form of training, and whether its columns are the same."""
    if header is not None:
        return header, header != trained.numbered
    if trained.numbered:
        # The header that a person has added since is not an example.
        is_named = names_all_roles(first, needed, None)
        return (None, False) if is_named else (False, True)
    if trained.form == COLUMNS and not names_all_roles(first, needed, trained.columns):
        return (True, True) if trained.header else (None, False)
    return trained.header or (trained.form == COLUMNS or None), True


def _preferring(role: Role, name: str | None) -> Role:
    if name is None:
        return role
    return dataclasses.replace(role, preferred=(name, *role.preferred))


def column_separator(text: str) -> str | None:
    """Return the separator of columns in a file with a word on each line; None: white space.

    It is a tab if there is one, otherwise white space, unless all lines are one word with the same
    number of semicolons, commas or bars.
    """
    if "\t" in text:
        return "\t"
    lines = [line for line in text[:10_000].split("\n") if line.strip()][:_SAMPLE]
    if any(len(line.split()) > 1 for line in lines):
        return None
    for separator in (";", ",", "|"):
        widths = {len(line.split(separator)) for line in lines}
        if len(widths) == 1 and widths != {1}:
            return separator
    return None
