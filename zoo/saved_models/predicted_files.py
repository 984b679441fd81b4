"""Predictions for all inputs of a file, written beside them."""

import gzip
import itertools
import os
import pathlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tasks.data.labelled_lines import is_labelled_lines, parse_labelled_lines
from tasks.library import tasks
from tasks.outputs import files as inputs_of_files
from tasks.outputs.document import Document, Item, Prediction, valid_text
from zoo.errors import RequestError
from zoo.runs import files
from zoo.saved_models.predictor import Predictor
from zoo.saved_models.serving import Answer

CHUNK = 512  # inputs whose answers are in memory at the same time


def parse(
    model: Predictor,
    path: str | os.PathLike[str],
    text: str,
    features: Mapping[str, str] | None = None,
    header: bool | None = None,
) -> Document:
    """Return the inputs of a file for a model, whose columns are read as in training.

    Args:
        model: the model.
        path: the file.
        text: its content.
        features: dict of role name to column, in place of those of training.
        header: whether the first line of a table is a header; None: as in training.

    Raises:
        RequestError: the file has no column for the input, or a line is malformed.
    """
    source = model.source
    if source is None:
        raise RequestError(
            f"{model.path} is an export of version 0.1, which does not tell the columns of its "
            "files. Export the run again with `zoo export`, or give a text on each line (.txt)."
        )
    return inputs_of_files.parse(
        pathlib.Path(path),
        text,
        tasks.get(source["task"]).roles,
        {**source["features"], **(features or {})},
        source["header"] if header is None else header,
    )


def lines(model: Predictor, path: pathlib.Path | None, text: str) -> list[str]:
    """Return the texts of a file with a text on each line.

    Labels before the texts (`__label__X text` or `LABEL:sub text`) are not part of them, if the
    model was trained on texts with labels.

    Args:
        model: the model.
        path: the file, for messages; None for standard input.
        text: its content.

    Raises:
        RequestError: a line has no label, or no text, where the first line has a label.
    """
    roles = tasks.get(model.source["task"]).roles if model.source else ()
    has_labels = {role.kind for role in roles} == {"text", "label"} and is_labelled_lines(text)
    if has_labels:
        contents = parse_labelled_lines(path or pathlib.Path("-"), text, roles, None)
        return [example[roles[0].name] for example in contents.examples]
    return text.removesuffix("\n").split("\n") if text else []


def answers(model: Predictor, document: Document) -> Iterator[tuple[Item, Answer | None]]:
    """Yield each item of a document and its answer, None for an item without an input.

    Raises:
        RequestError: the model does not predict for inputs of this kind.
    """
    for chunk in _chunks(document):
        inputs: list[Any] = [item.input for item in chunk if item.input is not None]
        found = iter(model.predict_words(inputs) if document.words else model.predict(inputs))
        yield from ((item, None if item.input is None else next(found)) for item in chunk)


def write(
    model: Predictor,
    document: Document,
    path: str | os.PathLike[str],
    seen: Callable[[Item, Answer], None],
) -> None:
    """Write a document with the predictions of a model; the file appears when it is complete.

    Args:
        model: the model.
        document: the inputs.
        path: the file to write; it is compressed if its name ends in `.gz`.
        seen: called with each item and its answer.

    Raises:
        RequestError: the model does not predict for inputs of this kind.
        RunError: the file cannot be written.
    """
    is_gzip = os.fspath(path).lower().endswith(".gz")
    with files.atomic_file(path) as temporary:
        opened = gzip.open if is_gzip else open
        with opened(temporary, "wt", encoding="utf-8", newline="\n") as file:
            file.write(valid_text(document.head))
            for item, answer in answers(model, document):
                if answer is not None:
                    seen(item, answer)
                file.write(valid_text(item.render(_prediction(answer))))


def _chunks(document: Document) -> Iterator[list[Item]]:
    items = iter(document.items)
    while chunk := list(itertools.islice(items, CHUNK)):
        yield chunk


def _prediction(answer: Answer | None) -> Prediction | None:
    if answer is None:
        return None
    scores = answer["scores"]
    return Prediction(
        answer["output"], max(scores.values()) if isinstance(scores, dict) else scores
    )
