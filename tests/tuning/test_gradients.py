"""The trials of a search have the gradient over time and the clipped steps as columns."""

import dataclasses
import gc
import itertools
import json
import weakref

import numpy as np
import pytest

import zoo
from zoo.config import Search
from zoo.diagnosis.probe import Probe
from zoo.evaluation.evaluator import Evaluator
from zoo.reports.report import gather
from zoo.tuning import gradients
from zoo.tuning.gradients import TrialGradients
from zoo.tuning.tuner import tune

pytestmark = [
    pytest.mark.usefixtures("eager"),
    pytest.mark.filterwarnings("ignore:Even though the `tf.config"),
]


@pytest.fixture
def config(few_examples):
    return dataclasses.replace(few_examples, cell="gru", units=3, epochs=2)


def inputs_of(vectors):
    return {"vectors": vectors, "mask": np.ones(vectors.shape[:2], "bool")}


def test_trials_have_the_figures_of_their_best_model(config, tmp_path, monkeypatch):
    space, batch_of, made = {"global_clipnorm": (1e-6, 1e6)}, gradients._probe_batch, []
    monkeypatch.setattr(gradients, "_probe_batch", lambda each: made.append(each) or batch_of(each))
    result = tune(config, tmp_path, space, Search(tuner="grid", max_trials=2))
    assert len(made) == 1  # both trials are measured on one batch
    assert [trial["clipped"] for trial in result["trials"]] == [1.0, 0.0]
    for trial in result["trials"]:
        stored = json.loads((tmp_path / "trials" / trial["id"] / "gradient.json").read_text())
        assert {name: trial[name] for name in ("growth", "effective_memory", "lags")} == {
            name: stored[name] for name in ("growth", "effective_memory", "lags")
        }
        assert trial["lags"] == 5 and trial["growth"] > 0 and 0 <= trial["effective_memory"] < 5
    stored = json.loads((tmp_path / "trials.json").read_text())
    assert stored == result["trials"] == gather(tmp_path).trials


def test_measurement_reads_the_best_epoch(config, tmp_path, problem, monkeypatch):
    errors = itertools.count()  # the first epoch is the best
    scores = lambda evaluator: ({"mean_squared_error": float(next(errors))}, 0.0)  # noqa: E731
    monkeypatch.setattr(Evaluator, "scores_and_loss", scores)
    (trial,) = tune(config, tmp_path, {}, Search(max_trials=1))["trials"]
    run = zoo.Run(tmp_path / "trials" / trial["id"])
    assert run.read_progress()["best"]["epoch"] == 1
    examples = problem("adding")[1].splits["train"][:40:5]
    vectors = np.stack([example["vectors"] for example in examples])
    (layer,) = zoo.diagnose(run.load_model(), inputs_of(vectors)).layers
    assert trial["growth"] == pytest.approx(layer.growth.value, rel=1e-3)
    assert trial["effective_memory"] == layer.effective_memory


def test_failed_measurement_is_reported_and_the_trial_has_its_score(
    config, tmp_path, capsys, monkeypatch
):
    def fail(probe, batch):
        raise ValueError("a cell of a plugin.")

    monkeypatch.setattr(Probe, "worst_layer", fail)
    (trial,) = tune(config, tmp_path, {}, Search(max_trials=1))["trials"]
    assert "was not measured: a cell of a plugin. The score" in capsys.readouterr().err
    assert trial["status"] == "completed" and trial["growth"] is None


@pytest.mark.costly
def test_continued_trial_counts_the_steps_of_both(config, tmp_path):
    config = dataclasses.replace(config, epochs=3, global_clipnorm=1e-6)
    result = tune(config, tmp_path, {"units": (2, 3)}, Search(tuner="hyperband", max_trials=2))
    counts = [
        zoo.Run(tmp_path / "trials" / trial["id"]).read_progress()["clipped_steps"]
        for trial in result["trials"]
    ]
    assert [count["counted"] for count in counts] == [2, 6]
    assert [count["clipped"] for count in counts] == [2, 6]


def test_search_of_an_older_version_has_no_columns(config, tmp_path):
    result = tune(config, tmp_path, {}, Search(max_trials=1))
    (trial,) = result["trials"]
    for name in ("growth", "effective_memory", "lags", "clipped"):
        del trial[name]
    (tmp_path / "leaderboard.json").write_text(json.dumps(result))
    (tmp_path / "trials" / trial["id"] / "gradient.json").unlink()
    assert tune(config, tmp_path, {}, Search(max_trials=1)) == result
    assert gather(tmp_path).trials == [trial]


def test_measurement_does_not_keep_a_network(config):
    gradients = TrialGradients()
    model = zoo.build(config, {"width": 2})
    gradients._probes[model] = Probe(model)
    gradients._probes[model].worst_layer((inputs_of(np.ones((8, 5, 2), "float32")),))
    reference = weakref.ref(model)
    del model
    gc.collect()
    assert reference() is None and not gradients._probes
