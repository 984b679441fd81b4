"""Fixtures for tests that read examples: datasets in a temporary folder, files, error messages."""

import pytest
import tensorflow as tf
import tensorflow_datasets as tfds

from tasks.data import generated, network
from tasks.data.sources import read
from zoo.errors import RequestError


@pytest.fixture
def offline(monkeypatch):
    monkeypatch.setattr(network, "online", lambda: False)


@pytest.fixture(scope="module")
def small_splits():
    """Reduce the generated splits, because writing all 12,000 examples takes seconds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(generated, "SPLIT_SIZES", {"train": 1200, "validation": 60, "test": 60})
        yield


@pytest.fixture
def store_dataset(tmp_path):
    """Return a function that writes a prepared TFDS dataset and returns its data_dir."""

    def store(name, features, **splits):
        features = tfds.features.FeaturesDict(features)
        tfds.dataset_builders.store_as_tfds_dataset(
            name=name,
            version="1.0.0",
            data_dir=tmp_path,
            features=features,
            split_datasets={
                split: tf.data.Dataset.from_generator(
                    lambda examples=examples: examples, output_signature=features.get_tensor_spec()
                )
                for split, examples in splits.items()
            },
            disable_shuffling=True,
        )
        return tmp_path

    return store


@pytest.fixture
def write_file(tmp_path):
    """Return a function that writes a file and returns its path."""

    def write(name, content):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


@pytest.fixture
def read_error():
    """Return a function that returns the one-line message of the error raised by `read`."""

    def message_of(*args, error=RequestError, **kwargs):
        with pytest.raises(error) as caught:
            read(*args, **kwargs)
        message = str(caught.value)
        assert "\n" not in message
        return message

    return message_of
