"""The public API: lookups by name, building from a configuration, cells in Keras models."""

import ast
import fnmatch
import pathlib
import sys

import keras
import numpy as np
import pytest
from conftest import PROJECT_FOLDER

import tasks as tasks_package
import tasks.datasets
import zoo
from tasks.heads import heads
from tasks.library import tasks
from zoo.cells import cells
from zoo.errors import RequestError
from zoo.models.resolve import resolve


class Disk:
    """Records the paths that a function opens or lists, by an audit hook that stays installed."""

    def __init__(self):
        self.accessed = None
        sys.addaudithook(self._record)

    def _record(self, event, arguments):
        events = ("open", "os.mkdir", "os.listdir", "os.scandir", "socket.connect")
        if self.accessed is not None and event in events:
            self.accessed.append(str(arguments[0]))

    def watch(self, function):
        """Return the result of `function` and the paths that it accessed, except Python code."""
        self.accessed = []
        try:
            result, accessed = function(), self.accessed
        finally:
            self.accessed = None
        packages = [f"{PROJECT_FOLDER}/{name}" for name in ("zoo", "tasks", "registry")]
        code = (*packages, *(path for path in sys.path if "python" in path), "/proc")
        return result, [path for path in accessed if not path.startswith(code)]


@pytest.fixture(scope="module")
def disk():
    return Disk()


def test_build_with_a_vocabulary_accesses_no_files(disk, monkeypatch, tmp_path):
    assert disk.watch(lambda: (tmp_path / "file").write_text("x"))[1] == [str(tmp_path / "file")]
    monkeypatch.setattr(
        "tasks.data.sources.read", lambda *_, **__: pytest.fail("a dataset was read")
    )
    config = zoo.Config(task="language_model", cell="gru", units=256, global_clipnorm=1.0)
    zoo.build(config, vocabulary=["a", "b"])  # reads the modules imported at first use
    model, accessed = disk.watch(lambda: zoo.build(config, vocabulary=["a", "b", "c"]))
    assert accessed == []
    assert isinstance(model, keras.Model)
    assert model.optimizer.global_clipnorm == 1.0 and model.optimizer.clipnorm is None
    assert model({"tokens": np.array([[2, 3, 4, 1]], "int32")}).shape == (1, 4, 5)
    assert model.get_layer("recurrent_0").cell.units == 256
    assert type(model.get_layer("recurrent_0").cell) is cells.get("gru")


@pytest.mark.parametrize("name", tasks.names())
def test_every_task_builds_from_its_sample(name):
    task = tasks.get(name)
    config = resolve(zoo.Config(task=name, cell="mgu", units=4, embedding=4))
    features = task.features.fit(config, task.sample)
    model = zoo.build(config, vocabulary=features)
    inputs, targets, *_ = next(
        iter(task.arrangement.batches(features, task.sample, config, False).epoch(0))
    )
    predictions = model(inputs, training=False)
    assert predictions.shape[:-1] == (
        targets.shape if task.arrangement.sequences else targets.shape[:1]
    )
    assert predictions.shape[-1] == features.outputs and np.isfinite(predictions).all()
    again = zoo.build(config, vocabulary=features.vocabularies)
    np.testing.assert_array_equal(again(inputs, training=False), predictions)


def test_vocabularies_are_accepted_by_name_and_missing_ones_are_reported():
    config = zoo.Config(task="pos_tagging", characters="none", units=2, embedding=2)
    assert zoo.build(config, vocabulary={"words": ["a"], "tags": ["X", "Y"]}).output_shape == (
        None,
        None,
        2,
    )
    with pytest.raises(RequestError, match="vocabulary lacks tags"):
        zoo.build(config, vocabulary={"words": ["a"]})
    with pytest.raises(RequestError, match="words, characters, tags.*dict"):
        zoo.build(config, vocabulary=["a"])


def test_recurrent_layer_trains_in_a_keras_model():
    model = keras.Sequential(
        [
            keras.Input((None, 3)),
            keras.layers.Masking(),
            zoo.Recurrent("mgu", 8, return_sequences=True),
            keras.layers.GRU(6),
            keras.layers.Dense(1),
        ]
    )
    model.compile("adam", "mse")
    random = np.random.default_rng(0)
    x, y = (
        random.normal(size=(64, 5, 3)).astype("float32"),
        random.normal(size=(64, 1)).astype("float32"),
    )
    losses = model.fit(x, y, epochs=12, verbose=0).history["loss"]
    assert losses[-1] < 0.95 * losses[0]
    again = keras.Sequential.from_config(model.get_config())
    again.set_weights(model.get_weights())
    np.testing.assert_allclose(again.predict(x, verbose=0), model.predict(x, verbose=0), atol=1e-6)


def test_cell_runs_in_keras_rnn():
    layer = keras.layers.RNN(cells.get("gru")(4))
    assert layer(np.ones((2, 3, 5), "float32")).shape == (2, 4)


def test_registries_return_objects_by_name():
    assert cells.names("*lstm*") == fnmatch.filter(cells.names(), "*lstm*")
    assert {"lstm", "peephole_lstm"} <= set(cells.names("*lstm*")) and "gru" not in cells.names(
        "*lstm*"
    )
    assert "2016" in cells.entry("mgu").paper and cells.entry("mgu").year == 2016
    assert issubclass(cells.get("mgu"), zoo.RecurrentCell)
    head = heads.get("token_logits")
    assert head.layer(3)(np.ones((2, 4, 5), "float32")).shape == (2, 4, 3)
    for name in heads.names():
        assert set(heads.entry(name).arrangements) <= {
            "aligned",
            "next_step",
            "many_to_one",
            "encoder_decoder",
        }


def test_package_functions_match_the_registries():
    assert zoo.cells.get("mgu") is cells.get("mgu")
    assert zoo.cells.names("*lstm*") == cells.names("*lstm*")
    assert tasks_package.heads.get("token_logits") is heads.get("token_logits")
    assert tasks_package.library.names() == tasks.names()
    assert tasks_package.datasets.entry("zoo_adding").name == "zoo_adding"


@pytest.mark.parametrize("name", zoo.__all__)
def test_public_name_is_importable_and_documented(name):
    for _ in range(2):  # importing a module of the same name must not replace the function
        value = getattr(zoo, name)
    assert value.__doc__ and name in dir(zoo)
    assert callable(value) or name in ("callbacks", "cells")


def test_type_checkers_see_every_public_name():
    tree = ast.parse(pathlib.Path(zoo.__file__).read_text(encoding="utf-8"))
    (block,) = [node for node in tree.body if isinstance(node, ast.If)]
    imported = {alias.name for node in block.body for alias in node.names}
    assert imported == set(zoo.__all__)


def test_unknown_attribute_is_an_attribute_error():
    with pytest.raises(AttributeError, match="'zoo' has no attribute 'compile'"):
        zoo.compile  # noqa: B018


def test_cells_do_not_need_the_backend_of_the_layers(monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    assert issubclass(zoo.cells.get("lstm"), zoo.RecurrentCell)
    with pytest.raises(zoo.RequestError, match="KERAS_BACKEND=jax"):
        zoo.train  # noqa: B018
