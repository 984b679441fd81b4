"""Installed plugins: a distribution with a cell, a head and a task, and a broken distribution."""

import contextlib
import importlib
import json
import sys

import numpy as np
import pytest
from conftest import PROJECT_FOLDER

import zoo
from registry import BrokenEntry, UnknownName
from tasks.data.sources import Corpus
from tasks.heads import heads
from tasks.library import tasks
from zoo.cells import cells
from zoo.conformance.subject import Subject
from zoo.conformance.suite import judge
from zoo.saved_models.exporting import export
from zoo.saved_models.predictor import predictor

REGISTRIES = (cells, heads, tasks)
QUICK = (
    "interface",
    "docstring",
    "gates",
    "search_space",
    "file_name",
    "exceptions",
    "reference",
    "gradients",
    "everything_matters",
    "causality",
    "rows",
    "padding",
    "chunks",
    "loops",
    "config",
)


@pytest.fixture(scope="module")
def plugins(installed_plugins):
    """Put both distributions on the import path; restore the registries afterwards."""
    modules = set(sys.modules)
    with contextlib.ExitStack() as stack:
        for registry in REGISTRIES:
            stack.enter_context(registry.temporary())
        sys.path.insert(0, str(installed_plugins))
        for registry in REGISTRIES:
            registry.refresh()
        yield installed_plugins
        sys.path.remove(str(installed_plugins))
        for registry in REGISTRIES:
            registry.refresh()
    for name in set(sys.modules) - modules:
        if name.startswith("zoo_plugin"):
            del sys.modules[name]
    importlib.invalidate_caches()
    assert "leaky_rnn" not in cells and "shout_tagging" not in tasks


def test_plugins_are_listed_with_origin_and_facts(plugins):
    (record,) = cells.records("leaky_rnn")
    assert (record.origin, record.year, record.tags, record.broken) == (
        "zoo-plugin-example",
        2007,
        ("simple",),
        None,
    )
    assert record.file == str(plugins / "zoo_plugin_example" / "leaky_rnn.py")
    assert [
        registry.records(name)[0].origin
        for registry, name in ((heads, "cosine_logits"), (tasks, "shout_tagging"))
    ] == ["zoo-plugin-example"] * 2
    assert {each.origin for each in cells.records() if each.name in ("gru", "lstm")} == {"built-in"}
    assert "leaky_rnn" in cells.names("*_rnn", tags="simple")


def test_broken_plugin_is_listed_with_its_reason_and_others_work(plugins):
    (record,) = cells.records("broken_rnn")
    assert record.origin == "zoo-plugin-broken" and "package_that_does_not_exist" in record.broken
    with pytest.raises(
        BrokenEntry, match="broken_rnn.*zoo-plugin-broken.*package_that_does_not_exist"
    ):
        cells.get("broken_rnn")
    assert {"gru", "leaky_rnn", "lstm"} <= set(cells.names())
    assert cells.get("gru") and cells.get("leaky_rnn")
    with pytest.raises(UnknownName, match="leaky_rnn"):
        cells.get("leaky-rnn")


@pytest.mark.parametrize("name", QUICK)
def test_cell_of_plugin_passes_conformance_property(name, plugins):
    result = judge(Subject("leaky_rnn"), name)
    assert result.passed, result.reason


@pytest.fixture(scope="module")
def run(plugins, tmp_path_factory):
    """A run of the plugin's task with the plugin's cell and head, on the task's sample."""
    sample = list(tasks.get("shout_tagging").sample)
    corpus = Corpus("sample", {split: sample for split in ("train", "validation", "test")}, {})
    config = zoo.Config(task="shout_tagging", cell="leaky_rnn", cell_args={"leak": 0.25})
    folder = tmp_path_factory.mktemp("plugin") / "run"
    zoo.train(config, folder, corpus)
    return zoo.Run(folder)


def test_task_of_plugin_trains_with_its_cell_and_head(run):
    assert (run.config.head, run.config.cell, run.config.units) == ("cosine_logits", "leaky_rnn", 8)
    assert len(run.history) == 2 and 0 <= run.result["metrics"]["accuracy"]["value"] <= 1
    kernel = run.load_model().get_layer("head").kernel.numpy()
    np.testing.assert_allclose(np.linalg.norm(kernel, axis=0), 1, atol=1e-5)
    assert run.load_model().get_layer("recurrent_0").cell.leak == 0.25


FRESH = """
import sys, json
import numpy as np
import keras
from zoo.cells import cells

# Keras loads a model once its cell is imported; zoo.load also imports the cell of a plugin.
name, built_in, plugin = sys.argv[1:4]
cells.get(name)
keras.saving.load_model(built_in)
assert not any(module.startswith("zoo_plugin") for module in sys.modules)
import zoo
model = zoo.load(plugin)
inputs = {key: np.array(value, "int32") for key, value in json.loads(sys.argv[4]).items()}
print(json.dumps(np.asarray(model(inputs)).tolist()))
"""


def test_fresh_process_loads_model_of_plugin_cell(run, plugins, tmp_path, fresh_process):
    inputs = {"words": [[1, 2]], "characters": [[[2, 3, 0], [4, 1, 5]]]}
    built_in = zoo.build(zoo.Config(task="adding", cell="gru", units=2), {"width": 2})
    zoo.Run(tmp_path).save_model(built_in)
    output = fresh_process(
        FRESH,
        "gru",
        tmp_path / "model.keras",
        run.folder,
        json.dumps(inputs),
        path=(plugins, PROJECT_FOLDER),
    )
    expected = run.load_model()(
        {name: np.array(ids, "int32") for name, ids in inputs.items()}
    ).numpy()
    np.testing.assert_allclose(json.loads(output), expected, atol=1e-6)


def test_model_of_plugin_cell_is_exported(run, tmp_path):
    exported = export(run, tmp_path / "export")
    (answer,) = predictor(exported["path"]).predict(["STOP it"])
    assert set(answer["output"]) <= {"loud", "quiet"} and len(answer["output"]) == 2
