"""What a run is made of: JSON both ways, refusals by name, suggestions by weight, and the flags made from it."""

import dataclasses
import json

import pytest

from zoo.cli import main
from zoo.config import CLIPPINGS, Config, Search, difference, parse, parse_json
from zoo.errors import RequestError

FIELDS = {item.name: item for item in dataclasses.fields(Config)}

# Scripts rely on these: none of them may go.
SCRIPTED = (
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
SCRIPTED_TUNE = (*SCRIPTED, "tuner", "max_trials", "objective")

# A value other than the default for every field, so that none can be lost on the way to JSON and back.
OTHER = {
    "task": "adding",
    "dataset": "zoo_adding/100",
    "difficulty": 200,
    "data_dir": "/data",
    "features": {"tags": "xpos"},
    "token": "byte",
    "vocabulary_size": 7,
    "characters": "affixes",
    "cell": "gru",
    "cell_args": {"activation": "relu"},
    "head": "regression",
    "units": 3,
    "layers": 2,
    "embedding": 5,
    "bidirectional": False,
    "residual": True,
    "kernel_initializer": "he_normal",
    "recurrent_initializer": "scaled_identity:0.5",
    "bias_initializer": "chrono:10",
    "attention": "dot_product",
    "beam": 2,
    "length_penalty": 0.75,
    "clipvalue": 0.5,
    "dropout": 0.25,
    "token_dropout": 0.0625,
    "recurrent_dropout": 0.125,
    "zoneout": 0.0625,
    "variational_dropout": 0.5,
    "weight_drop": 0.75,
    "learned_initial_state": True,
    "normalization": "layer",
    "learning_rate": 0.01,
    "schedule": "constant",
    "batch_size": 9,
    "bptt": 11,
    "sampled_softmax": 50,
    "epochs": 4,
    "max_minutes": 1.5,
    "seed": 6,
}


def says(error, *fragments):
    message = str(error.value)
    assert "\n" not in message
    for fragment in fragments:
        assert fragment in message
    return True


def test_a_configuration_survives_json():
    assert set(OTHER) == set(FIELDS) - {
        "data",
        "clipnorm",
        "global_clipnorm",
    }  # no field is forgotten
    for given in (
        OTHER,
        {"data": ("a.tsv", "b.tsv", "c.tsv"), "clipnorm": 2.0},
        {"global_clipnorm": 1.0},
        {},
    ):
        config = Config(**given)
        text = json.dumps(config.to_json())
        assert Config.from_json(text) == Config.from_json(json.loads(text)) == config
        assert list(config.to_json()) == list(FIELDS)


def test_unknown_keys_are_refused_by_name():
    with pytest.raises(RequestError) as error:
        Config.from_json({"unit": 4})
    assert says(error, "'unit'", "'units'")
    with pytest.raises(RequestError) as error:
        Config.from_json({"qqqq": 4})
    assert says(error, "'qqqq'", "It has: task, dataset")
    with pytest.raises(RequestError) as error:
        Config.from_json("[4]")
    assert says(error, "'[4]'", "Write one")
    with pytest.raises(RequestError) as error:
        Config.from_json('{"units": ')
    assert says(error, "is not JSON", "character 10")


def test_a_configuration_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Config().units = 4


def test_later_suggestions_win_and_given_values_win_over_all():
    config = Config(units=4).filled(
        {"units": 1, "layers": 1, "dropout": 0.1}, {"dropout": 0.2}, {"dropout": 0.3}
    )
    assert (config.units, config.layers, config.dropout) == (4, 1, 0.3)
    assert config.epochs is None
    assert Config(bidirectional=False, dropout=0.0).filled(
        {"bidirectional": True, "dropout": 0.5}
    ) == Config(bidirectional=False, dropout=0.0)
    with pytest.raises(RequestError):
        Config().filled({"units": 0})


def test_a_given_clipping_keeps_suggested_ones_out():
    assert Config().filled({"global_clipnorm": 1.0}).global_clipnorm == 1.0
    config = Config(clipvalue=0.5).filled({"global_clipnorm": 1.0, "units": 3})
    assert (config.clipvalue, config.global_clipnorm, config.units) == (0.5, None, 3)


def test_two_clippings_exclude_each_other():
    for first in CLIPPINGS:
        for second in set(CLIPPINGS) - {first}:
            with pytest.raises(RequestError) as error:
                Config(**{first: 1.0, second: 0.5})
            assert says(error, f"{first}=1", f"{second}=0.5", "keep one")


def test_two_sources_exclude_each_other():
    with pytest.raises(RequestError) as error:
        Config(dataset="zoo_names", data=("a.tsv",))
    assert says(error, "'zoo_names'", "'a.tsv'", "Keep one")


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("units", 0, "at least 1"),
        ("units", 1.5, "a whole number"),
        ("units", True, "a whole number"),
        ("units", "4", "a whole number"),
        ("bptt", 1, "at least 2"),
        ("layers", -1, "at least 1"),
        ("epochs", 0, "at least 1"),
        ("dropout", 1, "below 1"),
        ("dropout", -0.1, "at least 0"),
        ("recurrent_dropout", 1.0, "below 1"),
        ("learning_rate", 0.0, "above 0"),
        ("learning_rate", float("nan"), "a number"),
        ("max_minutes", 0, "above 0"),
        ("learning_rate", float("inf"), "a number"),
        ("clipnorm", 0, "above 0"),
        ("global_clipnorm", -1, "above 0"),
        ("clipvalue", "1", "a number"),
        ("seed", -1, "at least 0"),
        ("seed", 2**32, "below 4294967296"),
        ("token", "sentence", "char, word, byte"),
        ("characters", "bytes", "convolution"),
        ("schedule", "linear", "cosine"),
        ("bidirectional", "yes", "true or false"),
        ("residual", 1, "true or false"),
        ("cell", 4, "a name"),
        ("cell", None, "a name"),
        ("cell_args", ["relu"], "a JSON object"),
        ("features", "xpos", "a JSON object"),
    ],
)
def test_a_value_that_cannot_be_is_refused(name, value, wanted):
    with pytest.raises(RequestError) as error:
        Config(**{name: value})
    assert says(error, f"{name}=", wanted)


