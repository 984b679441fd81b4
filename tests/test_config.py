"""Configurations: to and from JSON, rejected values, and the precedence of defaults."""

import dataclasses
import json

import pytest

from zoo.config import CLIPPINGS, Config, Search
from zoo.errors import RequestError
from zoo.fields import difference

FIELDS = {item.name: item for item in dataclasses.fields(Config)}

# A value other than the default for every field, to detect a field that JSON loses.
OTHER = {
    "task": "adding",
    "dataset": "zoo_adding/100",
    "difficulty": 200,
    "data_dir": "/data",
    "features": {"tags": "xpos"},
    "header": False,
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
    "pooling": "attention",
    "learning_rate": 0.01,
    "schedule": "constant",
    "batch_size": 9,
    "bptt": 11,
    "sampled_softmax": 50,
    "weight_decay": 0.125,
    "epochs": 4,
    "patience": 2,
    "max_minutes": 1.5,
    "seed": 6,
}


def check_message(error, *fragments):
    message = str(error.value)
    assert "\n" not in message
    for fragment in fragments:
        assert fragment in message


def test_json_round_trip_keeps_every_field():
    assert set(OTHER) == set(FIELDS) - {
        "data",
        "clipnorm",
        "global_clipnorm",
    }  # every other field is in OTHER
    for values in (
        OTHER,
        {"data": ("a.tsv", "b.tsv", "c.tsv"), "clipnorm": 2.0},
        {"global_clipnorm": 1.0},
        {},
    ):
        config = Config(**values)
        text = json.dumps(config.to_json())
        assert Config.from_json(text) == Config.from_json(json.loads(text)) == config
        assert list(config.to_json()) == list(FIELDS)


def test_unknown_fields_and_invalid_json_are_rejected():
    with pytest.raises(RequestError) as error:
        Config.from_json({"unit": 4})
    check_message(error, "'unit'", "'units'")
    with pytest.raises(RequestError) as error:
        Config.from_json({"qqqq": 4})
    check_message(error, "'qqqq'", "It has: task, dataset")
    with pytest.raises(RequestError) as error:
        Config.from_json("[4]")
    check_message(error, "'[4]'", "Write an object")
    with pytest.raises(RequestError) as error:
        Config.from_json('{"units": ')
    check_message(error, "is not JSON", "character 10")


def test_configuration_is_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Config().units = 4


def test_later_defaults_and_given_values_take_precedence():
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


def test_given_clipping_excludes_default_clippings():
    assert Config().filled({"global_clipnorm": 1.0}).global_clipnorm == 1.0
    config = Config(clipvalue=0.5).filled({"global_clipnorm": 1.0, "units": 3})
    assert (config.clipvalue, config.global_clipnorm, config.units) == (0.5, None, 3)


def test_two_clippings_are_rejected():
    for first in CLIPPINGS:
        for second in set(CLIPPINGS) - {first}:
            with pytest.raises(RequestError) as error:
                Config(**{first: 1.0, second: 0.5})
            check_message(error, f"{first}=1", f"{second}=0.5", "keep one")


def test_dataset_and_data_together_are_rejected():
    with pytest.raises(RequestError) as error:
        Config(dataset="zoo_names", data=("a.tsv",))
    check_message(error, "'zoo_names'", "'a.tsv'", "Keep one")


def test_search_settings_are_validated():
    assert Search(max_trials=3, tuner="grid", objective="accuracy") == Search("grid", 3, "accuracy")
    with pytest.raises(RequestError) as error:
        Search(max_trials=0)
    check_message(error, "max_trials=0", "at least 1")


def test_difference_shows_both_values():
    old, new = Config(units=64).to_json(), Config(units=128, cell="gru").to_json()
    assert difference(old, new) == (
        'cell: "lstm" stored, "gru" requested; units: 64 stored, 128 requested'
    )
    assert difference(old, old) == ""
    assert (
        difference({"gone": 1}, {"new": 2})
        == "gone: 1 stored, null requested; new: null stored, 2 requested"
    )
    assert difference({}, {"new": None}) == "new: nothing stored, null requested"


@pytest.mark.parametrize(
    "value", [{"data": {}}, {"data": [""]}, {"data": None}, {"data": [1]}, {"dataset": ""}]
)
def test_empty_or_ill_typed_source_is_refused(value):
    with pytest.raises(RequestError, match="data"):
        Config.from_json(value)
