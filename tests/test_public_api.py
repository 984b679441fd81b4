"""What people type: names to objects, a configuration to a model, and cells at home in anyone's model."""

import fnmatch
import importlib
import sys

import keras
import numpy as np
import pytest
from conftest import PLACE

import zoo
from tasks.heads import heads
from tasks.library import tasks
from zoo.cells import cells
from zoo.errors import RequestError
from zoo.models.resolve import resolve


class Disk:
    """What is opened on disk, or looked for, while a function runs; an audit hook cannot be removed again."""

    def __init__(self):
        self.touched = None
        sys.addaudithook(self._note)

    def _note(self, event, arguments):
        if self.touched is not None and event in (
            "open",
            "os.mkdir",
            "os.listdir",
            "os.scandir",
            "socket.connect",
        ):
            self.touched.append(str(arguments[0]))

    def watch(self, function):
        """What the function gave, and what it touched apart from code: packages are listed for their names."""
        self.touched = []
        try:
            given, touched = function(), self.touched
        finally:
            self.touched = None
        code = (
            PLACE + "/zoo",
            PLACE + "/tasks",
            PLACE + "/registry",
            *(path for path in sys.path if "python" in path),
        )
        return given, [path for path in touched if not path.startswith((*code, "/proc"))]


@pytest.fixture(scope="module")
def disk():
    return Disk()


def test_build_with_a_vocabulary_touches_no_disk(disk, monkeypatch, tmp_path):
    assert disk.watch(lambda: (tmp_path / "file").write_text("x"))[1] == [str(tmp_path / "file")]
    monkeypatch.setattr(
        "tasks.data.sources.read", lambda *_, **__: pytest.fail("it read a dataset")
    )
    config = zoo.Config(task="language_model", cell="gru", units=256, global_clipnorm=1.0)
    zoo.build(config, vocabulary=["a", "b"])  # what is imported at first use is read from disk once
    model, touched = disk.watch(lambda: zoo.build(config, vocabulary=["a", "b", "c"]))
    assert touched == []
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


def test_vocabularies_can_be_given_by_name_and_lacking_ones_are_named():
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


def test_the_layer_is_at_home_in_anyones_model():
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


def test_a_cell_is_at_home_in_the_stock_layer():
    layer = keras.layers.RNN(cells.get("gru")(4))
    assert layer(np.ones((2, 3, 5), "float32")).shape == (2, 4)


def test_names_are_looked_up():
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


@pytest.mark.parametrize("name", sorted(zoo._PUBLIC))
def test_what_is_public_is_there_and_says_what_it_is(name):
    module = importlib.import_module(zoo._PUBLIC[name].partition(":")[0])
    for _ in range(2):  # a module of the same name would take its place once it is imported
        assert getattr(zoo, name) is getattr(module, name)
    assert callable(getattr(zoo, name)) and getattr(zoo, name).__doc__ and name in dir(zoo)


def test_what_is_not_public_is_an_attribute_error():
    with pytest.raises(AttributeError, match="'zoo' has no attribute 'compile'"):
        zoo.compile  # noqa: B018
