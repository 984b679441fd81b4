"""Opening, writing and reading of a run folder."""

import dataclasses
import types

import keras
import numpy as np
import pytest

import zoo
from zoo.errors import RequestError, RunError
from zoo.models.resolve import resolve
from zoo.runs.run import RUN_FILES, Run

CONFIG = resolve(zoo.Config(task="language_model", token="byte", units=4, epochs=3))
PROGRESS = {"epoch": 2, "seconds": 1.5, "history": [], "best": None}


def begun(folder):
    run = Run.open(folder, CONFIG)
    run.begin(CONFIG, types.SimpleNamespace(vocabularies={"tokens": ["a", "\udcff"]}))
    return run


def variables(*values):
    return [keras.Variable(np.array(value, "float32")) for value in values]


def test_opening_a_new_folder_writes_nothing(tmp_path):
    run = Run.open(tmp_path / "run", CONFIG)
    assert not run.folder.exists()
    assert run.result is None and run.history == [] and run.read_progress() is None


def test_run_of_the_same_configuration_is_reopened(tmp_path):
    begun(tmp_path / "run")
    assert Run.open(tmp_path / "run", CONFIG).config == CONFIG


def test_run_of_another_configuration_is_rejected_with_the_difference(tmp_path):
    begun(tmp_path / "run")
    with pytest.raises(RequestError, match=r"holds another configuration \(.*units.*resume it"):
        Run.open(tmp_path / "run", dataclasses.replace(CONFIG, units=5))


def test_folder_with_other_files_is_rejected(tmp_path):
    (tmp_path / "notes.txt").touch()
    with pytest.raises(RequestError, match="is not a run folder. Choose a new or an empty folder"):
        Run.open(tmp_path, CONFIG)


def test_features_have_the_vocabularies_of_the_first_training(tmp_path):
    run = begun(tmp_path)
    # A byte that is not valid UTF-8 is a surrogate escape in Python.
    assert run.features.vocabularies == {"tokens": ["a", "\udcff"]}
    run.begin(CONFIG, types.SimpleNamespace(vocabularies={"tokens": ["b"]}))
    assert run.features.vocabularies == {"tokens": ["a", "\udcff"]}


def test_unfinished_run_has_no_model(tmp_path):
    with pytest.raises(RequestError, match="is not a run folder: it has no config.json"):
        Run.finished(tmp_path)
    begun(tmp_path)
    with pytest.raises(RequestError, match="has no model yet. Resume it"):
        Run.finished(tmp_path)


def test_history_result_and_seconds_are_read_as_written(tmp_path):
    run = Run(tmp_path)
    assert run.read_seconds() == 0.0
    history = [
        {"epoch": 1, "learning_rate": 0.1, "loss": 2.0},
        {"epoch": 2, "learning_rate": 1e-7, "loss": 1.25},
    ]
    run.save_history(history)
    result = {"split": "test", "seconds": 2.0, "parameters": 3, "validation": None, "metrics": {}}
    run.save_result(result)
    run.save_seconds(3.5)
    assert Run(tmp_path).history == history
    assert isinstance(run.history[0]["epoch"], int)
    assert run.result == result
    assert run.read_seconds() == 3.5


def test_checkpoint_restores_variables_and_progress(tmp_path):
    run = begun(tmp_path)
    run.save_checkpoint(variables([1.0, 2.0], 3.0), PROGRESS)
    restored = variables([0.0, 0.0], 0.0)
    assert run.restore_checkpoint(restored) == PROGRESS == run.read_progress()
    np.testing.assert_array_equal(restored[0], [1.0, 2.0])
    np.testing.assert_array_equal(restored[1], 3.0)


@pytest.mark.parametrize("name", ["checkpoint.npz", "config.json"])
def test_damaged_file_is_a_run_error_that_names_it(name, tmp_path):
    run = begun(tmp_path)
    run.save_checkpoint(variables(1.0), PROGRESS)
    (tmp_path / name).write_bytes((tmp_path / name).read_bytes()[:20])
    with pytest.raises(RunError, match=f"cannot read .*{name}"):
        _ = run.read_progress() if name == "checkpoint.npz" else run.config


def test_run_resumes_from_the_checkpoint_of_another(tmp_path):
    source = begun(tmp_path / "source")
    source.save_history([{"epoch": 1, "learning_rate": 0.1, "loss": 2.0}])
    (source.folder / "model.keras").write_bytes(b"model")
    source.save_checkpoint(variables(1.0), PROGRESS)
    run = Run.open(tmp_path / "run", CONFIG)
    run.resume_from(source)
    assert run.read_progress() == PROGRESS and run.history == source.history
    assert {path.name for path in run.folder.iterdir()} == {*RUN_FILES, "checkpoint.npz"}
    run.save_checkpoint(variables(1.0), {**PROGRESS, "epoch": 3})
    run.resume_from(source)
    assert run.read_progress()["epoch"] == 3
