"""`zoo train`: the stored result of a run, and the output of `--show_config`."""

import json

import pytest

from zoo.config import Config

pytestmark = [
    pytest.mark.usefixtures("eager"),
    pytest.mark.filterwarnings("ignore:Even though the `tf.config"),
]

RUN_FILES = (
    "config.json",
    "metrics.json",
    "history.csv",
    "model.keras",
    "vocabularies.json",
    "card.md",
    "plots",
)


def test_repeated_command_returns_the_stored_result(folder, train, json_of, run):
    run_dir = folder / "run"
    argv = (*train, "--cell=gru", "--nobidirectional", "--clipvalue=0.5", f"--run_dir={run_dir}")
    first = json_of(*argv)
    assert (first["run_dir"], first["split"]) == (str(run_dir), "test")
    score = first["metrics"]["accuracy"]
    assert set(score) == {"value", "unit", "higher_is_better", "baseline"}
    for name in RUN_FILES:
        assert (run_dir / name).exists(), name
    config = json.loads((run_dir / "config.json").read_text())
    assert (config["cell"], config["bidirectional"]) == ("gru", False)
    assert (config["clipvalue"], config["units"]) == (0.5, 4)
    model = (run_dir / "model.keras").stat().st_mtime_ns
    assert json_of(*argv) == first
    assert (run_dir / "model.keras").stat().st_mtime_ns == model
    assert "accuracy" in run(*argv)


def test_show_config_prints_values_and_origins(json_of, run, tmp_path):
    argv = ("train", "--show_config", "--units=64", "--cell=lstm", f"--run_dir={tmp_path / 'run'}")
    values = json_of(*argv)
    assert list(values) == list(Config().to_json())
    assert values["units"] == {"value": 64, "origin": "flag"}
    assert values["cell"] == {
        "value": "lstm",
        "origin": "flag",
    }  # set by a flag, though equal to the default
    assert values["dropout"]["origin"] == "task pos_tagging"
    assert values["layers"] == {"value": 1, "origin": "default"}
    rows = [line.split() for line in run(*argv).splitlines()]
    assert rows[0] == ["field", "value", "origin"]
    assert ["units", "64", "flag"] in rows and ["residual", "false", "default"] in rows
    assert not (tmp_path / "run").exists(), "nothing is trained"


def test_show_config_prints_the_dataset_with_its_difficulty(json_of):
    values = json_of("train", "--show_config", "--task=adding", "--difficulty=7")
    assert values["dataset"] == {"value": "zoo_adding/7", "origin": "flag"}
    values = json_of("train", "--show_config", "--task=classification", "--dataset=zoo_names")
    assert values["dataset"] == {"value": "zoo_names", "origin": "flag"}
    assert "dataset zoo_names" in {value["origin"] for value in values.values()}
