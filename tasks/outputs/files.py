r"""Read the inputs of a file as in training, and write it with the predictions.

Example:
    >>> import pathlib
    >>> from tasks.data.roles import Role
    >>> from tasks.outputs.document import Prediction
    >>> from tasks.outputs.files import parse
    >>> roles = (Role("text", "text"), Role("label", "label"))
    >>> document = parse(pathlib.Path("in.csv"), "label,text\ngood,fine day\n", roles)
    >>> [item.input for item in document.items]
    ['fine day']
    >>> document.head, document.items[0].render(Prediction("bad", 0.75))
    ('label,text,prediction,score\n', 'good,fine day,bad,0.75\n')
"""

import dataclasses
import pathlib
from collections.abc import Mapping, Sequence

from tasks.data.file_contents import features_flag
from tasks.data.file_formats import TABLE_EXTENSIONS, first_rows, input_form
from tasks.data.file_source import FileSource
from tasks.data.header import names_all_roles
from tasks.data.labelled_lines import FORMS as LABELLED_LINES
from tasks.data.labelled_lines import parse_labelled_lines
from tasks.data.matching import check_roles
from tasks.data.roles import Role
from tasks.data.text_files import extension, split_lines
from tasks.data.trained_files import (
    COLUMNS,
    CONLLU,
    JSON_LINES,
    TABLE,
    TrainedFiles,
    reading,
)
from tasks.outputs import sentences, tables
from tasks.outputs.document import LINES, Document
from zoo.errors import RequestError

_PARSERS = {
    CONLLU: sentences.conllu,
    COLUMNS: sentences.tagged_columns,
    TABLE: tables.table,
    JSON_LINES: tables.json_lines,
}


def needs_roles(path: pathlib.Path) -> bool:
    """Return whether the extension of a file says that it has columns."""
    return extension(path) in TABLE_EXTENSIONS


def form_of(
    path: pathlib.Path,
    text: str,
    roles: Sequence[Role],
    features: Mapping[str, str] | None = None,
    header: bool | None = None,
) -> str:
    """Return the form of a file of inputs: `LINES`, or that of a file with columns for training.

    Args:
        path: the file.
        text: its content.
        roles: the roles of the task; the first one is the input.
        features: dict of role name to column.
        header: whether the first line is a header.

    Raises:
        RequestError: the form has no inputs of this task.
    """
    kinds = {"vectors": "text"}  # a JSON list
    roles = [dataclasses.replace(each, kind=kinds.get(each.kind, each.kind)) for each in roles]
    form = input_form(path, text, roles)
    if form == COLUMNS and extension(path) == ".txt" and not features and header is None:
        # Texts of equal length look like columns; those of sentences have blank lines.
        return COLUMNS if "\n\n" in text.strip("\n") else LINES
    return form if form in _PARSERS else LINES


def parse(
    path: pathlib.Path,
    text: str,
    roles: Sequence[Role],
    features: Mapping[str, str] | None = None,
    header: bool | None = None,
    trained: TrainedFiles | None = None,
    end: str = ".txt",
) -> Document:
    """Return the inputs of a file that may lack labels, read as in training.

    The columns are those of training if the form of the file is the same.

    Args:
        path: the file; its extension determines the format, as in training.
        text: its content.
        roles: the roles of the task; the first one is the input.
        features: dict of role name to column, in place of those of training.
        header: whether the first line of a table is a header; None: as in training, otherwise it
            is one if it names the input.
        trained: how the files of training were read.
        end: the extension of the output for a file with a text on each line.

    Raises:
        RequestError: the file has no column for the input, or a line is malformed.
    """
    trained, form = trained or TrainedFiles(), form_of(path, text, roles, features, header)
    check_roles(roles, features or {})
    if form == LINES:
        return _lines(path, text, roles, bool(features) or header is not None, end)
    rows = first_rows(path, text, form, roles[:1])
    if header is None and _begins_with_data(rows, form, roles, features or {}, trained):
        header = False
    like = reading(trained, form, next(iter(rows), []), roles, roles[:1], features, header)
    return _PARSERS[form](FileSource(path, text, like.roles, like.features, like.header))


def _begins_with_data(
    rows: Sequence[Sequence[str]],
    form: str,
    roles: Sequence[Role],
    features: Mapping[str, str],
    trained: TrainedFiles,
) -> bool:
    """Return whether the first line is data, although it has the name of the input.

    A file without a header line is expected, and the line does not name the other roles. It is data
    if it has no other cell, or if another cell occurs again in its column.
    """
    headed = trained.header or (form == trained.form and not trained.numbered)
    if headed or form == TABLE != trained.form or not rows or roles[0].name in features:
        return False
    first, *others = rows
    if not names_all_roles(first, roles[:1], None) or names_all_roles(first, roles, None):
        return False
    rest = [k for k, cell in enumerate(first) if not names_all_roles([cell], roles[:1], None)]
    return not rest or any(
        row != first and row[k : k + 1] == [first[k]] for row in others for k in rest
    )


def _lines(path: pathlib.Path, text: str, roles: Sequence[Role], asked: bool, end: str) -> Document:
    """Return the texts of a file with a text on each line, without labels before them.

    Raises:
        RequestError: columns are requested, a line has no label, or no text, where the first line
            has a label.
    """
    if asked:
        raise RequestError(
            f"{path} is read as {LINES}, which has no columns. Leave out --features and --header, "
            "or give a file with columns."
        )
    name, form = roles[0].name, input_form(path, text, roles)
    if form in LABELLED_LINES:
        contents = parse_labelled_lines(FileSource(path, text, roles))
        return tables.texts([example[name] for example in contents.examples], end)
    document = tables.texts(split_lines(text), end)
    if form is None:
        return document
    hint = f"{LINES}; columns are read with {features_flag({name: '1'})}"
    return dataclasses.replace(document, described=hint)


def check_output(source: pathlib.Path | None, form: str, output: pathlib.Path) -> str:
    """Return the extension of a file for predictions, in lower case and without `.gz`.

    Args:
        source: the file of the inputs; None for texts of the command line or of standard input.
        form: its form, see `form_of`; `LINES` for texts.
        output: the file of the predictions.

    Raises:
        RequestError: predictions for `source` cannot have the form of `output`, or cannot be
            written there.
    """
    end = extension(output)
    fitting: tuple[str, ...] = tables.TEXT_EXTENSIONS
    if source is not None and form != LINES:
        fitting = (extension(source),)
    if end not in fitting:
        raise RequestError(
            f"--output={output} has the extension {end!r}, but predictions for "
            f"{source or 'texts'} have the form {' or '.join(fitting)}. Name such a file."
        )
    if output.is_dir():
        raise RequestError(f"--output={output} is a folder. Name a file.")
    if source is not None and output.exists() and output.samefile(source):
        raise RequestError(
            f"--output={output} is also the file of --input, which would be replaced. Name another "
            "file."
        )
    return end
