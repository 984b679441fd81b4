"""Read the user's own files: one file, a file for each split, or a folder."""

import os
import pathlib
from collections.abc import Iterable, Mapping, Sequence

from tasks.data.file_contents import FileContents
from tasks.data.file_formats import EXTENSIONS, parse_file
from tasks.data.like_training import parse_like
from tasks.data.path_order import paths_by_split, splits_in_name
from tasks.data.roles import Role
from tasks.data.splits import SPLITS
from tasks.data.text_files import extension
from tasks.data.trained_files import TrainedFiles
from zoo.errors import RequestError


def read_contents(
    paths: Iterable[str | os.PathLike[str]],
    roles: Sequence[Role],
    features: Mapping[str, str] | None = None,
    header: bool | None = None,
) -> tuple[str, dict[str, FileContents]]:
    """Read one or more files; the columns of the training file are those of others of its form.

    Args:
        paths: one file (train), three files (train, validation, test), two files (train and another
            split, by their names), or one folder with files whose names contain train, validation
            (or dev, valid, val) and test.
        roles: the parts of an example.
        features: dict of role name to column.
        header: whether the first lines are headers; None: depends on the format.

    Returns:
        A tuple: the names of the files, to print; the contents of the file of each split.

    Raises:
        RequestError: `paths` has another form, or a file cannot be read.
    """
    files = [pathlib.Path(path).expanduser() for path in paths]
    contents: dict[str, FileContents] = {}
    for split, path in _path_of_each_split(files).items():
        if train := contents.get("train"):
            like = TrainedFiles.of(train, {}, header)
            contents[split] = parse_like(like, path, roles, features, header)
            contents[split].notes = []
        else:
            contents[split] = parse_file(path, roles, features, header)
    return display_name(files), contents


def display_name(paths: Iterable[pathlib.Path]) -> str:
    """Return the names of files, without their folders."""
    return ", ".join(path.name or str(path) for path in paths)


def _path_of_each_split(paths: Sequence[pathlib.Path]) -> dict[str, pathlib.Path]:
    """Return the file of each split, train first."""
    if len(paths) == 1:
        return _paths_in_folder(paths[0]) if paths[0].is_dir() else {"train": paths[0]}
    if (found := paths_by_split(paths)) is not None:
        return found
    for path in paths:
        if not path.exists():
            raise RequestError(
                f"{path} does not exist. Check the path; commas separate paths, except in the name "
                "of a file that exists."
            )
    raise RequestError(
        f"data has {len(paths)} paths ({', '.join(map(str, paths))}). Give one file, one folder, "
        "or three files: train, validation, test. Two files need names with train and test."
    )


def _paths_in_folder(folder: pathlib.Path) -> dict[str, pathlib.Path]:
    paths = _visible_files(folder)
    path_of: dict[str, pathlib.Path] = {}
    for path in paths:
        splits = splits_in_name(path)
        if extension(path) not in EXTENSIONS or not splits:
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
        names = ", ".join(path.name for path in paths[:20]) or "nothing"
        raise RequestError(
            f"{folder} has no file with 'train' in its name and one of the extensions "
            f"{', '.join(EXTENSIONS)}. It has {names}. Give the files names with train, "
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
