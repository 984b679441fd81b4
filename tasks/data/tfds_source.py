"""Read the examples of a TFDS dataset, after matching its features with a task's roles."""

import contextlib
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow_datasets as tfds
from absl import logging

from tasks.data import files, matching
from tasks.data.cleaning import clean, normalization
from tasks.data.corpus import Corpus
from tasks.data.file_contents import FileContents
from tasks.data.preparation import prepared_builder
from tasks.data.roles import Example, FieldNames, Role, Splits
from tasks.data.splits import SPLIT_ALIASES, complete_splits
from tasks.data.trained_files import TFDS
from zoo.errors import RequestError


def read_corpus(
    roles: Sequence[Role],
    dataset: str,
    data_dir: str | os.PathLike[str] | None = None,
    features: Mapping[str, str] | None = None,
) -> Corpus:
    """Return the corpus of a dataset, its texts in normalization form C; see `read_dataset`."""
    given, found = read_dataset(roles, dataset, data_dir, features)
    columns = {role: f"feature {name!r}" for role, name in found.items()}
    train = FileContents(given["train"], found, columns, TFDS)
    for examples in given.values():
        clean(examples, roles, train.counts)
    train.facts["normalization"] = normalization(train.counts)
    splits = complete_splits(dataset, given, roles)
    notes = train.remarks()
    notes += [files.held_out_note(list(given))] * (len(given) < len(SPLIT_ALIASES))
    summary = files.summarize(dataset, train, splits, roles, notes)
    return Corpus(dataset, splits, found, summary)


def read_dataset(
    roles: Sequence[Role],
    dataset: str,
    data_dir: str | os.PathLike[str] | None = None,
    features: Mapping[str, str] | None = None,
) -> tuple[Splits, FieldNames]:
    """Return the splits of a dataset, and the feature of each role.

    A test split without labels, as published for competitions, is left out.

    Args:
        roles: the parts of an example.
        dataset: the name of an embedded dataset, or of one of TFDS' own (a stock dataset).
        data_dir: the folder of prepared datasets; None for `TFDS_DATA_DIR` or TFDS' default.
        features: dict of role name to the name of a feature.

    Raises:
        RequestError: the dataset or the features do not exist or do not fit the roles.
        RunError: the download or the preparation failed.
    """
    with _quiet_logs():
        builder = prepared_builder(dataset, data_dir)
        fields = {
            name: _as_field(feature) for name, feature in _ordered_features(builder.info).items()
        }
        found = matching.match(roles, fields, features, f"the dataset {dataset!r}", "feature")
        splits = {}
        for split, aliases in SPLIT_ALIASES.items():
            if name := next((alias for alias in aliases if alias in builder.info.splits), None):
                splits[split] = _read_split(builder, name, roles, found)
    return _without_unlabelled(dataset, splits), found


@contextlib.contextmanager
def _quiet_logs() -> Iterator[None]:
    """Silence a warning of TFDS about its own use of a deprecated attribute of NumPy arrays."""
    before = logging.get_verbosity()
    logging.set_verbosity(min(before, logging.ERROR))
    try:
        yield
    finally:
        logging.set_verbosity(before)


def _ordered_features(info: tfds.core.DatasetInfo) -> dict[str, tfds.features.FeatureConnector]:
    """Return the features by name: inputs before targets, the others in alphabetical order.

    Inputs come first in the builder's supervised keys, or in the name of its configuration, such as
    `fr_to_en`.
    """
    features = dict(info.features.items()) if hasattr(info.features, "items") else {}
    first = [key for key in info.supervised_keys or () if isinstance(key, str)]
    first += re.split("[^A-Za-z]+", info.config_name or "")

    def rank(name: str) -> tuple[int, str]:
        return first.index(name) if name in first else len(first), name

    return {name: features[name] for name in sorted(features, key=rank)}


