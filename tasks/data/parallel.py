"""Read parallel text files: line n of each is the same sentence in another language."""

import collections
import os
import pathlib
from collections.abc import Mapping, Sequence

from tasks.data import readers
from tasks.data.cleaning import clean, normalization
from tasks.data.file_contents import FileContents, features_flag
from tasks.data.file_formats import TABLE_EXTENSIONS
from tasks.data.matching import Field, match
from tasks.data.path_order import SPLIT_WORDS, data_flag, split_in_name, splits_in_name
from tasks.data.roles import Example, FieldNames, Role
from tasks.data.splits import SPLITS
from tasks.data.text_files import extension, read_text_file, split_lines
from zoo.errors import RequestError

FORM = "parallel texts"
# Language (the last suffix of the file name) -> path.
_PathOfLanguage = dict[str, pathlib.Path]


def are_parallel(paths: Sequence[str | os.PathLike[str]], roles: Sequence[Role]) -> bool:
    """Return whether paths are those of parallel files.

    Args:
        paths: one file per role (train), two files per role (train and another split, by their
            names), three files per role (train, validation, test), or one folder of such files.
        roles: two or more roles of kind `"text"`; other roles cannot be read from parallel files.
    """
    if len(roles) < 2 or {role.kind for role in roles} != {"text"}:
        return False
    files = [pathlib.Path(path).expanduser() for path in paths]
    if len(files) == 1:
        return len(_files_in_folder(files[0]).get("train", ())) == len(roles)
    if any(extension(path) in TABLE_EXTENSIONS for path in files):
        return False
    if len(files) == 2 * len(roles):
        return None not in map(split_in_name, files)
    return len(files) in (len(roles), 3 * len(roles))


def read_contents(
    paths: Sequence[str | os.PathLike[str]],
    roles: Sequence[Role],
    features: Mapping[str, str] | None = None,
    header: bool | None = None,
) -> tuple[str, dict[str, FileContents]]:
    """Read parallel files.

    A language is the last suffix of a file's name, such as "en" of `train.en.gz`. Files are
    assigned to the roles in the order of the paths, those of a folder in alphabetical order.

    Args:
        paths: as for `are_parallel`.
        roles: the parts of an example, all of kind `"text"`.
        features: dict of role name to language.
        header: must not be true: parallel files have no header.

    Returns:
        A tuple: the names of the files, to print; the contents of each split.

    Raises:
        RequestError: a file cannot be read, the numbers of lines differ, or the order of the paths
            contradicts the names of the files.
    """
    files = [pathlib.Path(path).expanduser() for path in paths]
    name = readers.display_name(files)
    if header:
        raise RequestError(f"header=true: {name} have no header line. Remove --header.")
    in_folder = len(files) == 1
    arranged = _files_in_folder(files[0]) if in_folder else _files_in_order(files, len(roles))
    contents = {}
    for split, path_of in arranged.items():
        fields = dict.fromkeys(path_of, Field("file", by_type=("text",)))
        found = match(roles, fields, features, f"the split {split!r} of {name}", "file")
        contents[split] = _read({role: path_of[language] for role, language in found.items()})
        contents[split].found = found
        _clean(contents[split], roles)
    if in_folder and not features:
        contents["train"].notes.append(_direction_note(contents["train"].found))
    return name, contents


def _clean(contents: FileContents, roles: Sequence[Role]) -> None:
    clean(contents.examples, roles, contents.counts)
    contents.facts["normalization"] = normalization(contents.counts)


def _direction_note(found: FieldNames) -> str:
    first, second = list(found)[:2]
    return (
        "the order of the languages is alphabetical; choose it with "
        f"{features_flag({first: found[second]})}"
    )


def _language(path: pathlib.Path) -> str:
    return path.name.lower().removesuffix(".gz").removesuffix(".txt").rpartition(".")[2]


