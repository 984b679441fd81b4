"""Scores of finished runs at several difficulties of their generated dataset."""

import dataclasses
import json

import matplotlib.image
import pytest

import zoo
from tasks.data import generated
from zoo.cli import main
from zoo.errors import RequestError
from zoo.evaluation.score_by_length import score_by_length
from zoo.models.resolve import resolve

TRAINED_AT = 6


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Cell name -> folder of its run on delayed recall, trained at a short delay."""
    folder = tmp_path_factory.mktemp("runs")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(generated, "SPLIT_SIZES", {"train": 1200, "validation": 60, "test": 60})
        for cell in ("gru", "simple_rnn"):
            config = zoo.Config(
                task="delayed_recall",
                difficulty=TRAINED_AT,
                cell=cell,
                units=24,
                epochs=5,
                learning_rate=1e-2,
                data_dir=str(folder / "tfds"),
            )
            zoo.train(config, folder / cell)
        yield {cell: folder / cell for cell in ("gru", "simple_rnn")}


def test_dataset_name_contains_the_training_difficulty(runs):
    config = json.loads((runs["gru"] / "config.json").read_text())
    assert config["dataset"] == f"zoo_delayed_recall/{TRAINED_AT}"


@pytest.mark.costly
def test_runs_are_scored_and_plotted_at_every_difficulty(runs, capsys, tmp_path):
    command = ["evaluate", *map(str, runs.values())]
    assert main([*command, "--difficulties=40,6,3", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["metric"], result["split"]) == ("accuracy", "test")
    assert result["difficulties"] == [3, 6, 40]
    assert result["baseline"] == [1 / 8] * 3
    assert [(run["cell"], run["trained_at"], run["run_dir"]) for run in result["runs"]] == [
        (cell, TRAINED_AT, str(folder)) for cell, folder in runs.items()
    ]
    for run, folder in zip(result["runs"], runs.values(), strict=True):
        accuracy = zoo.Run(folder).result["metrics"]["accuracy"]["value"]
        assert run["scores"][1] == pytest.approx(accuracy)
        assert run["scores"][2] < run["scores"][1]
    picture = runs["gru"] / "plots" / "score_by_length.png"
    assert result["picture"] == str(picture) and matplotlib.image.imread(picture).std() > 0.05
    assert main([*command, "--difficulties=6", f"--path={tmp_path / 'both.png'}"]) == 0
    out = capsys.readouterr().out
    assert "gru, trained at 6" in out and "0.1250" in out and str(tmp_path / "both.png") in out
    assert (tmp_path / "both.png").exists()


def test_runs_of_two_tasks_are_rejected(runs, tmp_path):
    other = tmp_path / "other"
    config = dataclasses.replace(zoo.Run(runs["gru"]).config, task="classification")
    other.mkdir()
    (other / "config.json").write_text(json.dumps(config.to_json()))
    for name in ("model.keras", "metrics.json"):
        (other / name).touch()
    message = "was trained for delayed_recall on zoo_delayed_recall and .* for classification"
    with pytest.raises(RequestError, match=message):
        score_by_length([runs["gru"], other], [3])


def test_run_without_difficulty_is_rejected(tmp_path):
    config = resolve(zoo.Config(task="pos_tagging", data=("a.tsv",)))
    (tmp_path / "config.json").write_text(json.dumps(config.to_json()))
    for name in ("model.keras", "metrics.json"):
        (tmp_path / name).touch()
    with pytest.raises(RequestError, match=r"^difficulties of .*: data of your own has no"):
        score_by_length([tmp_path], [3])
