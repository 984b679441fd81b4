"""Difficulty: the number that names a configuration of a generated dataset, as in `zoo_adding/600`.

The registered fact `difficulty` of a dataset is its default difficulty.
"""

import dataclasses
from typing import Any

from tasks.data.dataset_name import MAX_DIGITS, DatasetName
from tasks.datasets import datasets
from zoo.config import Config
from zoo.errors import RequestError


def resolve(config: Config, task: Any) -> Config:
    """Return `config` with the difficulty moved from its own field into the dataset's name.

    Args:
        config: a configuration. If its `difficulty` is None, a generated dataset that is named
            without a configuration gets its default difficulty.
        task: the `tasks.task.Task`, which has the default dataset.

    Raises:
        RequestError: a difficulty is given, but the dataset has none, or its name already has a
            configuration or version.
    """
    dataset = config.dataset or (None if config.data else task.dataset)
    if config.difficulty is None:
        default = _default_difficulty(dataset)
        return dataclasses.replace(config, dataset=f"{dataset}/{default}" if default else dataset)
    request = f"difficulty={config.difficulty}"
    name = dataset_name(request, dataset, config.difficulty)
    if config.dataset not in (None, base_name(dataset)):
        raise RequestError(
            f"{request} and dataset={dataset!r}: the name of the dataset already has a "
            "configuration or version. Leave out one of them, or write "
            f"dataset={base_name(dataset)!r}."
        )
    return dataclasses.replace(config, dataset=name, difficulty=None)


def dataset_name(request: str, dataset: str | None, difficulty: int | None) -> str:
    """Return the name of a generated dataset with this difficulty, such as "zoo_adding/600".

    Args:
        request: the beginning of an error message, such as "difficulty=200".
        dataset: the name of a generated dataset, with or without a configuration.
        difficulty: the difficulty; None to check only that the dataset has one and ignore the
            result.

    Raises:
        RequestError: the dataset has no difficulty.
    """
    base = base_name(dataset)
    if _default_difficulty(base) is None:
        subject = f"the dataset {dataset!r}" if dataset else "data of your own"
        generated = [record.name for record in datasets.records() if "difficulty" in record.facts]
        raise RequestError(
            f"{request}: {subject} has no difficulty. Leave it out, or name one of the generated "
            f"datasets: {', '.join(generated)}."
        )
    return f"{base}/{difficulty}"


def of(dataset: str | None) -> int | None:
    """Return the difficulty in the name of a generated dataset; None for other names."""
    name = DatasetName.parse(dataset or "")
    config = name.config or ""
    is_number = config.isascii() and config.isdigit() and len(config) <= MAX_DIGITS
    return int(config) if is_number and _default_difficulty(name.base) else None


def base_name(dataset: str | None) -> str | None:
    """Return a dataset's name without configuration and version."""
    return DatasetName.parse(dataset).base if dataset else dataset


def _default_difficulty(dataset: str | None) -> int | None:
    """Return the default difficulty of a dataset that is named without a configuration, or None."""
    if not dataset or dataset not in datasets:
        return None
    record, *_ = datasets.records(dataset)  # rejected plugins of the name follow its owner
    return record.facts.get("difficulty")
