"""`zoo predict`: predictions of a run or an export for texts."""

import pathlib
import sys
from collections.abc import Sequence

from zoo.cli.flags import Verb, existing_path
from zoo.cli.output import print_json, print_text, quiet_tensorflow, table
from zoo.errors import RequestError

ATTENTION_TEXTS = 4  # translations in a plot of attention weights


def run(argv: Sequence[str]) -> int:
    """Run `zoo predict`."""
    verb = _verb()
    positionals = verb.parse(argv)
    if positionals is None:
        return 0
    path = existing_path(verb, positionals["PATH"], "PATH")
    texts = [*verb["text"], *_lines(verb["input"])]
    if not texts:
        raise RequestError("no texts to predict for: give --text=... or --input=FILE.")
    quiet_tensorflow()
    from zoo.evaluation.attention import draw_attention
    from zoo.saved_models.predictor import predictor

    model = predictor(path)
    answers = model.predict(texts)
    if verb["attention"]:
        draw_attention(verb["attention"], model.attention(texts[:ATTENTION_TEXTS]))
    if verb["json"]:
        print_json(answers)
        return 0
    for answer in answers:
        rows = model.display(answer)
        if model.columns:
            table(model.columns, rows)
        else:
            print_text("\n".join("\t".join(row) for row in rows))
    return 0


def _verb() -> Verb:
    verb = Verb(
        "predict",
        "zoo predict PATH --text=...\n\n"
        "Predicts with a run folder or an exported model: a tag for each word, a class or a\n"
        "translation for a text, a number for a sequence (a JSON list of vectors).",
        ("PATH",),
    )
    verb.texts("text", "a text to predict for")
    verb.text(
        "input",
        "a file with one text per line; - for standard input",
        group="input",
        kind="PATH",
    )
    verb.text(
        "attention",
        "file of a plot of the attention weights of the first translations: .png, .svg or .pdf",
        kind="PATH",
    )
    return verb


def _lines(path: str | None) -> list[str]:
    if path is None:
        return []
    try:
        if path == "-":
            return sys.stdin.read().splitlines()
        return pathlib.Path(path).read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise RequestError(
            f"--input={path} cannot be read: {error.strerror}. Name a text file."
        ) from None
    except UnicodeDecodeError as error:
        raise RequestError(
            f"--input={path} is not UTF-8 (byte {error.start}). Convert it, for example with iconv."
        ) from None
