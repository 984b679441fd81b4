"""The formats of files: extensions, the roles that each can fill, and its parser."""

import collections
import pathlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tasks.data import table_rows, tables, tagged_text
from tasks.data.cleaning import clean, normalization
from tasks.data.file_contents import FileContents
from tasks.data.file_source import FileSource
from tasks.data.labelled_lines import form_of_labels, is_labelled_lines, parse_labelled_lines
from tasks.data.matching import Field
from tasks.data.roles import Role
from tasks.data.text_files import TextFile, check_file, extension, read_text_file
from tasks.data.trained_files import COLUMNS, CONLLU, JSON_LINES, TABLE, column_separator
from zoo.errors import RequestError

Parser = Callable[[FileSource], FileContents]


def parse_file(
    path: pathlib.Path,
    roles: Sequence[Role],
    features: Mapping[str, str] | None = None,
    header: bool | None = None,
) -> FileContents:
    """Return the contents of one file, its texts in Unicode normalization form C.

    Args:
        path: the file; its extension, before an optional `.gz`, determines its format. Extensions
            of several formats, such as `.train`, are distinguished by their first line.
        roles: the parts of an example.
        features: dict of role name to column.
        header: whether the first line is a header; None: depends on the format.

    Raises:
        RequestError: the format is unknown or cannot fill the roles, or the file cannot be read.
    """
    check_format(path, roles)
    return parse_text(path, read_text_file(path), roles, features, header)


def check_format(path: pathlib.Path, roles: Sequence[Role]) -> None:
    """Raise RequestError if a path is no file, or no format of its extension fills the roles."""
    check_file(path)
    _fitting_formats(path, roles)


def parse_text(
    path: pathlib.Path,
    file: TextFile,
    roles: Sequence[Role],
    features: Mapping[str, str] | None = None,
    header: bool | None = None,
) -> FileContents:
    """Return the contents of a file whose text has been read; see `parse_file`."""
    source = FileSource(path, file.text, roles, features, header)
    contents = _format_of(path, file.text, roles).parse(source)
    if not contents.examples:
        raise RequestError(f"{path} contains no examples. Add one, or name another file.")
    clean(contents.examples, roles, contents.counts)
    contents.facts["encoding"] = file.encoding
    contents.facts["normalization"] = normalization(contents.counts)
    return contents


def form_of(path: pathlib.Path, text: str, roles: Sequence[Role]) -> str:
    """Return the form, such as "CoNLL-U", of which the contents of a file would be.

    Raises:
        RequestError: the format is unknown or cannot fill the roles.
    """
    return _format_of(path, text, roles).form_of(text)


def input_form(path: pathlib.Path, text: str, roles: Sequence[Role]) -> str | None:
    """Return the form of a file of inputs, whose labels may be absent; None: a text on each line.

    Raises:
        RequestError: files with this extension have columns, but none that fill the roles.
    """
    _reject_list(path)
    found = next((each for each in _formats(path, roles) if each.accepts(text)), None)
    if found is None and extension(path) in TABLE_EXTENSIONS:
        raise RequestError(_cannot_fill_message(path, roles))
    if found is None:
        _reject_pairs(path, text, roles)
    return None if found is None or found.form == PLAIN_TEXT else found.form_of(text)


def first_rows(path: pathlib.Path, text: str, form: str, roles: Sequence[Role]) -> list[list[str]]:
    """Return the cells of the first lines of a file that may have a header line."""
    start = text.lstrip("\n")[:_START]
    if form == TABLE:
        return table_rows.first_rows(start, extension(path) == ".csv", roles)
    if form != COLUMNS or not start.strip():
        return []
    lines = tagged_text.content_lines(start, column_separator(text), collections.Counter())
    return [cells for _, cells in lines if cells]


def _always(text: str) -> bool:
    return True


@dataclass(frozen=True)
class _Format:
    """A file format: the kinds of role that it can fill, its parser, its form and extensions.

    `accepts` tells formats of one extension apart. The form of labelled lines depends on the text.
    """

    kinds: frozenset[str]
    parse: Parser
    form: str
    extensions: tuple[str, ...]
    accepts: Callable[[str], bool] = _always

    def fits(self, roles: Sequence[Role]) -> bool:
        """Return whether the format can fill the roles."""
        return {role.kind for role in roles} <= self.kinds

    def form_of(self, text: str) -> str:
        """Return the form of a text that the format accepts."""
        return self.form or form_of_labels(text)


def _parse_plain_text(source: FileSource) -> FileContents:
    path, roles = source.path, source.roles
    if len(roles) != 1:
        raise RequestError(
            f"{path}: a {extension(path)} file is one text and cannot fill {len(roles)} roles. "
            "Give a .csv, .tsv or .jsonl file."
        )
    source.reject_header("a text")
    found = source.columns({"text": Field("the whole file", by_type=("text",))})
    return FileContents(
        [{roles[0].name: source.text}], found, {roles[0].name: "the whole file"}, PLAIN_TEXT
    )


def _has_columns(text: str) -> bool:
    """Return whether the first lines have equally many words, more than one.

    Lines that begin a document, comments, and lines of pairs such as word/TAG do not count.
    """
    lines = [line for line in text[:10_000].split("\n")[:-1] if line.strip()]
    lines = [
        line
        for line in lines
        if not line.startswith("#") and not tagged_text.is_docstart(line.split())
    ][:_SAMPLE]
    widths = {len(line.split()) for line in lines}
    return len(widths) == 1 and 1 not in widths and not _has_pairs(lines)


