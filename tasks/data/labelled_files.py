"""Read a labelled file that a model was not trained on, as the files of training were read."""

import dataclasses
import os
import pathlib
from collections.abc import Mapping, Sequence

from tasks.data import parallel
from tasks.data.file_contents import EMPTY, FileContents
from tasks.data.like_training import parse_like
from tasks.data.readers import display_name
from tasks.data.roles import Example, Role
from tasks.data.splits import drop_empty
from tasks.data.summary import Summary
from tasks.data.trained_files import TrainedFiles, reading
from zoo.errors import RequestError


@dataclasses.dataclass(frozen=True)
class LabelledFile:
    """The examples of a labelled file, and what was read."""

    examples: list[Example]
    summary: Summary


def read_labelled(
    trained: TrainedFiles,
    data: Sequence[str | os.PathLike[str]],
    roles: Sequence[Role],
    features: Mapping[str, str] | None = None,
    header: bool | None = None,
) -> LabelledFile:
    """Read a labelled file.

    Args:
        trained: how the files of training were read.
        data: one file; or for a task on pairs of texts, one file for each.
        roles: the parts of an example.
        features: dict of role name to column, in place of those of training.
        header: whether the first line of a file is a header; None: as in training.

    Raises:
        RequestError: a file cannot be read, or has no example.
    """
    paths = [pathlib.Path(path).expanduser() for path in data]
    contents = _contents(trained, paths, roles, features, header)
    examples = drop_empty(contents.examples)
    if not examples:
        raise RequestError(f"{paths[0]} has no example with content. Add one.")
    if dropped := len(contents.examples) - len(examples):
        contents.counts[EMPTY] += dropped
    return LabelledFile(examples, _summary(display_name(paths), contents, examples, roles))


def _contents(
    trained: TrainedFiles,
    paths: Sequence[pathlib.Path],
    roles: Sequence[Role],
    features: Mapping[str, str] | None,
    header: bool | None,
) -> FileContents:
    if len(paths) == len(roles) > 1 and parallel.are_parallel(paths, roles):
        like = reading(trained, parallel.FORM, (), roles, roles, features, header)
        return parallel.read_contents(paths, like.roles, like.features, like.header)[1]["train"]
    if len(paths) != 1:
        raise RequestError(
            f"data names {len(paths)} paths. Give one file, or for a task on pairs of texts, one "
            "file for each."
        )
    return parse_like(trained, paths[0], roles, features, header)


def _summary(
    name: str, contents: FileContents, examples: Sequence[Example], roles: Sequence[Role]
) -> Summary:
    summary = Summary.of(name, contents, {"examples": list(examples)}, roles)
    return dataclasses.replace(summary, remarks=(*contents.remarks(), *contents.notes))
