"""Read the user's own files: plain text, CoNLL-U, tagged words, CSV, TSV and JSON lines."""

import os
import pathlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from tasks.data import tables, tagged_text
from tasks.data.matching import Field, match
from tasks.data.roles import Example, FieldNames, Role, Splits
from tasks.data.splits import SPLIT_ALIASES, SPLITS
from tasks.data.text_files import extension, read_text
from zoo.errors import RequestError

# A word in the name of a file -> its split.
SPLIT_WORDS = {alias: split for split, aliases in SPLIT_ALIASES.items() for alias in aliases}
_SPLIT_WORD = re.compile(f"(?<![a-z])({'|'.join(SPLIT_WORDS)})(?![a-z])")

_Parser = Callable[
    [pathlib.Path, str, Sequence[Role], Mapping[str, str] | None], tuple[list[Example], FieldNames]
]


def read_files(
    paths: Iterable[str | os.PathLike[str]],
    roles: Sequence[Role],
    features: Mapping[str, str] | None = None,
) -> tuple[str, Splits, FieldNames]:
    """Read one or more files.

    Args:
        paths: one file (train), three files (train, validation, test), or one folder with files
            whose names contain train, validation (or dev, valid, val) and test.
        roles: the parts of an example.
        features: dict of role name to column.

    Returns:
        A tuple: the names of the files, to print; the splits; dict of role name to column.

    Raises:
        RequestError: `paths` has another form, or a file cannot be read.
    """
    files = [pathlib.Path(path).expanduser() for path in paths]
    splits: Splits = {}
    found: FieldNames = {}
    for split, path in _path_of_each_split(files).items():
        splits[split], columns = read_file(path, roles, features)
        found = found or columns
    return display_name(files), splits, found


def read_file(
    path: pathlib.Path, roles: Sequence[Role], features: Mapping[str, str] | None = None
) -> tuple[list[Example], FieldNames]:
    """Return the examples of one file, and the column of each role.

    Args:
        path: the file; its extension, before an optional `.gz`, determines its format.
        roles: the parts of an example.
        features: dict of role name to column.

    Raises:
        RequestError: the format is unknown or cannot fill the roles, or the file cannot be read.
    """
    parse = _parser_for(path, roles)
    examples, found = parse(path, read_text(path), roles, features)
    if not examples:
        raise RequestError(f"{path} contains no examples. Add one, or name another file.")
    return examples, found


def display_name(paths: Iterable[pathlib.Path]) -> str:
    """Return the names of files, without their folders."""
    return ", ".join(path.name or str(path) for path in paths)


def splits_in_name(path: pathlib.Path) -> set[str]:
    """Return the splits that a file's name mentions."""
    return {SPLIT_WORDS[word] for word in _SPLIT_WORD.findall(path.name.lower())}


def _path_of_each_split(paths: Sequence[pathlib.Path]) -> dict[str, pathlib.Path]:
    """Return the file of each split, train first."""
    if len(paths) == 1 and paths[0].is_dir():
        return _paths_in_folder(paths[0])
    if len(paths) == 1:
        return {"train": paths[0]}
    if len(paths) == 3:
        return dict(zip(SPLITS, paths, strict=True))
    raise RequestError(
        f"data has {len(paths)} paths ({', '.join(map(str, paths))}). Give one file, one folder, "
        "or three files: train, validation, test."
    )


def _paths_in_folder(folder: pathlib.Path) -> dict[str, pathlib.Path]:
    paths = _visible_files(folder)
    path_of: dict[str, pathlib.Path] = {}
    for path in paths:
        splits = splits_in_name(path)
        if extension(path) not in _EXTENSIONS or not splits:
            continue
        if len(splits) > 1:
            raise RequestError(
                f"{path} names several splits. Rename it with one of them, or give three files."
            )
        if (split := splits.pop()) in path_of:
            raise RequestError(
                f"{path_of[split]} and {path} are both {split} files. Keep one of them, or give "
                "three files."
            )
        path_of[split] = path
    if "train" not in path_of:
        names = ", ".join(path.name for path in paths) or "nothing"
        raise RequestError(
            f"{folder} has no file with 'train' in its name and one of the extensions "
            f"{', '.join(_EXTENSIONS)}. It has {names}. Give the files names with train, "
            "dev and test, or give three files."
        )
    return {split: path_of[split] for split in SPLITS if split in path_of}


def _visible_files(folder: pathlib.Path) -> list[pathlib.Path]:
    try:
        return sorted(
            path for path in folder.iterdir() if path.is_file() and not path.name.startswith(".")
        )
    except OSError as error:
        raise RequestError(
            f"cannot read {folder}: {error.strerror}. Check its permissions."
        ) from error


def _parser_for(path: pathlib.Path, roles: Sequence[Role]) -> _Parser:
    suffix = extension(path)
    if suffix not in _EXTENSIONS:
        raise RequestError(
            f"{path}: unknown extension {suffix!r}. Known are {', '.join(_EXTENSIONS)}, each with "
            "or without .gz."
        )
    kinds = {role.kind for role in roles}
    fitting = [each for each in _FORMATS if kinds <= each.kinds]
    for each in fitting:
        if each.extension == suffix:
            return each.parse
    wanted = ", ".join(f"{role.name!r} (kind {role.kind})" for role in roles)
    known = " or ".join(each.extension for each in fitting)
    remedy = f"Give a {known} file" if known else "No file format can; name a dataset"
    raise RequestError(f"{path}: a {suffix} file cannot fill the roles {wanted}. {remedy} instead.")


def _parse_plain_text(
    path: pathlib.Path, text: str, roles: Sequence[Role], features: Mapping[str, str] | None
) -> tuple[list[Example], FieldNames]:
    if len(roles) != 1:
        raise RequestError(
            f"{path}: a .txt file is one text and cannot fill {len(roles)} roles. Give a .csv, "
            ".tsv or .jsonl file."
        )
    fields = {"text": Field("the whole file", by_type=("text",))}
    found = match(roles, fields, features, str(path), "column")
    return [{roles[0].name: text}], found


@dataclass(frozen=True)
class _Format:
    """A file format: its extension, the kinds of role that it can fill, and its parser."""

    extension: str
    kinds: frozenset[str]
    parse: _Parser


_FORMATS = (
    _Format(".txt", frozenset({"text"}), _parse_plain_text),
    _Format(".conllu", frozenset({"words", "tags"}), tagged_text.parse_conllu),
    _Format(".tsv", frozenset({"words", "tags"}), tagged_text.parse_tagged_words),
    _Format(".tsv", tables.KINDS, tables.parse_tsv),
    _Format(".csv", tables.KINDS, tables.parse_csv),
    _Format(".jsonl", tables.KINDS, tables.parse_json_lines),
)
_EXTENSIONS = tuple(dict.fromkeys(each.extension for each in _FORMATS))
# Formats whose files have several columns.
TABLE_EXTENSIONS = tuple(suffix for suffix in _EXTENSIONS if suffix != ".txt")
