"""Fields of a configuration: validation of values, and parsing of flag texts."""

import dataclasses

import pytest

from zoo.config import Config
from zoo.errors import RequestError
from zoo.fields import GROUPS, parse_json, parse_value

FIELDS = {item.name: item for item in dataclasses.fields(Config)}


def check_message(error, *fragments):
    message = str(error.value)
    assert "\n" not in message
    for fragment in fragments:
        assert fragment in message


def test_every_field_has_a_help_text_and_a_group():
    for item in FIELDS.values():
        assert item.metadata["help"] and item.metadata["group"] in GROUPS


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("units", 0, "at least 1"),
        ("units", 1.5, "a whole number"),
        ("units", True, "a whole number"),
        ("units", "4", "a whole number"),
        ("bptt", 1, "at least 2"),
        ("layers", -1, "at least 1"),
        ("layers", 10**9, "below 1000"),
        ("units", 2**31, "below 2147483648"),
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
def test_invalid_value_is_rejected(name, value, wanted):
    with pytest.raises(RequestError) as error:
        Config(**{name: value})
    check_message(error, f"{name}=", wanted)


def test_values_are_converted_to_the_type_of_the_field():
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
def test_flag_text_is_parsed(name, text, value):
    parsed = parse_value(FIELDS[name], text)
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
def test_invalid_flag_text_is_rejected(name, text, wanted):
    with pytest.raises(RequestError) as error:
        parse_value(FIELDS[name], text)
    check_message(error, wanted, text)


def test_json_must_be_an_object():
    assert parse_json("cell_args", "{}") == {}
    with pytest.raises(RequestError) as error:
        parse_json("cell_args", "[1]")
    check_message(error, "cell_args", "'[1]'", "is not a JSON object")


def test_json_that_is_nested_too_deep_is_refused():
    with pytest.raises(RequestError, match="nested too deep"):
        parse_json("features", '{"a":' + "[" * 100_000)


def test_json_with_a_number_of_thousands_of_digits_is_refused():
    with pytest.raises(RequestError, match="a number is too long"):
        parse_json("cell_args", '{"a": ' + "9" * 5000 + "}")


@pytest.mark.parametrize("text", ["", ",", ",,", "a.tsv,,b.tsv", "a.tsv,"])
def test_empty_paths_are_refused(text):
    with pytest.raises(RequestError, match="data="):
        parse_value(FIELDS["data"], text)


def test_path_with_commas_that_exists_is_one_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("a,b.csv", "c,d,e.csv", "a"):
        (tmp_path / name).write_text("x")
    assert parse_value(FIELDS["data"], "a,b.csv") == ("a,b.csv",)
    assert parse_value(FIELDS["data"], "c,d,e.csv,a,b.csv,f.csv") == (
        "c,d,e.csv",
        "a,b.csv",
        "f.csv",
    )
    assert parse_value(FIELDS["data"], "a,x,b.csv") == ("a", "x", "b.csv")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert parse_value(FIELDS["data"], "~/a,b.csv") == ("~/a,b.csv",)
