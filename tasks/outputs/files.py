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

from tasks.data.roles import Role
from tasks.data.text_files import extension
from tasks.outputs import sentences, tables
from tasks.outputs.document import Document
from zoo.errors import RequestError

TABLE_EXTENSIONS = (".csv", ".tsv", ".jsonl")
WORD_EXTENSIONS = (".conllu", ".conll", ".iob", ".iob2", ".bio")  # and .tsv for taggers


def has_columns(path: pathlib.Path) -> bool:
    """Return whether a file has columns, rather than a text on each line."""
    return extension(path) in (*TABLE_EXTENSIONS, *WORD_EXTENSIONS)


def parse(
    path: pathlib.Path,
    text: str,
    roles: Sequence[Role],
    features: Mapping[str, str] | None = None,
    header: bool | None = None,
) -> Document:
    """Return the inputs of a file, whose columns are those of a training file; labels may lack.

    Args:
        path: the file; its extension determines the format, as in training.
        text: its content.
        roles: the roles of the task; the first one is the input.
        features: dict of role name to column.
        header: whether the first line of a table is a header; None: it is one if it names the
            input.

    Raises:
        RequestError: the file has no column for the input, or a line is malformed.
    """
    features, end = features or {}, extension(path)
    has_words = roles[0].kind == "words"
    if has_words and end == ".conllu":
        return sentences.conllu(path, text, roles, features)
    if has_words and end in (".tsv", *WORD_EXTENSIONS):
        return sentences.tagged_columns(path, text, roles, features, header)
    if end in WORD_EXTENSIONS or (has_words and end in TABLE_EXTENSIONS):
        raise RequestError(
            f"{path}: a {end} file holds {'texts' if has_words else 'tagged words'}, and the model "
            f"reads {roles[0].name}. Give a .txt file with a text on each line, or a file in the "
            "form of the training data."
        )
    if end == ".jsonl":
        return tables.json_lines(path, text, roles, features)
    return tables.table(path, text, roles, features, header, quoted=end == ".csv")


def check_output(source: pathlib.Path | None, output: pathlib.Path) -> str:
    """Return the extension of a file for predictions, in lower case and without `.gz`.

    Args:
        source: the file of the inputs; None for texts of the command line or of standard input.
        output: the file of the predictions.

    Raises:
        RequestError: predictions for `source` cannot have the form of `output`, or cannot be
            written there.
    """
    end = extension(output)
    fitting = [".txt", *TABLE_EXTENSIONS]
    if source is not None and has_columns(source):
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
