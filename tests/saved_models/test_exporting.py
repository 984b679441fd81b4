"""Exports need only TensorFlow and replace earlier exports atomically."""

import errno
import json

import keras
import numpy as np
import pytest
import tensorflow as tf
from saved_models.exports import call

import zoo
from zoo.errors import RequestError, RunError
from zoo.saved_models import exporting
from zoo.saved_models.exporting import serving_module

# Requests to each export.
REQUESTS = {
    "pos_tagging": {"text": ["ab cd Ef", "", "k", "  çay\tghi unseen  日本 ab k k "]},
    "classification": {"text": ["it is surely so", "", "NEVER!", "who knows 日本"]},
    "language_model": {"text": ["a cat", "", "ö"], "length": 20, "temperature": 0.7, "seed": 3},
    "translation": {"text": ["one two three", "", "four neverseen"]},
    "adding": {"vectors": [[[0.5, 1], [0.25, 0]], [[0.5, 1], [0.125, 1]]], "lengths": [1, 2]},
    "copy_memory": {"text": ["ab.?..", "", "c?.", "Z日c" + "." * 500 + "?..."]},
    "delayed_recall": {"text": ["Aabc", "", "Z日", "B" + "abc" * 500]},
}

# Without this project and Keras

ALONE = """
import importlib.abc, importlib.machinery, json, sys

class Blocked(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("zoo", "tasks", "registry", "keras"):
            # The spec has an origin because TensorFlow looks for the folder of Keras.
            return importlib.machinery.ModuleSpec(name, self, origin="nowhere")

    def create_module(self, spec):
        raise ModuleNotFoundError(f"{spec.name} is blocked")

sys.meta_path.insert(0, Blocked())
import tensorflow as tf

def run(folder, inputs):
    module = tf.saved_model.load(folder)
    specs = module.signatures["serve"].structured_input_signature[1]
    tensors = {name: tf.constant(value, specs[name].dtype) for name, value in inputs.items()}
    outputs = module.signatures["serve"](**tensors)
    default = module.signatures["serving_default"](**tensors)
    for name, value in outputs.items():
        assert isinstance(value, tf.Tensor) and bool(tf.reduce_all(value == default[name])), name
    return {name: value.numpy().tolist() for name, value in outputs.items()}

requests = json.loads(sys.argv[1])
answers = {task: run(folder, inputs) for task, (folder, inputs) in requests.items()}
assert not {"zoo", "tasks", "registry", "keras"} & set(sys.modules)
print(json.dumps(answers, default=bytes.decode))
"""


def test_export_needs_only_tensorflow(exported, loaded, fresh_process, tmp_path):
    requests = {task: (str(exported(task) / "1"), REQUESTS[task]) for task in REQUESTS}
    answers = json.loads(fresh_process(ALONE, json.dumps(requests), path=(), cwd=tmp_path))
    for task in REQUESTS:
        specs = tf.nest.flatten(loaded(task).structured_input_signature)
        inputs = {spec.name: tf.constant(REQUESTS[task][spec.name], spec.dtype) for spec in specs}
        expected = call(loaded(task), **inputs)
        assert set(answers[task]) == set(expected)
        for name, value in expected.items():
            if value.dtype == object:
                texts = json.loads(json.dumps(value.tolist(), default=bytes.decode))
                assert answers[task][name] == texts
            else:
                np.testing.assert_allclose(answers[task][name], value, atol=1e-6)


# The folder

