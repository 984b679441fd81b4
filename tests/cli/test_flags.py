"""Flags: positional arguments, Booleans, numbers, and the configuration that flags set."""

import pytest

from zoo.cli.flags import Verb, existing_path, required, run_dir
from zoo.config import Config
from zoo.errors import RequestError


def parsed(*argv, positionals=()):
    verb = Verb("try", "zoo try", positionals)
    verb.text("length", "a length", "5", kind="INT")
    verb.texts("text", "a text")
    verb.run_dir_flag("run")
    verb.fields(Config)
    return verb, verb.parse(argv)


def test_positional_arguments_are_returned_by_name():
    assert parsed("a", positionals=("PATH", "OTHER"))[1] == {"PATH": "a", "OTHER": None}
    assert parsed("a", "b", "c", positionals=("PATHS...",))[1] == {"PATHS...": ["a", "b", "c"]}
    assert parsed(positionals=("PATHS...",))[1] == {"PATHS...": None}
    with pytest.raises(RequestError, match="unexpected argument 'b' .*--name=value"):
        parsed("a", "b", positionals=("PATH",))


def test_flags_set_the_fields_of_the_configuration():
    verb, _ = parsed("--units=3", "--nobidirectional", "--residual", "--clipnorm=1")
    assert verb.config() == Config(units=3, bidirectional=False, residual=True, clipnorm=1.0)
    assert verb.config(["units"]) == Config(units=3)
    assert verb.updated(Config(cell="gru", units=8), ("units",)) == Config(cell="gru", units=3)
    assert verb.given_fields() == {"units", "bidirectional", "residual", "clipnorm"}


@pytest.mark.parametrize("path", ["plot", "plot.foo", "a.png/plot"])
def test_suffix_of_a_picture_is_checked_before_anything_else(path):
    verb = Verb("try", "zoo try")
    verb.picture("picture", "a picture")
    with pytest.raises(RequestError, match=r"--picture=.*Choose one of \.png, \.svg, \.pdf\."):
        verb.parse([f"--picture={path}"])
    assert verb.parse(["--picture=plot.PNG"]) == {} and verb["picture"] == "plot.PNG"


def test_repeated_flag_collects_all_values():
    verb, _ = parsed("--text=a", "--text=b,c")
    assert verb["text"] == ["a", "b,c"]


@pytest.mark.parametrize("text", ["-1", "x", "1.5", str(2**31)])
def test_invalid_number_is_rejected(text):
    verb, _ = parsed(f"--length={text}")
    with pytest.raises(RequestError, match=f"--length={text}: .*whole number of at least 0"):
        verb.number("length", int, 0)


def test_empty_value_is_rejected():
    """The value of a shell variable that is not set."""
    with pytest.raises(RequestError, match=r"--length= has no value. Give one, or leave"):
        parsed("--length=")


def test_numbers_are_sorted_and_unique():
    verb, _ = parsed("--length=50, 7,50")
    assert verb.numbers("length") == [7, 50]
    for text in ("50,0", "50," + "9" * 5000):
        verb, _ = parsed(f"--length={text}")
        with pytest.raises(RequestError, match=f"--length={text}: .*--length=50,100,200"):
            verb.numbers("length")


def test_missing_arguments_are_rejected(tmp_path):
    verb, _ = parsed()
    with pytest.raises(RequestError, match="--run_dir=runs/first"):
        run_dir(verb)
    with pytest.raises(RequestError, match="`zoo try` needs PATH"):
        required(verb, None, "PATH")
    with pytest.raises(RequestError, match="nothing does not exist"):
        existing_path(verb, str(tmp_path / "nothing"), "PATH")
    assert existing_path(verb, str(tmp_path), "PATH") == str(tmp_path)


def test_tilde_in_a_path_is_the_home_folder(monkeypatch):
    monkeypatch.setenv("HOME", "/home/someone")
    verb, _ = parsed("--run_dir=~/runs/one", "--text=~/a", "--data_dir=~/b")
    assert run_dir(verb) == "/home/someone/runs/one"
    assert verb["text"] == ["~/a"] and verb["data_dir"] == "~/b"  # TFDS expands it
