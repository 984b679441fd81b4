"""`zoo diagnose` and `zoo draw`."""

import json
import math
import re

import pytest

import zoo
from zoo.cli import diagnosing, main
from zoo.diagnosis import advice
from zoo.diagnosis.readings import Reading

SMALL = ("--units=4", "--embedding=3", "--length=9", "--sequences=3", "--steps=2")


def test_cells_are_compared_before_training(capsys, tmp_path):
    path = tmp_path / "gradients.png"
    assert main(["diagnose", "--cell=simple_rnn,gru", *SMALL, f"--path={path}", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert [each["name"] for each in result["diagnoses"]] == ["simple_rnn", "gru"]
    (layer,) = result["diagnoses"][1]["layers"]
    assert layer["timesteps"] == 10 and len(layer["gradient"]["mean"]) == 10
    assert [gate["name"] for gate in layer["gates"]] == ["z", "r", "n"]
    assert layer["verdict"]["text"].startswith(layer["verdict"]["kind"])
    assert result["picture"] == str(path) and path.stat().st_size > 5000


def test_choices_of_an_initializer_are_compared_and_printed(capsys):
    flags = ["--cell=simple_rnn", "--recurrent_initializer=orthogonal,scaled_identity:0.5"]
    assert main(["diagnose", "--task=adding", *flags, *SMALL]) == 0
    printed = capsys.readouterr().out
    assert "recurrent_initializer=scaled_identity:0.5" in printed
    assert "gate n (tanh)" in printed and "suggested threshold" in printed
    assert "growth per timestep" in printed and "lag of the task" in printed


def test_none_is_a_choice_where_it_is_a_value_and_otherwise_unsets_the_field():
    verb = diagnosing._verb()
    verb.parse(["--characters=none,affixes", "--clipnorm=none,1", "--task=pos_tagging"])
    configs = list(diagnosing._subjects(verb, None).values())
    found = [(config.characters, config.clipnorm) for config in configs]
    assert found == [("none", None), ("none", 1.0), ("affixes", None), ("affixes", 1.0)]


def test_a_run_is_diagnosed_on_its_own_data(trained, problem, capsys):
    folder = trained("pos_tagging").folder
    diagnosis = zoo.diagnose(folder, problem("pos_tagging")[1], steps=1)
    assert {layer.direction for layer in diagnosis.layers} == {"forward", "backward"}
    # Its examples were passed to `zoo.train`, and differ from the dataset that it names.
    assert main(["diagnose", str(folder), "--steps=1", "--json"]) == 2
    assert "has changed since the run began" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["diagnose", "--cell=lstn"], "lstm"),
        (["diagnose", "--length=1"], "length"),
        (["diagnose", "--fraction=2"], "fraction must be"),
        (["diagnose", "--plot=heat"], "unknown plot"),
        (["diagnose", "--task=pos_tagging", "--length=9"], "lengths of their own"),
        (["diagnose", "nowhere"], "does not exist"),
        (["diagnose", ".", "--cell=gru"], "configuration of its own|its own configuration"),
        (["diagnose", "--cell=*", "--units=1,2,4,8"], "more than 24"),
        (["draw", "circle"], "not a picture"),
        (["draw", "--timesteps=99"], "at most 12"),
        (["draw", "--cell=lstn"], "lstm"),
    ],
)
def test_invalid_requests_are_sentences(arguments, message, capsys):
    assert main(arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == "" and re.search(message, printed.err)
    assert printed.err.count("\n") == 1


def test_pictures_for_teaching_are_written(capsys, tmp_path):
    path = tmp_path / "mgu.svg"
    assert main(["draw", "--cell=mgu", "--timesteps=2", f"--path={path}", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["path"] == str(path)
    assert "recurrent_kernel" in path.read_text(encoding="utf-8")
    path = tmp_path / "cliff.png"
    assert main(["draw", "cliff", f"--path={path}"]) == 0
    assert "cliff" in capsys.readouterr().out and path.stat().st_size > 5000


@pytest.mark.costly
def test_changes_are_tried_and_printed(capsys, monkeypatch):
    changes = [{"cell": "lru"}, {"cell_args": {"activation": "tanh"}}]
    monkeypatch.setattr(advice, "changes_of", lambda *_: changes)
    small = ["--units=4", "--embedding=3", "--length=20"]
    assert main(["diagnose", "--cell=ind_rnn", *small, "--try", "--json"]) == 0
    trials = json.loads(capsys.readouterr().out)["trials"]
    assert {"cell": "lru"} in [trial["changes"] for trial in trials]
    assert set(trials[0]["readings"]["start"]) == {"loss", "baseline", "influence"}
    assert main(["diagnose", "--cell=ind_rnn", *small, "--try"]) == 0
    printed = capsys.readouterr().out
    assert (
        "ind_rnn as it is" in printed and "First advice that keeps the cell: --cell_args" in printed
    )


def test_reading_that_is_not_finite_is_null_in_json(capsys, monkeypatch):
    exploded = advice.Trial({}, 0.0, True, {"start": Reading(math.inf, 1.0, math.nan)})
    monkeypatch.setattr(advice, "advise", lambda *_, **__: [exploded])
    assert main(["diagnose", "--cell=gru", "--try", "--json"]) == 0
    (trial,) = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)["trials"]
    assert trial["readings"]["start"] == {"loss": None, "baseline": 1.0, "influence": None}


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--try", "--cell=gru,lstm"], "one configuration, not from 2"),
        (["--try", "--cell=gru", "--path=a.png"], "--path has no effect with --try"),
        (["--cell=gru", "--try_steps=50"], "--try_steps has no effect without --try"),
        (["--try", "--cell=gru", "--try_steps=many"], "try_steps must be a whole number"),
    ],
)
def test_flags_without_effect_are_refused_with_try(flags, message, capsys):
    assert main(["diagnose", *flags]) == 2
    assert message in capsys.readouterr().err