def _as_field(feature: tfds.features.FeatureConnector) -> matching.Field:
    """Return the kinds of role that a TFDS feature can fill."""
    type_name = type(feature).__name__
    if isinstance(feature, tfds.features.ClassLabel):
        return matching.Field(type_name, by_type=("label",))
    if isinstance(feature, tfds.features.Text):
        return matching.Field(type_name, by_type=("text",), by_name=("label",))
    if isinstance(feature, tfds.features.Sequence):
        item = feature.feature
        type_name = f"Sequence({type(item).__name__})"
        if isinstance(item, tfds.features.ClassLabel):
            return matching.Field(type_name, by_type=("tags",))
        if isinstance(item, tfds.features.Text):
            return matching.Field(type_name, by_type=("words",), by_name=("tags",))
    if isinstance(feature.shape, tuple) and not isinstance(feature.dtype, dict):
        type_name = f"{type_name} {feature.shape} of {np.dtype(feature.np_dtype).name}"
        if np.issubdtype(feature.np_dtype, np.floating):
            kinds = {0: ("number",), 2: ("vectors",)}.get(len(feature.shape), ())
            return matching.Field(type_name, by_type=kinds)
    return matching.Field(type_name)


def _read_split(
    builder: tfds.core.DatasetBuilder, split: str, roles: Sequence[Role], found: FieldNames
) -> list[Example]:
    """Return the examples of a split, in the order on disk."""
    features = builder.info.features
    converters = {role.name: _converter(role.kind, features[found[role.name]]) for role in roles}
    examples = [
        {role: convert(row[found[role]]) for role, convert in converters.items()}
        for row in _rows(builder, split, found.values())
    ]
    _check_lengths(examples, roles, found, f"the dataset {builder.info.name!r}, split {split!r}")
    return examples


def _rows(
    builder: tfds.core.DatasetBuilder, split: str, names: Iterable[str]
) -> Iterable[dict[str, Any]]:
    """Return the rows of a split, with NumPy values of the named features."""
    # TFDS cannot decode a part of a subclass of `FeaturesDict`, such as `Translation`.
    decode_partially = type(builder.info.features) is tfds.features.FeaturesDict
    rows = builder.as_dataset(
        split=split,
        decoders=(
            tfds.decode.PartialDecoding({name: True for name in names})
            if decode_partially
            else None
        ),
        read_config=tfds.ReadConfig(interleave_cycle_length=1),
    )
    return tfds.as_numpy(rows)


def _converter(kind: str, feature: tfds.features.FeatureConnector) -> Callable[[Any], Any]:
    """Return the function that maps NumPy values to those of a role; a missing label to None."""
    if kind in ("words", "tags"):
        convert = _converter("label", feature.feature)
        return lambda values: [convert(value) for value in values]
    if kind == "vectors":
        return lambda value: np.asarray(value, np.float32)
    if kind == "number":
        return float
    if isinstance(feature, tfds.features.ClassLabel):
        return lambda value: feature.int2str(int(value)) if value >= 0 else None
    return lambda value: value.decode("utf-8", errors="replace")


def _check_lengths(
    examples: Sequence[Example], roles: Sequence[Role], found: FieldNames, source: str
) -> None:
    """Raise RequestError unless every example has as many tags as words."""
    words = next((role.name for role in roles if role.kind == "words"), None)
    tags = [role.name for role in roles if role.kind == "tags"]
    if words is None:
        return
    for index, example in enumerate(examples):
        for name in tags:
            if len(example[words]) != len(example[name]):
                raise RequestError(
                    f"{source}, example {index}: {len(example[words])} words ({found[words]}) and "
                    f"{len(example[name])} tags ({found[name]}). Choose features of equal length, "
                    "or correct the data."
                )


def _without_unlabelled(dataset: str, splits: Splits) -> Splits:
    """Drop a test split that has no labels; raise RequestError for other missing labels."""
    if splits.get("test") and all(map(_is_unlabelled, splits["test"])):
        splits = {split: examples for split, examples in splits.items() if split != "test"}
    for split, examples in splits.items():
        unlabelled = (index for index, example in enumerate(examples) if _is_unlabelled(example))
        if (index := next(unlabelled, None)) is not None:
            raise RequestError(
                f"the dataset {dataset!r}, split {split!r}, example {index} has no label (-1). "
                "Choose another feature, or a dataset whose examples have labels."
            )
    return splits


def _is_unlabelled(example: Example) -> bool:
    return any(
        value is None or (isinstance(value, list) and None in value) for value in example.values()
    )
