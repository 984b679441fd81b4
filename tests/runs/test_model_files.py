"""Loading of .keras files."""

import zipfile

import keras
import numpy as np
import pytest

import zoo
from zoo.errors import RequestError


@pytest.fixture(scope="module")
def model():
    inputs = keras.Input((None, 3))
    return keras.Model(inputs, zoo.Recurrent("ind_rnn", 4)(inputs))


def test_loaded_model_computes_the_same_outputs(model, tmp_path):
    model.save(tmp_path / "model.keras")
    x = np.random.default_rng(0).normal(size=(2, 5, 3)).astype("float32")
    for path in (tmp_path, tmp_path / "model.keras", str(tmp_path / "model.keras")):
        np.testing.assert_array_equal(zoo.load(path)(x), model(x))


@pytest.mark.parametrize("content", [None, b"", b"not a zip file"])
def test_missing_or_invalid_keras_file_is_rejected(content, tmp_path):
    path = tmp_path / "model.keras"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(RequestError, match="is not a .keras file"):
        zoo.load(path)


def test_file_that_names_an_unknown_class_is_rejected(model, tmp_path):
    model.save(tmp_path / "model.keras")
    with zipfile.ZipFile(tmp_path / "model.keras") as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    contents["config.json"] = contents["config.json"].replace(b"IndRNNCell", b"LostCell")
    with zipfile.ZipFile(tmp_path / "changed.keras", "w") as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    with pytest.raises(RequestError, match="cannot be loaded.*install the plugin"):
        zoo.load(tmp_path / "changed.keras")


def test_fresh_process_loads_the_layers_of_every_option(tmp_path, fresh_process):
    config = zoo.Config(
        task="classification",
        token="word",
        units=4,
        embedding=3,
        pooling="attention",
        normalization="rms",
    )
    path = tmp_path / "model.keras"
    zoo.build(config, {"tokens": ["a", "b"], "labels": ["no", "yes"]}).save(path)
    code = "import sys, zoo; print([layer.name for layer in zoo.load(sys.argv[1]).layers])"
    names = fresh_process(code, path)
    assert "pooling" in names and "normalization_0" in names
