"""Read parallel text files: line n of each is the same sentence in another language."""

import os
import pathlib
from collections.abc import Mapping, Sequence

from tasks.data import readers
from tasks.data.matching import Field, match
from tasks.data.roles import Example, FieldNames, Role, Splits
from tasks.data.splits import SPLITS
from tasks.data.text_files import extension, read_text
from zoo.errors import RequestError

# Language (the last suffix of the file name) -> path.
_PathOfLanguage = dict[str, pathlib.Path]


def are_parallel(paths: Sequence[str | os.PathLike[str]], roles: Sequence[Role]) -> bool:
    """Return whether paths are those of parallel files.

    Args:
        paths: one file per role (train), three files per role (train, validation, test), or one
            folder of such files.
        roles: two or more roles of kind `"text"`; other roles cannot be read from parallel files.
    """
    if len(roles) < 2 or {role.kind for role in roles} != {"text"}:
        return False
    files = [pathlib.Path(path).expanduser() for path in paths]
    if len(files) == 1:
        return len(_files_in_folder(files[0]).get("train", ())) == len(roles)
    has_table = any(extension(path) in readers.TABLE_EXTENSIONS for path in files)
    return len(files) in (len(roles), 3 * len(roles)) and not has_table


def read_files(
    paths: Sequence[str | os.PathLike[str]],
    roles: Sequence[Role],
    features: Mapping[str, str] | None = None,
) -> tuple[str, Splits, FieldNames]:
    """Read parallel files.

    A language is the last suffix of a file's name, such as "en" of `train.en.gz`. Files are
    assigned to the roles in the order of the paths, those of a folder in alphabetical order.

    Args:
        paths: as for `are_parallel`.
        roles: the parts of an example, all of kind `"text"`.
        features: dict of role name to language.

    Returns:
        A tuple: the names of the files, to print; the splits; dict of role name to language.

    Raises:
        RequestError: a file cannot be read, or the numbers of lines differ.
    """
    files = [pathlib.Path(path).expanduser() for path in paths]
    name = readers.display_name(files)
    if len(files) == 1:
        languages_of_split = _files_in_folder(files[0])
    else:
        languages_of_split = _files_in_order(files, len(roles))
    splits: Splits = {}
    found: FieldNames = {}
    for split, path_of in languages_of_split.items():
        fields = dict.fromkeys(path_of, Field("file", by_type=("text",)))
        found = match(roles, fields, features, f"the split {split!r} of {name}", "file")
        splits[split] = _examples({role: path_of[language] for role, language in found.items()})
    return name, splits, found


def _language(path: pathlib.Path) -> str:
    return path.name.lower().removesuffix(".gz").removesuffix(".txt").rpartition(".")[2]


def _files_in_order(paths: Sequence[pathlib.Path], count: int) -> dict[str, _PathOfLanguage]:
    """Return the files by split and language; `count` files belong to each split."""
    languages = [_language(path) for path in paths[:count]]
    if len(set(languages)) < count:
        languages = [str(number + 1) for number in range(count)]
    groups = [paths[start : start + count] for start in range(0, len(paths), count)]
    return {
        split: dict(zip(languages, group, strict=True))
        for split, group in zip(SPLITS, groups, strict=False)
    }


def _files_in_folder(folder: pathlib.Path) -> dict[str, _PathOfLanguage]:
    """Return the parallel files of a folder by split and language; empty if it is not a folder."""
    languages_of_split: dict[str, _PathOfLanguage] = {}
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        splits, language = readers.splits_in_name(path), _language(path)
        is_table = extension(path) in readers.TABLE_EXTENSIONS
        if len(splits) != 1 or is_table or language in readers.SPLIT_WORDS:
            continue
        path_of = languages_of_split.setdefault(splits.pop(), {})
        if language in path_of:
            raise RequestError(
                f"{path_of[language]} and {path} have the same split and language. Keep one of "
                "them."
            )
        path_of[language] = path
    return {split: languages_of_split[split] for split in SPLITS if split in languages_of_split}


def _examples(path_of: Mapping[str, pathlib.Path]) -> list[Example]:
    """Return the examples of one split; `path_of` maps role names to files."""
    lines = {role: read_text(path).removesuffix("\n").split("\n") for role, path in path_of.items()}
    if len({len(each) for each in lines.values()}) > 1:
        counts = " and ".join(f"{path} has {len(lines[role])}" for role, path in path_of.items())
        raise RequestError(
            "parallel files need the same number of lines, since line n of one is the translation "
            f"of line n of the other: {counts}. Correct them, or give a .tsv file with a pair on "
            "each line."
        )
    return [dict(zip(lines, row, strict=True)) for row in zip(*lines.values(), strict=True)]
