"""`zoo generate`: a language model goes on with a prompt."""

from zoo.cli.flags import Verb, existing
from zoo.cli.output import print_json
from zoo.cli.work import work


def run(argv):
    verb = Verb(
        "generate",
        "zoo generate PATH --text=...\n\nLets the language model of a run folder or an export go on "
        "with a prompt.",
        ("PATH",),
    )
    verb.texts("text", "the prompt")
    verb.text("length", "tokens to add", "200")
    verb.text(
        "temperature",
        "0: always the likeliest token; 1: drawn from the model's own distribution",
        "0.8",
    )
    verb.text("seed", "of the drawing", "0")
    places = verb.parse(argv)
    if places is None:
        return 0
    path = existing(verb, places["PATH"], "PATH")
    length, temperature = verb.number("length", int, 0), verb.number("temperature", float, 0)
    seed = verb.number("seed", int, 0)
    answers = work("predictor")(path).continuations(verb["text"] or [""], length, temperature, seed)
    if verb["json"]:
        print_json(answers)
        return 0
    for answer in answers:
        print(answer["input"] + answer["output"])
    return 0
