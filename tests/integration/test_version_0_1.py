"""Models and runs of version 0.1.0 still load and resume.

Version 0.1.0 wrote `tests/data/version_0_1_0`: a `.keras` file with the outputs of its model, and
a run that was interrupted after the first of three epochs, with the history and the metrics of the
same run without interruption.
"""

import json
import pathlib
import shutil

import keras
import numpy as np
import pytest

import zoo

STORED = pathlib.Path(__file__).parents[1] / "data" / "version_0_1_0"


def test_keras_file_gives_the_same_outputs():
    stored = np.load(STORED / "outputs.npz")
    model = zoo.load(STORED / "model.keras")
    np.testing.assert_allclose(model(stored["x"]), stored["outputs"], atol=1e-6)


def test_old_argument_names_are_converted():
    model = zoo.load(STORED / "model.keras")
    layer = next(layer for layer in model.layers if isinstance(layer, zoo.Recurrent))
    assert layer.checkpoint_every == 4 and layer.unroll_factor == 2
    assert (
        keras.layers.serialize(layer)["config"].keys().isdisjoint({"segment", "timesteps_a_turn"})
    )


@pytest.mark.costly
def test_interrupted_run_resumes_with_the_same_results(tmp_path, monkeypatch):
    shutil.copytree(STORED, tmp_path / "place")
    monkeypatch.chdir(tmp_path / "place")
    expected = json.loads(pathlib.Path("expected.json").read_text())
    config = zoo.Run("run").config
    result = zoo.train(config, "run")
    history = zoo.Run("run").history
    assert [record["epoch"] for record in history] == [1, 2, 3]
    for record, other in zip(history, expected["history"], strict=True):
        old_columns = {name: record[name] for name in other}
        # Version 0.1 squared the gradients of an embedding one by one.
        assert old_columns == pytest.approx(other, rel=5e-3)
    # The first epoch, trained by version 0.1.0, lacks the columns that were added since.
    added = [record.keys() - other.keys() for record in history]
    assert added == [set(), *[{"validation_loss", "epochs_since_best"}] * 2]
    assert result["metrics"]["accuracy"]["value"] == expected["metrics"]["accuracy"]["value"]
