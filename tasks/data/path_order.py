"""The splits of several paths: by their names, or else by their order."""

import pathlib
import re
import shlex
from collections.abc import Sequence

from tasks.data.splits import SPLIT_ALIASES, SPLITS
from zoo.errors import RequestError

# A word in the name of a file -> its split.
SPLIT_WORDS = {alias: split for split, aliases in SPLIT_ALIASES.items() for alias in aliases} | {
    "training": "train",
    "development": "validation",
    "testing": "test",
    "testa": "validation",
    "testb": "test",
}
_SPLIT_WORD = re.compile(f"(?<![a-z])({'|'.join(SPLIT_WORDS)})(?![a-z])")


def splits_in_name(path: pathlib.Path) -> set[str]:
    """Return the splits that a file's name mentions."""
    return {SPLIT_WORDS[word] for word in _SPLIT_WORD.findall(path.name.lower())}


def split_in_name(path: pathlib.Path) -> str | None:
    """Return the only split that a file's name mentions, None if it mentions none or several."""
    splits = splits_in_name(path)
    return next(iter(splits)) if len(splits) == 1 else None


def paths_by_split(paths: Sequence[pathlib.Path]) -> dict[str, pathlib.Path] | None:
    """Return the file of each split, train first; None for another number of paths.

    Three files are train, validation and test. Two are train and another split, if their names say
    so.

    Raises:
        RequestError: the names of three files say another order.
    """
    named = [split_in_name(path) for path in paths]
    if len(paths) == 3:
        if set(named) == set(SPLITS) and tuple(named) != SPLITS:
            raise RequestError(
                f"data gives {paths[0].name} as train, {paths[1].name} as validation and "
                f"{paths[2].name} as test, which their names contradict. "
                f"The order is {data_flag([paths[named.index(split)] for split in SPLITS])}"
            )
        return dict(zip(SPLITS, paths, strict=True))
    if len(paths) == 2 and "train" in named and None not in named and named[0] != named[1]:
        return {split: paths[named.index(split)] for split in SPLITS if split in named}
    return None


def data_flag(paths: Sequence[pathlib.Path]) -> str:
    """Return the flag `--data` with these paths, to be pasted into a shell."""
    return f"--data={shlex.quote(','.join(map(str, paths)))}"
