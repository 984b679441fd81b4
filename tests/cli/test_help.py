"""`zoo COMMAND --help`: type, default and choices of every flag, and the width of the text."""

import dataclasses
import re

import pytest

from zoo.cli import VERBS, help
from zoo.config import Config, Search

# Scripts rely on these flags, so they must not be removed.
SCRIPTED_FLAGS = (
    "task",
    "dataset",
    "data",
    "data_dir",
    "cell",
    "cell_args",
    "head",
    "units",
    "layers",
    "bidirectional",
    "kernel_initializer",
    "recurrent_initializer",
    "bias_initializer",
    "clipnorm",
    "global_clipnorm",
    "clipvalue",
    "dropout",
    "recurrent_dropout",
    "learning_rate",
    "batch_size",
    "epochs",
    "max_minutes",
    "token",
    "seed",
    "run_dir",
    "json",
)
SCRIPTED_TUNE_FLAGS = (*SCRIPTED_FLAGS, "tuner", "max_trials", "objective")
TYPES = {"INT", "INTS", "FLOAT", "BOOL", "STRING", "JSON", "PATH", "PATHS"}


def described_flags(text):
    """Return heading -> {flag: (type, description)} of a help text."""
    groups, flag = {}, None
    for line in text.splitlines():
        if re.fullmatch(r"[A-Z]\w+:", line):
            group = groups[line.rstrip(":").lower()] = {}
        elif match := re.fullmatch(r"  --(\w+)=(\w+) +(.*)", line):
            flag, kind, description = match.groups()
            group[flag] = (kind, description)
        elif line.startswith("     "):
            group[flag] = (group[flag][0], f"{group[flag][1]} {line.strip()}")
    return groups


@pytest.fixture
def flags_of(run):
    return lambda verb: described_flags(run(verb, "--help"))


@pytest.mark.parametrize("verb", VERBS)
def test_help_shows_type_and_default_of_every_flag(verb, run, flags_of):
    text = run(verb, "--help")
    assert text.startswith(f"zoo {verb}")
    assert run(verb, "-h") == run(verb, "--json", "--help") == text
    flags = {name: flag for group in flags_of(verb).values() for name, flag in group.items()}
    assert "json" in flags
    for name, (kind, description) in flags.items():
        assert kind in TYPES, name
        assert re.search(r"\[(one of .+; )?default: [^\]]+\]$", description), name


def test_every_field_has_a_flag_under_its_group(flags_of):
    train, tune = flags_of("train"), flags_of("tune")
    for kind, groups in ((Config, train), (Config, tune), (Search, tune)):
        for item in dataclasses.fields(kind):
            rules = item.metadata
            type_name, description = groups[rules["group"]][item.name]
            assert type_name == help.TYPE_NAMES[rules["kind"]]
            assert description.startswith(rules["help"]), item.name
            assert f"one of {', '.join(rules.get('choices', ()))}" in description or (
                "choices" not in rules
            )
    assert list(tune) == [
        "data",
        "model",
        "regularization",
        "decoding",
        "training",
        "search",
        "output",
    ]


@pytest.mark.parametrize(
    ("flag", "group", "kind", "ending"),
    [
        ("units", "model", "INT", "[default: the task's]"),
        ("cell", "model", "STRING", "[default: lstm]"),
        ("recurrent_initializer", "model", "STRING", "[default: the cell's]"),
        ("residual", "model", "BOOL", "[default: false]"),
        ("zoneout", "regularization", "FLOAT", "[default: 0.0]"),
        ("data", "data", "PATHS", "[default: none]"),
        ("features", "data", "JSON", "[default: none]"),
        ("schedule", "training", "STRING", "[one of cosine, constant; default: cosine]"),
        ("run_dir", "output", "PATH", "[default: none, required]"),
    ],
)
def test_default_and_choices_are_shown(flag, group, kind, ending, flags_of):
    type_name, description = flags_of("train")[group][flag]
    assert type_name == kind and description.endswith(ending)


def test_flags_that_scripts_rely_on_exist(flags_of):
    train, tune = (set().union(*flags_of(verb).values()) for verb in ("train", "tune"))
    assert set(SCRIPTED_FLAGS) <= train
    assert set(SCRIPTED_TUNE_FLAGS) <= tune


@pytest.mark.parametrize(
    ("is_terminal", "columns", "width"),
    [(True, 60, 80), (True, 93, 93), (True, 200, 120), (False, 60, 100)],
)
def test_help_fits_the_terminal(is_terminal, columns, width, monkeypatch, run):
    monkeypatch.setattr("sys.stdout.isatty", lambda: is_terminal, raising=False)
    monkeypatch.setenv("COLUMNS", str(columns))
    assert help.text_width() == width
    monkeypatch.setattr(help, "text_width", lambda: width)
    lines = run("predict", "--help").splitlines() + run("train", "--help").splitlines()
    assert width - 12 < max(map(len, lines)) <= width