def _has_pairs(lines: Sequence[str]) -> bool:
    """Return whether all words of some lines are pairs of a word and a tag."""
    words = [word for line in lines for word in line.split()]
    return bool(words) and all(map(_PAIR.fullmatch, words))


PLAIN_TEXT = "plain text"
_PAIR = re.compile(r".+[/_|][A-Z$.,:'`-]+")
_SAMPLE = 20  # lines
_START = 100_000  # characters in which a header line is looked for
_TEXT, _WORDS = frozenset({"text"}), frozenset({"words", "tags"})
_LABELLED = frozenset({"text", "label"})
# Extensions that name a split or nothing, as in trec.train or train_5500.label.
_VAGUE = (".train", ".dev", ".valid", ".val", ".test", ".testa", ".testb", ".label", ".labels")
_COLUMN_FILES = (".conll", ".iob", ".iob2", ".bio")
_FORMATS = (
    _Format(_LABELLED, parse_labelled_lines, "", (".txt", *_VAGUE), is_labelled_lines),
    _Format(_TEXT, _parse_plain_text, PLAIN_TEXT, (".txt", ".tokens", ".raw", *_VAGUE)),
    _Format(_WORDS, tagged_text.parse_conllu, CONLLU, (".conllu",)),
    _Format(
        _WORDS, tagged_text.parse_conllu, CONLLU, (*_COLUMN_FILES, *_VAGUE), tagged_text.is_conllu
    ),
    _Format(_WORDS, tagged_text.parse_columns, COLUMNS, (".tsv", *_COLUMN_FILES)),
    _Format(_WORDS, tagged_text.parse_columns, COLUMNS, (".txt", *_VAGUE), _has_columns),
    _Format(table_rows.KINDS, tables.parse_tsv, TABLE, (".tsv",)),
    _Format(table_rows.KINDS, tables.parse_csv, TABLE, (".csv",)),
    _Format(table_rows.KINDS, tables.parse_json_lines, JSON_LINES, (".jsonl", ".ndjson")),
)
_MAIN_EXTENSIONS = [each.extensions[0] for each in _FORMATS if each.accepts is _always]
EXTENSIONS = tuple(
    dict.fromkeys([*_MAIN_EXTENSIONS, *(end for each in _FORMATS for end in each.extensions)])
)
# Extensions of files with several columns.
TABLE_EXTENSIONS = tuple(
    dict.fromkeys(
        suffix
        for each in _FORMATS
        for suffix in each.extensions
        if each.parse in (tables.parse_tsv, tables.parse_csv, tables.parse_json_lines)
        or (each.kinds == _WORDS and suffix not in (".txt", *_VAGUE))
    )
)


def _fitting_formats(path: pathlib.Path, roles: Sequence[Role]) -> list[_Format]:
    """Return the formats of a file's extension that can fill the roles; at least one.

    Raises:
        RequestError: there is none.
    """
    if (suffix := extension(path)) not in EXTENSIONS:
        _reject_list(path)
        raise RequestError(
            f"{path}: unknown extension {suffix!r}. Known are {', '.join(EXTENSIONS)}, each with "
            "or without .gz."
        )
    found = _formats(path, roles)
    if not found:
        raise RequestError(_cannot_fill_message(path, roles))
    return found


def _formats(path: pathlib.Path, roles: Sequence[Role]) -> list[_Format]:
    suffix = extension(path)
    return [each for each in _FORMATS if each.fits(roles) and suffix in each.extensions]


def _format_of(path: pathlib.Path, text: str, roles: Sequence[Role]) -> _Format:
    """Return the first fitting format that accepts the text of a file."""
    for each in _fitting_formats(path, roles):
        if each.accepts(text):
            return each
    _reject_pairs(path, text, roles)
    raise RequestError(_cannot_fill_message(path, roles))


def _reject_list(path: pathlib.Path) -> None:
    if extension(path) == ".json":
        raise RequestError(
            f"{path}: JSON is read with an object on each line, from a file whose name ends in "
            f".jsonl. A list is converted by: jq -c '.[]' {path}"
        )


def _reject_pairs(path: pathlib.Path, text: str, roles: Sequence[Role]) -> None:
    lines = text[:10_000].split("\n")[:_SAMPLE]
    if {role.kind for role in roles} == _WORDS and _has_pairs(lines):
        raise RequestError(
            f"{path}: each word has its tag beside it ({lines[0][:40]!r}), which is not read. "
            "Write word TAB tag on each line, and a blank line between sentences."
        )


def _cannot_fill_message(path: pathlib.Path, roles: Sequence[Role]) -> str:
    wanted = ", ".join(f"{role.name!r} (kind {role.kind})" for role in roles)
    fitting = [each for each in _FORMATS if each.accepts is _always and each.fits(roles)]
    known = " or ".join(dict.fromkeys(each.extensions[0] for each in fitting))
    remedy = f"Give a {known} file instead" if known else "No file format can; name a dataset"
    if {role.kind for role in roles} == _LABELLED:
        remedy += ", or write `__label__X text` on each line"
    return f"{path}: this {extension(path)} file cannot fill the roles {wanted}. {remedy}."
