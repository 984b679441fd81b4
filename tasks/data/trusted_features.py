"""Only feature classes of TFDS itself are imported for a dataset that is read from its files."""

import contextlib
from collections.abc import Iterator
from typing import Any

import tensorflow_datasets as tfds

from zoo.errors import RunError

_TRUSTED = "tensorflow_datasets."


@contextlib.contextmanager
def trusted_features(dataset: str) -> Iterator[None]:
    """Reject a features.json that names a class outside of TFDS.

    TFDS imports the module of each class that the file names, which would run its code.

    Args:
        dataset: the name of the dataset, for the error message.

    Raises:
        RunError: in the block, if the file names another class.
    """
    connector: Any = tfds.features.FeatureConnector
    original = connector.__dict__["cls_from_name"]

    def class_of(cls: Any, python_class_name: str) -> Any:
        if not python_class_name.startswith(_TRUSTED):
            raise RunError(
                f"the features.json of the dataset {dataset!r} names the class "
                f"{python_class_name!r}, which is not one of TFDS and is not imported. "
                "Give the data as files: --data=..."
            )
        return original.__get__(None, cls)(python_class_name)

    connector.cls_from_name = classmethod(class_of)
    try:
        yield
    finally:
        connector.cls_from_name = original
