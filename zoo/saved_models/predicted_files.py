"""Predictions for all inputs of a file, written beside them."""

import gzip
import itertools
import os
from collections.abc import Callable, Iterator
from typing import Any

from tasks.data.cleaning import valid_text
from tasks.outputs.document import Document, Item, Prediction
from zoo.runs import files
from zoo.saved_models.predictor import Predictor
from zoo.saved_models.serving import Answer

CHUNK = 512  # inputs whose answers are in memory at the same time


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
