"""Parse a file as the files of training were parsed."""

import pathlib
from collections.abc import Mapping, Sequence

from tasks.data.file_contents import FileContents
from tasks.data.file_formats import check_format, first_rows, form_of, parse_text
from tasks.data.roles import Role
from tasks.data.text_files import read_text_file
from tasks.data.trained_files import TrainedFiles, reading


def parse_like(
    trained: TrainedFiles,
    path: pathlib.Path,
    roles: Sequence[Role],
    features: Mapping[str, str] | None = None,
    header: bool | None = None,
) -> FileContents:
    """Return the contents of one file, with the columns of training if its form is the same.

    Args:
        trained: how the files of training were read.
        path: the file.
        roles: the parts of an example.
        features: dict of role name to column, in place of those of training.
        header: whether the first line is a header; None: as in training.

    Raises:
        RequestError: the file cannot be read, or has no column for a role.
    """
    check_format(path, roles)
    file = read_text_file(path)
    form = form_of(path, file.text, roles)
    first = next(iter(first_rows(path, file.text, form, roles)), [])
    like = reading(trained, form, first, roles, roles, features, header)
    return parse_text(path, file, like.roles, like.features or None, like.header)
