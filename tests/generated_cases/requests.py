"""Requests with wrong flags: a valid command line of each command, then one to three changes."""

import contextlib
import functools
import io
import re

from generated_cases.values import value
from zoo.cli import VERBS, main

# Sizes that keep a valid request small.
SMALL = ("--epochs=1", "--units=4", "--embedding=4", "--layers=1", "--characters=none")
RUNS = {"evaluate": "tagger", "predict": "tagger", "generate": "writer", "export": "tagger"}
# Values that are valid and take long are not tried: a large number of tokens or of runs.
SLOW = {
    *("length", "rounds", "batch_size", "timesteps", "features", "units", "layers", "embedding"),
    *("epochs", "beam", "vocabulary_size", "bptt", "max_trials", "difficulty", "sampled_softmax"),
    *("difficulties",),
}
LARGE = re.compile(r"\d{3,}|e3|\*")
MAX_CHANGES = 3


@functools.cache
def flags_of(verb):
    """Return (name, kind) of each flag of a command, as its --help shows them."""
    with contextlib.redirect_stdout(io.StringIO()) as out:
        assert main([verb, "--help"]) == 0
    return re.findall(r"^  --([a-z_]+)=([A-Z]+)", out.getvalue(), re.MULTILINE)


def valid_request(rng, verb, folder):
    """Return (flags, positional arguments) of a small valid request."""
    data = f"--data={folder / 'good.tsv'}"
    run = str(folder / "run")
    return {
        "list": ([], rng.choice([[], ["cells"], ["cells", "*lstm*"], ["tasks"]])),
        "show": ([], [rng.choice(["lstm", "pos_tagging", "zoo_names", "adam"])]),
        "check": (["--property=no_property"], ["lstm"]),
        "inspect": ([data], []),
        "train": ([data, f"--run_dir={folder / 'new'}", *SMALL], []),
        "tune": ([data, f"--run_dir={folder / 'new'}", *SMALL, "--max_trials=1"], []),
        "evaluate": (["--split=test"], [run]),
        "predict": (["--text=the cat"], [run]),
        "generate": (["--text=the", "--length=2"], [run]),
        "report": ([], [run]),
        "export": ([f"--path={folder / 'exported'}"], [run]),
        "bench": (["--cell=nothing"], []),
        "diagnose": (["--cell=nothing"], []),
        "draw": (["--cell=gru", f"--path={folder / 'net.png'}"], []),
    }[verb]


def request(rng, folder, verb=None):
    """Return the arguments of a request, and the run that is copied to `folder / "run"`."""
    verb = verb or rng.choice(list(VERBS))
    flags, positionals = map(list, valid_request(rng, verb, folder))
    for _ in range(rng.choice((1, 1, 2, MAX_CHANGES))):
        rng.choice(CHANGES)(rng, verb, flags, positionals, folder)
    return [verb, *positionals, *flags], RUNS.get(verb, "tagger")


def _set_flag(rng, verb, flags, positionals, folder):
    """Give a flag of the command a value, in place of the one that it has."""
    name, kind = rng.choice(flags_of(verb))
    text = value(rng, kind, folder)
    if name in SLOW and LARGE.search(text) and not re.fullmatch(r"9{11,}", text):
        text = "0"
    if not (name == "run_dir" and text.startswith(("/", "~", "x")) and str(folder) not in text):
        flags[:] = [flag for flag in flags if not flag.startswith(f"--{name}=")]
        flags.append(f"--{name}={text}")


def _drop_flag(rng, verb, flags, positionals, folder):
    if flags and verb not in ("check", "bench", "diagnose"):
        flags.pop(rng.randrange(len(flags)))


def _without_value(rng, verb, flags, positionals, folder):
    flags.append(f"--{rng.choice(flags_of(verb))[0]}")


def _unknown_flag(rng, verb, flags, positionals, folder):
    """Add a flag of another command, or one that is misspelt."""
    name = rng.choice(flags_of(rng.choice(list(VERBS))))[0]
    name = rng.choice([name, name[:-1], name + "s", name.replace("_", "-"), name.upper(), "[b]"])
    flags.append(f"{rng.choice(['--', '-', '---'])}{name}={value(rng, 'STRING', folder)}")


def _positional(rng, verb, flags, positionals, folder):
    """Replace, drop or add a positional argument."""
    text = value(rng, rng.choice(["PATH", "STRING"]), folder)
    if verb == "check" and (".py" in text or "/" in text or text in ("lstm", "*", "?")):
        text = "çay"
    action = rng.choice(("replace", "drop", "add"))
    if positionals and action != "add":
        positionals[-1:] = [text] if action == "replace" else []
    else:
        positionals.append(text)


CHANGES = (*[_set_flag] * 6, _drop_flag, _without_value, _unknown_flag, _positional)
