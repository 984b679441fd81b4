"""`zoo predict`: predictions of a run or an export for texts, or for the inputs of a file."""

import dataclasses
import pathlib
import sys
from collections.abc import Sequence
from typing import Any

from tasks.data.cleaning import valid_text
from tasks.data.roles import Role
from tasks.data.text_files import read_text, split_lines
from tasks.outputs import tables
from tasks.outputs.document import Document, Item
from tasks.outputs.files import LINES, check_output, form_of, needs_roles, parse
from zoo.cli.flags import Verb, existing_path
from zoo.cli.output import print_json, print_text, quiet_tensorflow, table
from zoo.cli.reading import COLUMN_FIELDS, check_columns, loaded_roles
from zoo.config import Config
from zoo.errors import RequestError
from zoo.runs.console import notify
from zoo.saved_models import trained_source

ATTENTION_TEXTS = 4  # translations in a plot of attention weights


def run(argv: Sequence[str]) -> int:
    """Run `zoo predict`."""
    verb = _verb()
    positionals = verb.parse(argv)
    if positionals is None:
        return 0
    path = existing_path(verb, positionals["PATH"], "PATH")
    document = _document(verb, pathlib.Path(path))  # before TensorFlow is imported
    quiet_tensorflow()
    from zoo.evaluation.attention import draw_attention
    from zoo.saved_models import predicted_files
    from zoo.saved_models.predictor import predictor

    model, notices = predictor(path), _Notices()
    if verb["input"] is not None:
        notify(f"read {verb['input']}: {document.described}")
    if verb["output"]:
        predicted_files.write(model, document, verb["output"], notices.add)
        answers = []
    else:
        answers = notices.added(predicted_files.answers(model, document))
    if verb["attention"]:
        draw_attention(verb["attention"], model.attention(_texts(document)[:ATTENTION_TEXTS]))
    notices.show()
    _print(verb, model, answers, notices)
    return 0


class _Notices:
    """Counts of inputs whose predictions may surprise, for messages on stderr."""

    def __init__(self) -> None:
        self.inputs = self.replaced = self.divided = self.long = 0

    def add(self, item: Item, answer: dict[str, Any]) -> None:
        """Count an input and its answer."""
        texts = [item.input] if isinstance(item.input, str) else item.input or []
        self.inputs += 1
        self.replaced += any(valid_text(text) != text for text in texts)
        self.divided += answer.get("sentences", 1) > 1
        self.long += answer.get("longer_than_training", False)

    def added(self, found: Any) -> list[dict[str, Any]]:
        """Count inputs and answers, and return the answers."""
        answers = []
        for item, answer in found:
            if answer is not None:
                self.add(item, answer)
                answers.append(answer)
        return answers

    def show(self) -> None:
        """Print the messages."""
        for count, message in (
            (self.replaced, "with characters that are not valid Unicode, read as U+FFFD"),
            (self.divided, "longer than the training data, translated sentence by sentence"),
            (
                self.long,
                "with a sentence that is longer than the training data: its translation may be "
                "incomplete",
            ),
        ):
            if count:
                texts = "1 text" if count == 1 else f"{count:,} texts"
                print(f"zoo: {texts} {message}", file=sys.stderr)


def _verb() -> Verb:
    verb = _input_verb()
    verb.text(
        "output",
        "file of the input's columns and the predictions, in the input's format; texts: .txt, "
        ".csv, .tsv or .jsonl",
        kind="PATH",
    )
    verb.picture("attention", "file of a plot of the attention weights of the first translations")
    return verb


def _input_verb() -> Verb:
    verb = Verb(
        "predict",
        "zoo predict PATH --text=...\n"
        "zoo predict PATH --input=in.csv --output=out.csv\n\n"
        "Predicts with a run folder or an exported model: a tag for each word, a class or a\n"
        "translation for a text, a number for a sequence (a JSON list of vectors).",
        ("PATH",),
    )
    verb.texts("text", "a text to predict for")
    verb.text(
        "input",
        "a file in the form of the training data, or with one text per line (.txt); - for standard "
        "input",
        group="input",
        kind="PATH",
    )
    verb.fields(Config, COLUMN_FIELDS)
    return verb


def _document(verb: Verb, path: pathlib.Path) -> Document:
    """Return the inputs, which are read without TensorFlow.

    Args:
        verb: the flags of the command.
        path: the model.

    Raises:
        RequestError: there are none, or the file cannot be read.
    """
    source = pathlib.Path(verb["input"]).expanduser() if verb["input"] not in (None, "-") else None
    if verb["input"] is None and not verb["text"]:
        raise RequestError("no texts to predict for: give --text=... or --input=FILE.")
    check_columns(verb, "input", source is not None)
    columns = verb.config(COLUMN_FIELDS)
    if source is None:
        end = check_output(None, LINES, pathlib.Path(verb["output"])) if verb["output"] else ".txt"
        lines = [] if verb["input"] is None else split_lines(_standard_input())
        return tables.texts([*verb["text"], *lines], end)
    text = read_text(source)
    trained = trained_source.of_model(path)
    if trained is None and needs_roles(source):
        raise RequestError(
            f"{path} is an export of version 0.1, which does not store the columns of its files. "
            "Export the run again with `zoo export`, or give a text on each line (.txt)."
        )
    roles = loaded_roles(trained.task) if trained else (Role("text", "text"),)
    files = trained.files if trained else None
    form = form_of(source, text, roles, columns.features, columns.header)
    if form != LINES and verb["text"]:
        raise RequestError(f"--text and --input={source}: a file with columns. Give one of them.")
    end = check_output(source, form, pathlib.Path(verb["output"])) if verb["output"] else ".txt"
    document = parse(source, text, roles, columns.features, columns.header, files, end)
    return _with_texts(document, verb["text"], end)


def _with_texts(document: Document, texts: Sequence[str], end: str) -> Document:
    """Return a document with the texts of the command line before those of the file."""
    items = [*tables.texts(texts, end).items, *document.items]
    return dataclasses.replace(document, items=items)


def _standard_input() -> str:
    if sys.stdin is None or sys.stdin.closed:
        raise RequestError("--input=-: standard input is closed. Name a file.")
    content = getattr(sys.stdin, "buffer", sys.stdin).read()
    try:
        text = content if isinstance(content, str) else content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RequestError(
            f"--input=- is not UTF-8 (byte {error.start}). Convert it, for example with iconv."
        ) from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _texts(document: Document) -> list[str]:
    return [item.input for item in document.items if isinstance(item.input, str)]


def _print(verb: Verb, model: Any, answers: Sequence[dict[str, Any]], notices: _Notices) -> None:
    if verb["output"]:
        if verb["json"]:
            print_json({"output": verb["output"], "inputs": notices.inputs})
        else:
            print_text(f"{verb['output']}: predictions for {notices.inputs:,} inputs")
    elif verb["json"]:
        print_json(answers)
    else:
        for answer in answers:
            rows = model.display(answer)
            if model.columns:
                table(model.columns, rows)
            else:
                print_text("\n".join("\t".join(row) for row in rows))
