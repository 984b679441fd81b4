"""`zoo predict`: predictions of a run or an export for texts, or for the inputs of a file."""

import pathlib
import sys
from collections.abc import Sequence
from typing import Any

from tasks.data.text_files import read_text
from tasks.outputs import tables
from tasks.outputs.document import Document, Item, valid_text
from tasks.outputs.files import check_output, has_columns
from zoo.cli.flags import Verb, existing_path
from zoo.cli.output import print_json, print_text, quiet_tensorflow, table
from zoo.errors import RequestError
from zoo.fields import parse_json

ATTENTION_TEXTS = 4  # translations in a plot of attention weights
HEADERS = {None: None, "true": True, "false": False}


def run(argv: Sequence[str]) -> int:
    """Run `zoo predict`."""
    verb = _verb()
    positionals = verb.parse(argv)
    if positionals is None:
        return 0
    path = existing_path(verb, positionals["PATH"], "PATH")
    features, header = parse_json("features", verb["features"] or "{}"), _header(verb)
    source = pathlib.Path(verb["input"]) if verb["input"] not in (None, "-") else None
    end = check_output(source, pathlib.Path(verb["output"])) if verb["output"] else ".txt"
    text = _text(verb, source)
    quiet_tensorflow()
    from zoo.evaluation.attention import draw_attention
    from zoo.saved_models import predicted_files
    from zoo.saved_models.predictor import predictor

    model, notices = predictor(path), _Notices()
    if source is not None and has_columns(source):
        document = predicted_files.parse(model, source, text, features, header)
    else:
        lines = predicted_files.lines(model, source, text)
        document = tables.texts([*verb["text"], *lines], end)
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
    verb.text(
        "features",
        'role -> column of the input, as JSON: {"text": "body"}',
        group="input",
        kind="JSON",
        unset="as in training",
    )
    verb.text(
        "header",
        "whether the input begins with a header line",
        group="input",
        choices=("true", "false"),
        unset="as in training",
    )
    return verb


def _header(verb: Verb) -> bool | None:
    if verb["header"] not in HEADERS:
        raise RequestError(f"--header={verb['header']}: header must be true or false.")
    return HEADERS[verb["header"]]


def _text(verb: Verb, source: pathlib.Path | None) -> str:
    """Return the text of --input, which is read before TensorFlow is imported."""
    if verb["input"] is None:
        if not verb["text"]:
            raise RequestError("no texts to predict for: give --text=... or --input=FILE.")
        return ""
    if source is None:
        return _standard_input()
    if has_columns(source) and verb["text"]:
        raise RequestError(f"--text and --input={source}: a file with columns. Give one of them.")
    return read_text(source)


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