OUTPUTS = {
    "pos_tagging": {"words", "tags", "scores", "lengths"},
    "classification": {"class", "score", "scores", "labels"},
    "language_model": {"continuation", "scores"},
    "adding": {"number"},
    "translation": {"translation", "score", "sentences", "longer_than_training"},
}
OUTPUTS |= {"copy_memory": OUTPUTS["pos_tagging"], "delayed_recall": OUTPUTS["classification"]}
# Further signatures: their outputs, and their inputs where those are not the task's.
MORE_OUTPUTS = {
    "pos_tagging": {"tag_words": OUTPUTS["pos_tagging"]},
    "copy_memory": {"tag_words": OUTPUTS["pos_tagging"]},
    "language_model": {
        "read": {"logits", "state_0"},
        "generate": {"ids", "logits", "scores", "state_0"},
        "detokenize": {"continuation"},
    },
    "translation": {
        "greedy": OUTPUTS["translation"],
        "attend": {
            "translation",
            "score",
            "copied",
            "source_tokens",
            "source_lengths",
            "target_tokens",
            "target_lengths",
            "attention",
        },
    },
}
INPUTS = {
    "pos_tagging": {"text"},
    "classification": {"text"},
    "adding": {"vectors", "lengths"},
    "copy_memory": {"text"},
    "delayed_recall": {"text"},
    "translation": {"text"},
    "language_model": {"text", "length", "temperature", "seed"},
}
MORE_INPUTS = {
    "tag_words": {"words", "lengths"},
    "read": {"text"},
    "generate": {
        *("start", "unknown", "logits", "state_0"),
        *("length", "temperature", "seed"),
    },
    "detokenize": {"ids"},
}


@pytest.mark.parametrize("task", REQUESTS)
def test_signatures_are_dense_and_named(task, exported, loaded_module):
    files = {path.name for path in (exported(task) / "1").iterdir() if path.suffix == ".pb"}
    assert files == {"fingerprint.pb", "saved_model.pb"}
    module = loaded_module(task)
    assert set(module.signatures) == {"serve", "serving_default", *MORE_OUTPUTS.get(task, {})}
    for name, function in module.signatures.items():
        outputs = MORE_OUTPUTS.get(task, {}).get(name, OUTPUTS[task])
        assert set(function.structured_outputs) == outputs
        specs = tf.nest.flatten(function.structured_outputs)
        assert all(isinstance(spec, tf.TensorSpec) for spec in specs)
        inputs = {spec.name for spec in tf.nest.flatten(function.structured_input_signature)}
        assert inputs == MORE_INPUTS.get(name, INPUTS[task])
        graph = function.graph.as_graph_def()
        operations = {node.op for node in graph.node}
        operations |= {node.op for each in graph.library.function for node in each.node_def}
        assert not any("PyFunc" in operation for operation in operations)


def test_export_is_replaced_as_a_whole(trained, tmp_path, monkeypatch):
    run, export = trained("adding"), tmp_path / "model"
    result = zoo.export(run, export)
    assert result["path"] == str(export / "1")
    assert set(result["signatures"]) == {"serve"}
    assert set(result["signatures"]["serve"]["inputs"]) == INPUTS["adding"]
    assert result["signatures"]["serve"]["outputs"] == ["number"]
    old = (export / "1").stat().st_ino

    def fail(module, folder, signatures):
        raise OSError(errno.ENOSPC, "no space left")

    with (
        monkeypatch.context() as patch,
        pytest.raises(RunError, match="cannot write .*no space left"),
    ):
        patch.setattr(exporting.tf.saved_model, "save", fail)
        zoo.export(run, export)
    assert (export / "1").stat().st_ino == old and (export / "1" / "saved_model.pb").exists()
    assert zoo.export(str(run.folder), export)["path"] == str(export / "1")
    assert (export / "1").stat().st_ino != old
    assert [path.name for path in export.iterdir()] == ["1"]


def test_folder_of_others_is_not_replaced(trained, tmp_path):
    (tmp_path / "1").mkdir()
    (tmp_path / "1" / "letter.txt").touch()
    assert zoo.export(trained("adding"), tmp_path)["path"] == str(tmp_path / "2")
    assert (tmp_path / "1" / "letter.txt").exists()
    assert zoo.predictor(tmp_path).predict(["[[0.5, 1], [0.25, 0]]"])


@pytest.mark.parametrize("convert", [str, lambda path: path], ids=["str", "Path"])
def test_folder_without_a_run_is_rejected(convert, tmp_path):
    with pytest.raises(RequestError, match="is not a run folder"):
        zoo.export(convert(tmp_path))


def test_serving_module_does_not_change_the_model_in_memory(trained):
    keras.backend.clear_session()
    run = trained("adding")
    inputs = {"vectors": np.ones((1, 2, 2), "float32"), "mask": np.ones((1, 2), bool)}
    model = run.load_model()
    before = model(inputs).numpy()
    serving_module(run).signatures()
    np.testing.assert_array_equal(model(inputs), before)
