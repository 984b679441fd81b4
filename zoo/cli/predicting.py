"""`zoo predict`: answers to texts, from a run or an export."""

import pathlib
import sys

from zoo.cli.flags import Verb, existing
from zoo.cli.output import print_json, table
from zoo.cli.work import work
from zoo.errors import RequestError

PICTURED = 4  # texts in a picture of attention


def run(argv):
    verb = Verb(
        "predict",
        "zoo predict PATH --text=...\n\nAnswers of a run folder or an exported model: a tag for each "
        "word, a class or a translation for a text,\na number for a sequence (a JSON list of vectors).",
        ("PATH",),
    )
    verb.texts("text", "what to answer to")
    verb.text("input", "a file with a text on each line; - for standard input")
    verb.text(
        "attention",
        "a picture to draw: what the translations of the first texts look at; ends in .png, .svg or .pdf",
    )
    places = verb.parse(argv)
    if places is None:
        return 0
    path = existing(verb, places["PATH"], "PATH")
    texts = list(verb["text"]) + _lines(verb["input"])
    if not texts:
        raise RequestError("nothing to answer to: give --text=... or --input=FILE.")
    predictor = work("predictor")(path)
    answers = predictor.answers(texts)
    if verb["attention"]:
        work("attention")(verb["attention"], predictor.attentions(texts[:PICTURED]))
    if verb["json"]:
        print_json(answers)
        return 0
    for answer in answers:
        _show(answer)
    return 0


def _lines(path):
    if path is None:
        return []
    try:
        text = (
            sys.stdin.read() if path == "-" else pathlib.Path(path).read_text(encoding="utf-8-sig")
        )
    except OSError as error:
        raise RequestError(
            f"--input={path} cannot be read: {error.strerror}. Name a text file."
        ) from None
    except UnicodeDecodeError as error:
        raise RequestError(
            f"--input={path} is not UTF-8 (byte {error.start}). Convert it, for example with iconv."
        ) from None
    return text.splitlines()


def _show(answer):
    if isinstance(answer["output"], list):
        table(
            ("word", "tag", ">score"),
            [
                (word, tag, f"{score:.3f}")
                for word, tag, score in zip(
                    answer["words"], answer["output"], answer["scores"], strict=True
                )
            ],
        )
    elif isinstance(answer["output"], str):
        score = (
            answer["scores"]
            if isinstance(answer["scores"], float)
            else max(answer["scores"].values())
        )
        print(f"{answer['output']}\t{score:.3f}\t{answer['input']}")
    else:
        print(f"{answer['output']:.4f}\t{answer['input']}")