def _files_in_order(paths: Sequence[pathlib.Path], count: int) -> dict[str, _PathOfLanguage]:
    """Return the files by split and language; `count` files belong to each split.

    Raises:
        RequestError: the names of the files contradict their order.
    """
    groups = [paths[start : start + count] for start in range(0, len(paths), count)]
    languages = [_language(path) for path in paths[:count]]
    named = [{split_in_name(path) for path in group} - {None} for group in groups]
    several = next((splits for splits in named if len(splits) > 1), None)
    in_languages = [[_language(path) for path in group] for group in groups]
    mixed = len(set(languages)) == count and any(each != languages for each in in_languages)
    splits = [next(iter(each), None) for each in named]
    repeated = len(set(languages)) < count and len({*map(_language, paths)}) == count > 1
    swapped = len(groups) == len(SPLITS) and set(splits) == set(SPLITS) and (*splits,) != SPLITS
    if several or mixed or swapped or (repeated and len(groups) > 1):
        raise RequestError(_order_message(paths, groups, count))
    if len(set(languages)) < count:
        languages = [str(number + 1) for number in range(count)]
    names = SPLITS if len(groups) != 2 else splits
    path_of = {
        str(split): dict(zip(languages, group, strict=True))
        for split, group in zip(names, groups, strict=False)
    }
    if "train" not in path_of or len(path_of) < len(groups):
        raise RequestError(_order_message(paths, groups, count))
    return {split: path_of[split] for split in SPLITS if split in path_of}


def _order_message(
    paths: Sequence[pathlib.Path], groups: Sequence[Sequence[pathlib.Path]], count: int
) -> str:
    """Return the message for paths whose names contradict their order, with the right one."""
    pairs = "; ".join(" with ".join(path.name for path in group) for group in groups)
    message = (
        f"the order of the paths pairs {pairs}, which the names of the files contradict. Files are "
        f"given split by split: the {count} languages of train, then those of validation and test"
    )
    languages = list(dict.fromkeys(map(_language, paths)))
    by_name = {(split_in_name(path), _language(path)): path for path in paths}
    right = [
        by_name[split, language]
        for split in SPLITS
        for language in languages
        if (split, language) in by_name
    ]
    if len(right) == len(paths) and len(languages) == count:
        return f"{message}: {data_flag(right)}"
    return f"{message}."


def _files_in_folder(folder: pathlib.Path) -> dict[str, _PathOfLanguage]:
    """Return the parallel files of a folder by split and language; empty if it is not a folder."""
    languages_of_split: dict[str, _PathOfLanguage] = {}
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        splits, language = splits_in_name(path), _language(path)
        is_table = extension(path) in TABLE_EXTENSIONS
        if len(splits) != 1 or is_table or language in SPLIT_WORDS:
            continue
        path_of = languages_of_split.setdefault(splits.pop(), {})
        if language in path_of:
            raise RequestError(
                f"{path_of[language]} and {path} have the same split and language. Keep one of "
                "them."
            )
        path_of[language] = path
    return {split: languages_of_split[split] for split in SPLITS if split in languages_of_split}


def _read(path_of: Mapping[str, pathlib.Path]) -> FileContents:
    """Return the contents of one split; `path_of` maps role names to files."""
    files = {role: read_text_file(path) for role, path in path_of.items()}
    lines = {role: split_lines(file.text) for role, file in files.items()}
    if len({len(each) for each in lines.values()}) > 1:
        counts = " and ".join(f"{path} has {len(lines[role])}" for role, path in path_of.items())
        raise RequestError(
            "parallel files need the same number of lines, since line n of one is the translation "
            f"of line n of the other: {counts}. Correct them, or give a .tsv file with a pair on "
            "each line."
        )
    examples: list[Example] = [
        dict(zip(lines, row, strict=True)) for row in zip(*lines.values(), strict=True)
    ]
    counts_of: collections.Counter[str] = collections.Counter()
    encodings = ", ".join(dict.fromkeys(file.encoding for file in files.values()))
    return FileContents(
        examples,
        {},
        {role: f"lines of {path.name}" for role, path in path_of.items()},
        FORM,
        {"encoding": encodings},
        counts_of,
    )
