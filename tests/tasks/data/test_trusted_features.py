"""A dataset's features.json cannot cause the import of a module."""

import json

import pytest
import tensorflow_datasets as tfds

from tasks.data.sources import Role, read
from tasks.data.trusted_features import trusted_features
from zoo.errors import RunError

TEXTS = (Role("text", "text", ("text",)), Role("label", "label", ("label",)))
FEATURES = {"text": tfds.features.Text(), "label": tfds.features.Text()}
ROWS = [{"text": "fine", "label": "good"}]


def test_class_outside_of_tfds_is_not_imported(store_dataset, offline, tmp_path, monkeypatch):
    (tmp_path / "evil_features.py").write_text("raise SystemExit('imported')")
    monkeypatch.syspath_prepend(tmp_path)
    data_dir = store_dataset("mine", FEATURES, train=ROWS, validation=ROWS, test=ROWS)
    assert read(TEXTS, "mine", data_dir=data_dir).splits["test"] == ROWS
    (path,) = data_dir.glob("mine/*/features.json")
    text = path.read_text().replace(
        "tensorflow_datasets.core.features.text_feature.Text", "evil_features.Text"
    )
    assert "evil_features" in text
    path.write_text(text)
    with pytest.raises(RunError, match=r"'mine' names the class 'evil_features.Text'"):
        read(TEXTS, "mine", data_dir=data_dir)


def test_tfds_is_unchanged_after_the_block():
    before = tfds.features.FeatureConnector.__dict__["cls_from_name"]
    with trusted_features("mine"):
        config = json.loads('{"name": "tensorflow_datasets.core.features.scalar.Scalar"}')
        assert tfds.features.FeatureConnector.cls_from_name(config["name"])
    assert tfds.features.FeatureConnector.__dict__["cls_from_name"] is before
