"""What the files of a run folder hold, checked: configuration, record of the run, features."""

import dataclasses
import hashlib
import json
import pathlib
from collections.abc import Mapping
from typing import Any

import zoo
from tasks.data.sources import Corpus
from zoo.config import Config, Search
from zoo.errors import RequestError
from zoo.models import assembly
from zoo.models.resolve import GENERIC_DEFAULTS, SEARCH_DEFAULTS, resolve
from zoo.runs import data_record, files, stored


def read(folder: pathlib.Path, name: str) -> Any:
    """Return the JSON value of a file with a declared shape (`zoo.runs.stored`)."""
    return files.read_json(files.inside(folder, name), stored.SHAPES[name])


def read_if_present(folder: pathlib.Path, name: str) -> Any:
    """Return the JSON value of a file, or None if it does not exist."""
    return read(folder, name) if files.inside(folder, name).exists() else None


def config(folder: pathlib.Path) -> Config:
    """Return the resolved configuration of a run; fields that its version lacked have defaults.

    Raises:
        RequestError: if the folder was written by a newer version.
        RunError: if config.json cannot be read.
    """
    _check_format(folder)
    path, value = folder / "config.json", read(folder, "config.json")
    try:
        result = Config.from_json(value)
    except (RequestError, TypeError, OverflowError) as error:
        raise files.unreadable(path, error) from None
    for name in (*GENERIC_DEFAULTS, "head"):
        if name in value and value[name] is None:
            raise files.unreadable(path, f"{name} is null")
    absent = [item.name for item in dataclasses.fields(Config) if item.name not in value]
    if not absent:
        return result
    resolved = resolve(result)
    return dataclasses.replace(result, **{name: getattr(resolved, name) for name in absent})


def search_of(value: Mapping[str, Any], path: pathlib.Path) -> tuple[Config, Search]:
    """Return the configuration and the settings in a search.json; absent fields have defaults.

    Args:
        value: the value of the file.
        path: its path, for error messages.

    Raises:
        RunError: if a value is invalid.
    """
    try:
        base = as_begun(Config.from_json(value["config"]), value["config"])
        return base, Search(**value["search"])
    except (RequestError, TypeError, OverflowError) as error:
        raise files.unreadable(path, error) from None


def as_begun(config: Config, value: Mapping[str, Any]) -> Config:
    """Return the base configuration of a search with the defaults of the version that began it.

    A version that lacked a field searched with the default that a run has. The search continues
    with it, so that all its trials are trained alike.

    Args:
        config: the base configuration.
        value: the base configuration in search.json.
    """
    lacked = [name for name in SEARCH_DEFAULTS if name not in value]
    defaults = {name: GENERIC_DEFAULTS[name] for name in lacked if getattr(config, name) is None}
    return dataclasses.replace(config, **defaults)


def entry(values: Mapping[str, Any], name: str, path: pathlib.Path) -> Any:
    """Return an entry of a value from a file; raise RunError with its path without the entry."""
    if name not in values:
        raise files.unreadable(path, f"{name} is missing")
    return values[name]


def record(folder: pathlib.Path) -> dict[str, Any]:
    """Return the value of run.json; a run of an older version has one without checksums."""
    nothing = {"format": 1, "version": "0.1", "vocabularies": None, "data": None}
    return read_if_present(folder, "run.json") or nothing


def write_record(
    folder: pathlib.Path, settings: Config, corpus: Corpus | None, vocabularies: Any = None
) -> None:
    """Write run.json: the format of the folder, and the checksums of what the run began with.

    Args:
        folder: the folder of a run or a search.
        settings: the resolved configuration.
        corpus: the examples; None: their checksums are not stored.
        vocabularies: the vocabularies; None: their checksum is not stored.
    """
    value = {
        "format": stored.FORMAT,
        "version": zoo.__version__,
        "vocabularies": vocabularies and _digest(vocabularies),
        "data": corpus and data_record.record(settings, corpus),
    }
    files.write_json(files.inside(folder, "run.json"), value)


def features(folder: pathlib.Path) -> Any:
    """Return the features of a run's task, with the vocabularies built in training.

    Raises:
        RunError: if vocabularies.json cannot be read, or is not the one of the run.
    """
    path, vocabularies = folder / "vocabularies.json", read(folder, "vocabularies.json")
    if record(folder)["vocabularies"] not in (None, _digest(vocabularies)):
        raise files.unreadable(path, "it is not the file that the run began with")
    for name, tokens in vocabularies.items():
        if isinstance(tokens, list) and len(set(tokens)) < len(tokens):
            raise files.unreadable(path, f"{name} has a token twice")
    try:
        return assembly.as_features(config(folder), vocabularies)
    except RequestError as error:
        raise files.unreadable(path, error) from None


def _check_format(folder: pathlib.Path) -> None:
    value = record(folder)
    if value["format"] > stored.FORMAT:
        raise RequestError(
            f"{folder} has the format {value['format']} of Recurrent Zoo {value['version']}; this "
            f"version, {zoo.__version__}, reads formats up to {stored.FORMAT}. Install the newer "
            "version."
        )


def _digest(vocabularies: Any) -> str:
    return hashlib.sha256(json.dumps(vocabularies, sort_keys=True).encode()).hexdigest()
