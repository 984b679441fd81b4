"""The record of a run's data: where it lies, and a checksum of each split."""

import dataclasses
import os
import pathlib
from collections.abc import Mapping, Sequence
from typing import Any

from tasks.data.sources import Corpus
from zoo.config import Config


def record(config: Config, corpus: Corpus) -> dict[str, Any]:
    """Return the record of the data of a run, as stored in run.json.

    Args:
        config: the resolved configuration of the run.
        corpus: its examples.
    """
    return {
        "name": corpus.name,
        "paths": [_absolute(path) for path in config.data],
        "data_dir": _absolute(config.data_dir) if config.data_dir else None,
        "splits": {
            split: {"examples": len(examples), "sha256": corpus.checksums[split]}
            for split, examples in corpus.splits.items()
        },
    }


def change(stored: Mapping[str, Any], corpus: Corpus, splits: Sequence[str] = ()) -> str | None:
    """Return the first difference between a record and the examples, None without one.

    Args:
        stored: the record of the run's data.
        corpus: the examples.
        splits: the splits to compare; default: all.
    """
    for split in splits or stored["splits"]:
        before, examples = stored["splits"].get(split), corpus.splits.get(split)
        if before is None or examples is None:
            continue
        if before["examples"] != len(examples):
            return (
                f"the split {split!r} has {len(examples):,} examples and had {before['examples']:,}"
            )
        if before["sha256"] != corpus.checksums[split]:
            return f"the split {split!r} has other examples, or another order"
    return None


def located(config: Config, stored: Mapping[str, Any] | None, here: bool = False) -> Config:
    """Return a configuration whose relative paths are those of the folder where the run began.

    Args:
        config: the configuration of the run.
        stored: the record of its data, None in a run of an older version.
        here: whether a path that exists in the current folder takes precedence.
    """
    if stored is None or len(stored["paths"]) != len(config.data):
        return config
    data = tuple(
        map(lambda given, path: _existing(given, path, here), config.data, stored["paths"])
    )
    data_dir = config.data_dir
    if data_dir and stored["data_dir"]:
        data_dir = _existing(data_dir, stored["data_dir"], here)
    return dataclasses.replace(config, data=data, data_dir=data_dir)


def same_paths(requested: Sequence[str], stored: Mapping[str, Any] | None) -> bool:
    """Return whether paths name the files of a record, however they are written."""
    return stored is not None and [_absolute(path) for path in requested] == stored["paths"]


def _existing(given: str, stored: str, here: bool) -> str:
    """Return the first of two paths that exists; without one, the preferred of them."""
    order = (given, stored) if here else (stored, given)
    return next((path for path in order if pathlib.Path(path).expanduser().exists()), order[0])


def _absolute(path: str) -> str:
    return os.path.abspath(os.path.expanduser(path))
