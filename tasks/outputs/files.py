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

import pathlib
from collections.abc import Mapping, Sequence

from tasks.data.file_formats import has_columns
from tasks.data.labelled_lines import is_labelled_lines, parse_labelled_lines
from tasks.data.matching import check_roles
from tasks.data.roles import Role
from tasks.data.tagged_text import is_conllu
from tasks.data.text_files import extension
from tasks.data.trained_files import (
    COLUMNS,
    CONLLU,
    JSON_LINES,
    TABLE,
    TrainedFiles,
    column_separator,
    first_cells,
    reading,
)
from tasks.outputs import sentences, tables
from tasks.outputs.document import Document
from zoo.errors import RequestError

LINES = "a text on each line"  # the form of files without columns
_TABLES = {".csv": TABLE, ".tsv": TABLE, ".jsonl": JSON_LINES, ".ndjson": JSON_LINES}
_WORDS = (".conllu", ".conll", ".iob", ".iob2", ".bio")  # and .tsv for taggers
_VAGUE = (".train", ".dev", ".valid", ".val", ".test")  # a split, in any form


def needs_roles(path: pathlib.Path) -> bool:
    """Return whether the extension of a file says that it has columns."""
    return extension(path) in (*_TABLES, *_WORDS)


def form_of(
    path: pathlib.Path, text: str, roles: Sequence[Role], trained: TrainedFiles | None = None
) -> str:
    """Return the form of a file of inputs: `LINES`, or that of a file for training.

    Args:
        path: the file.
        text: its content.
        roles: the roles of the task; the first one is the input.
        trained: how the files of training were read.

    Raises:
        RequestError: the form has no inputs of this task.
    """
    end, has_words = extension(path), roles[0].kind == "words"
    if not has_words and end in _TABLES:
        return _TABLES[end]
    if has_words:
        if end == ".conllu" or (end in (*_WORDS, *_VAGUE) and is_conllu(text)):
            return CONLLU
        if end in (".tsv", *_WORDS) or (end in _VAGUE and has_columns(text)):
            return COLUMNS
        trained_form = trained.form if trained else ""
        if trained_form == COLUMNS and "\n\n" in text.strip("\n") and has_columns(text):
            return COLUMNS
    if end in (*_TABLES, *_WORDS):
        raise RequestError(
            f"{path}: a {end} file holds {'texts' if has_words else 'tagged words'}, and the model "
            f"reads {roles[0].name}. Give a .txt file with a text on each line, or a file in the "
            "form of the training data."
        )
    return LINES


def parse(
    path: pathlib.Path,
    text: str,
    roles: Sequence[Role],
    features: Mapping[str, str] | None = None,
    header: bool | None = None,
    trained: TrainedFiles | None = None,
    end: str = ".txt",
) -> Document:
    """Return the inputs of a file, whose columns are those of training if its form is the same.

    Labels may lack.

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
    trained, form = trained or TrainedFiles(), form_of(path, text, roles, trained)
    check_roles(roles, features or {})
    if form == LINES:
        if features or header is not None:
            raise RequestError(
                f"{path} is read as {LINES}, which has no columns. Leave out --features and "
                "--header, or give a file with columns."
            )
        return tables.texts(_lines(path, text, roles), end)
    quoted = extension(path) == ".csv"
    separator = tables.separator_of(text, roles[0], {}) if quoted else column_separator(text)
    needed = roles if form == COLUMNS and trained.numbered else roles[:1]
    like = reading(trained, form, first_cells(text, separator), roles, needed, features, header)
    if form == CONLLU:
        return sentences.conllu(path, text, roles, like.features)
    if form == COLUMNS:
        return sentences.tagged_columns(path, text, like.roles, like.features, like.header)
    if form == JSON_LINES:
        return tables.json_lines(path, text, like.roles, like.features)
    return tables.table(path, text, like.roles, like.features, like.header, quoted)


def _lines(path: pathlib.Path, text: str, roles: Sequence[Role]) -> list[str]:
    """Return the texts of a file with a text on each line, without labels before them.

    Raises:
        RequestError: a line has no label, or no text, where the first line has a label.
    """
    if {role.kind for role in roles} == {"text", "label"} and is_labelled_lines(text):
        contents = parse_labelled_lines(path, text, roles, None)
        return [example[roles[0].name] for example in contents.examples]
    return split_lines(text)


def split_lines(text: str) -> list[str]:
    """Return the lines of a text; the last line break ends a line."""
    return text.removesuffix("\n").split("\n") if text else []


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
    fitting = [".txt", *_TABLES]
    if source is not None and form != LINES:
        fitting = [extension(source)]
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
