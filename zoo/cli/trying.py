"""`zoo diagnose --try`: tries changes of a configuration, and ranks them."""

from collections.abc import Mapping
from typing import Any

from zoo.cli.flags import Verb
from zoo.cli.output import print_json, print_text, table
from zoo.config import Config
from zoo.errors import RequestError

FLAGS = ("path", "plot", "sequences", "steps", "fraction")  # of a diagnosis without --try


def define_flags(verb: Verb) -> None:
    """Define the flags of `--try`."""
    verb.switch(
        "try",
        "try other initializers, biases, clippings and cells, and rank them by the predicted "
        "probability that the network learns",
    )
    verb.text(
        "try_steps",
        "training steps of each configuration that --try tries, up to 200",
        "0",
        group="input",
        kind="INT",
    )


def is_requested(verb: Verb) -> bool:
    """Return the value of --try; raise RequestError for --try_steps without it."""
    if verb.values["try_steps"].present and not verb["try"]:
        raise RequestError("--try_steps has no effect without --try. Add --try, or leave it out.")
    return bool(verb["try"])


def run(verb: Verb, subjects: Mapping[str, Any], length: int | None) -> int:
    """Run `zoo diagnose --try`.

    Args:
        verb: the parsed flags.
        subjects: label -> a configuration, or the folder of a run.
        length: the length of generated sequences, or None.
    """
    from zoo.diagnosis.advice import advise
    from zoo.diagnosis.diagnose import json_value
    from zoo.runs.run import Run

    check(verb, subjects)
    ((label, subject),) = subjects.items()
    config: Config = subject if isinstance(subject, Config) else Run.finished(subject).config
    trials = advise(config, length=length, steps=verb.number("try_steps", int, 0))
    if verb["json"]:
        print_json({"trials": json_value(trials)})
        return 0
    _print(label, trials)
    return 0


def check(verb: Verb, subjects: Mapping[str, Any]) -> None:
    """Raise RequestError for flags that have no effect with --try."""
    if len(subjects) > 1:
        raise RequestError(
            f"--try starts from one configuration, not from {len(subjects)}. Give each flag one "
            "value."
        )
    for name in FLAGS:
        if verb.values[name].present:
            raise RequestError(f"--{name} has no effect with --try. Leave out one of both.")


def _print(label: str, trials: list) -> None:
    rows = [
        (
            trial.text or f"{label} as it is",
            f"{trial.probability:.0%}",
            f"{trial.last.loss:.3g}",
            f"{trial.last.influence:.1e}",
        )
        for trial in trials
    ]
    table(("change", ">predicted to learn", ">loss", ">influence at the lag"), rows)
    changed = [trial for trial in trials if trial.changes]
    print_text(f"\nFirst advice: {changed[0].text}")
    kept = [trial for trial in changed if trial.keeps_cell]
    if kept:
        print_text(f"First advice that keeps the cell: {kept[0].text}")
