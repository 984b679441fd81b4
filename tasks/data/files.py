"""Read the user's own files as a corpus, without importing TensorFlow."""

import collections
import contextlib
import dataclasses
import gc
import os
import pathlib
from collections.abc import Iterator, Mapping, Sequence

from tasks.data import comparison, parallel, readers
from tasks.data.corpus import Corpus
from tasks.data.file_contents import EMPTY, FileContents
from tasks.data.roles import Role, Splits
from tasks.data.splits import SPLITS, complete_splits
from tasks.data.summary import Summary

PathLike = str | os.PathLike[str]
_last_read: dict[tuple[object, ...], Corpus] = {}


def read(
    roles: Sequence[Role],
    data: PathLike | Sequence[PathLike],
    features: Mapping[str, str] | None = None,
    header: bool | None = None,
) -> Corpus:
    """Return the corpus of files; files that have not changed since the last call are not reread.

    Args:
        roles: the parts of an example.
        data: one file, one folder, or several files, see `tasks.data.readers` and
            `tasks.data.parallel`.
        features: dict of role name to column.
        header: whether the first lines are headers; None: depends on the format.

    Raises:
        RequestError: a file does not exist or cannot be read, or a split is empty.
    """
    paths = [
        pathlib.Path(path) for path in ((data,) if isinstance(data, str | os.PathLike) else data)
    ]
    key = (tuple(roles), repr(features), header, *map(_version, paths))
    if key not in _last_read:
        _last_read.clear()
        with without_collection():
            _last_read[key] = _read(roles, paths, features, header)
    corpus = _last_read[key]
    return Corpus(corpus.name, dict(corpus.splits), dict(corpus.found), corpus.summary)


@contextlib.contextmanager
def without_collection() -> Iterator[None]:
    """Pause the garbage collector, which takes most of the time where many lists are made."""
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()


def _version(path: pathlib.Path) -> tuple[object, ...]:
    """Return a fingerprint of a file or folder: inodes, sizes and times."""
    path = path.expanduser().absolute()
    try:
        members = sorted(path.iterdir()) if path.is_dir() else [path]
        states = [os.stat(each) for each in members]
    except (OSError, ValueError):
        return (path, object())
    return (path, *((s.st_ino, s.st_size, s.st_mtime_ns, s.st_ctime_ns) for s in states))


def _read(
    roles: Sequence[Role],
    paths: Sequence[pathlib.Path],
    features: Mapping[str, str] | None,
    header: bool | None,
) -> Corpus:
    reader = parallel if parallel.are_parallel(paths, roles) else readers
    name, contents = reader.read_contents(paths, roles, features, header)
    given = {split: each.examples for split, each in contents.items()}
    splits = complete_splits(name, given, roles)
    summary = _summary(name, contents, splits, roles)
    return Corpus(name, splits, contents["train"].found, summary)


def _summary(
    name: str, contents: Mapping[str, FileContents], splits: Splits, roles: Sequence[Role]
) -> Summary:
    train = contents["train"]
    whole = dataclasses.replace(train, counts=collections.Counter())
    for each in contents.values():
        whole.counts.update(each.counts)
    dropped = sum(len(each.examples) for each in contents.values()) - sum(map(len, splits.values()))
    is_one_text = len(train.examples) == 1 and [role.kind for role in roles] == ["text"]
    if dropped > 0 and not is_one_text:
        whole.counts[EMPTY] += dropped
    notes = whole.remarks()
    notes += [held_out_note(list(contents))] * (len(contents) < len(SPLITS))
    notes += [
        f"{split}: {', '.join(f'{role} {column}' for role, column in each.columns.items())}"
        for split, each in contents.items()
        if each.form != parallel.FORM and each.columns != train.columns
    ]
    return summarize(name, train, splits, roles, [*notes, *train.notes])


def held_out_note(given: Sequence[str]) -> str:
    """Return the remark about splits that the source lacks."""
    missing = [split for split in SPLITS if split not in given]
    return f"{' and '.join(missing)} held out from train, a tenth of it each"


def summarize(
    name: str,
    train: FileContents,
    splits: Splits,
    roles: Sequence[Role],
    notes: Sequence[str],
) -> Summary:
    """Return the summary of complete splits.

    Args:
        name: the names of the files, or the name of the dataset.
        train: how the training examples were read.
        splits: the complete splits.
        roles: the roles of the examples.
        notes: remarks of the reader.
    """
    summary = Summary.of(name, train, splits, roles)
    remarks = comparison.remarks(splits, roles, summary.noun)
    return dataclasses.replace(summary, remarks=(*notes, *remarks))
