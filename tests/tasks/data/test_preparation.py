"""Datasets by name: preparation, and errors for names, packages and the network."""

import importlib.metadata
import sys

import numpy as np
import pytest
import tensorflow_datasets as tfds

from tasks.data import network
from tasks.data.sources import Role, read
from zoo.errors import RunError

TEXT = (Role("text", "text", ("text",)),)
CLASSES = (*TEXT, Role("label", "label", ("label",)))
PAIRS = (Role("source", "text", ("source",)), Role("target", "text", ("target",)))
NUMBERS = (Role("vectors", "vectors"), Role("target", "number"))
WORDS = (Role("words", "words"), Role("tags", "tags"))


def test_embedded_dataset_is_prepared_without_output(tmp_path, capfd):
    corpus = read(PAIRS, "zoo_jupyter_fr", data_dir=tmp_path)
    printed = capfd.readouterr()
    assert printed.out == "" and "it/s" not in printed.err and "examples" not in printed.err
    assert tfds.core.utils.tqdm_utils._active  # The caller's setting is restored.
    assert corpus.name == "zoo_jupyter_fr"
    assert corpus.found == {"source": "en", "target": "fr"}
    assert (tmp_path / "zoo_jupyter_fr" / "1.0.0").is_dir()


def test_name_of_an_embedded_dataset_selects_the_configuration(tmp_path, small_splits):
    example = read(NUMBERS, "zoo_adding/5", data_dir=tmp_path).splits["test"][0]
    vectors, target = example["vectors"], example["target"]
    assert vectors.shape == (5, 2) and vectors.dtype == np.float32
    assert isinstance(target, float)
    assert target == pytest.approx((vectors[:, 0] * vectors[:, 1]).sum())


def test_tfds_data_dir_is_the_default_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path))
    read(TEXT, "zoo_pydoc")
    assert (tmp_path / "zoo_pydoc").is_dir()


@pytest.mark.parametrize(
    ("name", "package"),
    [
        ("zoo_turkish_treebank", "turkish-treebanks"),
        ("zoo_names", "Faker"),
        ("zoo_jupyter_fr", "jupyterlab-language-pack-fr-FR"),
    ],
)
def test_missing_package_of_an_embedded_dataset_is_named(
    name, package, tmp_path, monkeypatch, read_error
):
    def not_found(distribution):
        raise importlib.metadata.PackageNotFoundError(distribution)

    monkeypatch.setattr(importlib.metadata, "files", not_found)
    monkeypatch.setitem(sys.modules, "faker.providers.person.hr_HR", None)
    message = read_error(TEXT, name, data_dir=tmp_path)
    assert package in message and 'pip install "recurrent-zoo[corpora]"' in message


@pytest.mark.parametrize(
    ("roles", "name", "fragments"),
    [
        (NUMBERS, "zoo_adding/abc", ("zoo_adding/abc: 'abc'",)),
        (CLASSES, "zoo_names/abc", ("'zoo_names/abc'", "Try 'zoo_names'")),
        (CLASSES, "zoo_names:9.9.9", ("'zoo_names:9.9.9'",)),
        (WORDS, "universal_dependencies/en_line", ("'universal_dependencies/en_lines'",)),
        (TEXT, "foo bar", ("'foo bar' is not the name of a dataset",)),
        (TEXT, "zoo_nmaes", ("'zoo_nmaes'", "'zoo_names'", "zoo list datasets")),
        (TEXT, "tiny_shakspeare", ("'tiny_shakspeare'", "'tiny_shakespeare'")),
    ],
)
def test_unknown_name_configuration_or_version_is_rejected(
    roles, name, fragments, tmp_path, read_error
):
    message = read_error(roles, name, data_dir=tmp_path)
    assert all(message.count(fragment) == 1 for fragment in fragments), message
    assert "Failed" not in message


def test_unprepared_stock_dataset_without_network_is_rejected_without_download(
    tmp_path, monkeypatch, read_error
):
    checks, downloads = [], []
    monkeypatch.setattr(network, "online", lambda: bool(checks.append("check")))
    monkeypatch.setattr(
        tfds.core.DatasetBuilder, "download_and_prepare", lambda *_, **__: downloads.append("all")
    )
    message = read_error(TEXT, "imdb_reviews", data_dir=tmp_path)
    assert checks == ["check"] and downloads == []
    assert "'imdb_reviews'" in message and str(tmp_path) in message and "--data_dir" in message
    assert "python -c \"import tensorflow_datasets as tfds; tfds.load('imdb_reviews'" in message


def test_failed_download_is_a_run_error(tmp_path, monkeypatch, capfd, read_error):
    def fail(*args, **kwargs):
        print("Downloading")
        raise OSError("the server\ndid not answer")

    monkeypatch.setattr(network, "online", lambda: True)
    monkeypatch.setattr(tfds.core.DatasetBuilder, "download_and_prepare", fail)
    message = read_error(TEXT, "imdb_reviews", data_dir=tmp_path, error=RunError)
    assert "'imdb_reviews'" in message and "the server" in message
    assert capfd.readouterr().out == ""


def test_missing_package_of_a_stock_builder_is_named(tmp_path, monkeypatch, read_error):
    def fail(*args, **kwargs):
        raise ModuleNotFoundError("No module named 'conllu'")

    monkeypatch.setattr(tfds, "builder", fail)
    message = read_error(WORDS, "universal_dependencies/en_lines", data_dir=tmp_path)
    assert "pip install conllu" in message


def test_stock_dataset_prepared_in_another_version_is_read(store_dataset, offline):
    features = {
        "text": tfds.features.Text(),
        "label": tfds.features.ClassLabel(names=["no", "yes"]),
    }
    examples = [{"text": f"t{number}", "label": number % 2} for number in range(20)]
    data_dir = store_dataset("tiny_shakespeare", features, train=examples)
    (data_dir / "tiny_shakespeare" / "1.0.0").rename(data_dir / "tiny_shakespeare" / "0.5.0")
    assert len(read(CLASSES, "tiny_shakespeare", data_dir=data_dir).splits["train"]) == 16