def test_values_are_made_what_is_meant():
    assert Config(dropout=0).dropout == 0.0 and isinstance(Config(clipnorm=1).clipnorm, float)
    assert Config(data="a.tsv").data == ("a.tsv",) and Config(data=["a", "b", "c"]).data == (
        "a",
        "b",
        "c",
    )


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("units", "4", 4),
        ("units", "none", None),
        ("dropout", "0.5", 0.5),
        ("dropout", "1e-1", 0.1),
        ("dropout", "None", None),
        ("bidirectional", "true", True),
        ("bidirectional", "No", False),
        ("bidirectional", "0", False),
        ("bidirectional", "none", None),
        ("residual", "yes", True),
        ("data", "a,b,c", ("a", "b", "c")),
        ("data", "a", ("a",)),
        ("cell_args", '{"activation": "relu"}', {"activation": "relu"}),
        ("cell", "gru", "gru"),
        ("cell", "none", "none"),
        ("characters", "none", "none"),
        ("head", "none", None),
        ("learning_rate", "2e-3", 0.002),
    ],
)
def test_a_flags_text_becomes_a_value(name, text, value):
    parsed = parse(FIELDS[name], text)
    assert parsed == value and type(parsed) is type(value)


@pytest.mark.parametrize(
    ("name", "text", "wanted"),
    [
        ("units", "four", "units=four"),
        ("units", "4.5", "units=4.5"),
        ("dropout", "half", "dropout=half"),
        ("bidirectional", "perhaps", "true or false"),
        ("cell_args", "relu", '{"activation": "relu"}'),
    ],
)
def test_a_flags_text_that_is_no_value_is_refused(name, text, wanted):
    with pytest.raises(RequestError) as error:
        parse(FIELDS[name], text)
    assert says(error, wanted, text)


def test_json_on_the_command_line_is_an_object():
    assert parse_json("cell_args", "{}") == {}
    with pytest.raises(RequestError) as error:
        parse_json("cell_args", "[1]")
    assert says(error, "cell_args", "'[1]'", "no JSON object")


def test_a_search_is_checked_too():
    assert Search(max_trials=3, tuner="grid", objective="accuracy") == Search("grid", 3, "accuracy")
    with pytest.raises(RequestError) as error:
        Search(max_trials=0)
    assert says(error, "max_trials=0", "at least 1")


def test_a_difference_shows_both_sides():
    old, new = Config(units=64).to_json(), Config(units=128, cell="gru").to_json()
    assert difference(old, new) == 'cell: "lstm" there, "gru" asked; units: 64 there, 128 asked'
    assert difference(old, old) == ""
    assert (
        difference({"gone": 1}, {"new": 2}) == "gone: 1 there, null asked; new: null there, 2 asked"
    )


def helped(verb, capsys):
    """The flags that `zoo VERB --help` lists, by name, with what it says of them."""
    assert main([verb, "--help"]) == 0
    lines = capsys.readouterr().out.splitlines()
    return dict(
        line.strip().removeprefix("--").split(None, 1) for line in lines if line.startswith("  --")
    )


def test_every_field_has_a_flag_with_its_help(capsys):
    train, tune = helped("train", capsys), helped("tune", capsys)
    for kind, flags in ((Config, train), (Config, tune), (Search, tune)):
        for item in dataclasses.fields(kind):
            assert flags[item.name].startswith(item.metadata["help"]), item.name
            assert all(choice in flags[item.name] for choice in item.metadata.get("choices", ())), (
                item.name
            )


def test_the_flags_that_scripts_rely_on_are_there(capsys):
    assert set(SCRIPTED) <= set(helped("train", capsys))
    assert set(SCRIPTED_TUNE) <= set(helped("tune", capsys))
