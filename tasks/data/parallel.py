"""Parallel text files: line number n of each is the same sentence in another language."""

import pathlib

from tasks.data import readers
from tasks.data.matching import Field, match
from zoo.errors import RequestError


def are(paths, roles):
    """Whether paths name parallel files: one for each role (train), three times as many (train, validation, test), or
    a folder with such files."""
    if len(roles) < 2 or {role.kind for role in roles} != {"text"}:
        return False
    paths = [pathlib.Path(path).expanduser() for path in paths]
    if len(paths) == 1:
        return len(_inside(paths[0]).get("train", ())) == len(roles)
    tables = [path for path in paths if readers.extension(path) in readers.TABLES]
    return len(paths) in (len(roles), 3 * len(roles)) and not tables


def read_files(paths, roles, features=None):
    """As `tasks.data.readers.read_files`; the columns are the files' last suffixes, such as "en" of train.en.gz.

    Files are source, target, as they are named; in a folder, in the order of the alphabet. Raises RequestError.
    """
    paths = [pathlib.Path(path).expanduser() for path in paths]
    splits, found = {}, {}
    for split, files in (
        _inside(paths[0]) if len(paths) == 1 else _named(paths, len(roles))
    ).items():
        found = match(
            roles,
            dict.fromkeys(files, Field("file", natural=("text",))),
            features,
            f"the split {split!r} of {_names(paths)}",
            "file",
        )
        splits[split] = _examples({role: files[name] for role, name in found.items()})
    return _names(paths), splits, found


def _names(paths):
    return ", ".join(path.name or str(path) for path in paths)


def _label(path):
    return path.name.lower().removesuffix(".gz").removesuffix(".txt").rpartition(".")[2]


def _named(paths, count):
    """Split -> label -> path of files in the order train, validation, test."""
    labels = [_label(path) for path in paths[:count]]
    if len(set(labels)) < count:
        labels = [str(place + 1) for place in range(count)]
    groups = [paths[start : start + count] for start in range(0, len(paths), count)]
    return {
        split: dict(zip(labels, group, strict=True))
        for split, group in zip(readers.SPLITS, groups, strict=False)
    }


def _inside(folder):
    """Split -> label -> path of the parallel files in a folder, if it is one."""
    files = {}
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        splits = readers.splits_named(path)
        if (
            len(splits) == 1
            and readers.extension(path) not in readers.TABLES
            and _label(path) not in readers.SPLIT_WORDS
        ):
            group = files.setdefault(splits.pop(), {})
            if (label := _label(path)) in group:
                raise RequestError(
                    f"{group[label]} and {path} are the same split and language. Leave one of them."
                )
            group[label] = path
    return {split: files[split] for split in readers.SPLITS if split in files}


def _examples(files):
    """Examples from role -> path."""
    lines = {
        role: readers.whole(path).removesuffix("\n").split("\n") for role, path in files.items()
    }
    if len({len(each) for each in lines.values()}) > 1:
        counts = " and ".join(f"{path} has {len(lines[role])}" for role, path in files.items())
        raise RequestError(
            f"parallel files need as many lines, each the translation of the other's: {counts}. "
            "Correct them, or give a .tsv file with a pair on each line."
        )
    return [dict(zip(lines, row, strict=True)) for row in zip(*lines.values(), strict=True)]
