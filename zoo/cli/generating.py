"""`zoo generate`: complete a prompt with a language model."""

from collections.abc import Sequence

from zoo.cli.flags import Verb, existing_path
from zoo.cli.output import print_json, print_text, quiet_tensorflow


def run(argv: Sequence[str]) -> int:
    """Run `zoo generate`."""
    verb = _verb()
    positionals = verb.parse(argv)
    if positionals is None:
        return 0
    path = existing_path(verb, positionals["PATH"], "PATH")
    length, temperature = verb.number("length", int, 0), verb.number("temperature", float, 0)
    seed = verb.number("seed", int, 0)
    quiet_tensorflow()
    from zoo.saved_models.predictor import predictor

    prompts = verb["text"] or [""]
    answers = predictor(path).generate(prompts, length, temperature, seed, verb["unknown"])
    if verb["json"]:
        print_json(answers)
        return 0
    for answer in answers:
        print_text(answer["input"] + answer["output"])
    return 0


def _verb() -> Verb:
    verb = Verb(
        "generate",
        "zoo generate PATH --text=...\n\n"
        "Completes a prompt with the language model of a run folder or an export.",
        ("PATH",),
    )
    verb.texts("text", "a prompt")
    verb.text(
        "length",
        "number of tokens to generate; 0: only the prompt",
        "200",
        group="decoding",
        kind="INT",
    )
    verb.text(
        "temperature",
        "sampling temperature; 0: the most probable token at each timestep",
        "0.8",
        group="decoding",
        kind="FLOAT",
    )
    verb.switch(
        "unknown",
        "also generate the training text's own token for unknown words, such as <unk>",
        group="decoding",
    )
    verb.text("seed", "seed of the samples", "0", group="decoding", kind="INT")
    return verb
