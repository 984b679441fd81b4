"""Fixtures for tests of the embedded datasets."""

import pytest
import tensorflow_datasets as tfds

from tasks.data import generated


@pytest.fixture(scope="session")
def load(tmp_path_factory):
    """Return a function: name -> (split -> list of examples as NumPy values, TFDS features)."""
    data_dir = tmp_path_factory.mktemp("tfds")

    def load_dataset(name):
        loaded, info = tfds.load(name, data_dir=data_dir, with_info=True)
        assert set(loaded) == {"train", "validation", "test"}
        return {split: list(tfds.as_numpy(loaded[split])) for split in loaded}, info.features

    return load_dataset


@pytest.fixture(scope="module")
def small_splits():
    """Reduce the generated splits, because writing all 12,000 examples takes seconds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(generated, "SPLIT_SIZES", {"train": 40, "validation": 20, "test": 20})
        yield
