"""Difficulty: the number by which a configuration of a generated dataset is named, such as zoo_adding/600.

A dataset says by its fact `difficulty` that it has one, and which is usual.
"""

import dataclasses
import re

from tasks.datasets import datasets
from zoo.errors import RequestError


def explicit(config, task):
    """`config` with its dataset named in full, the difficulty in the name. Raises RequestError where there is none."""
    dataset = config.dataset or (None if config.data else task.dataset)
    if config.difficulty is None:
        usual = _usual(dataset)
        return dataclasses.replace(config, dataset=f"{dataset}/{usual}" if usual else dataset)
    asked = f"difficulty={config.difficulty}"
    named = at(asked, dataset, config.difficulty)
    if config.dataset not in (None, base_of(dataset)):
        raise RequestError(
            f"{asked} and dataset={dataset!r}, which says another thing by itself. Leave out one of them, "
            f"or write dataset={base_of(dataset)!r}."
        )
    return dataclasses.replace(config, dataset=named, difficulty=None)


def at(asked, dataset, difficulty):
    """The name of that difficulty of a dataset; RequestError, which quotes what was `asked`, if it has none."""
    base = base_of(dataset)
    if _usual(base) is None:
        having = ", ".join(
            record.name for record in datasets.records() if "difficulty" in record.facts
        )
        raise RequestError(
            f"{asked}: {f'the dataset {dataset!r}' if dataset else 'data of your own'} has no difficulty. "
            f"Leave it out, or name one of the generated datasets: {having}."
        )
    return f"{base}/{difficulty}"


def of(dataset):
    """The difficulty that a dataset's name says, or None."""
    found = re.fullmatch("([^/:]+)/([0-9]+)(:.*)?", dataset or "")
    return int(found[2]) if found and _usual(found[1]) else None


def base_of(dataset):
    """A dataset's name without its configuration and version."""
    return dataset and re.split("[/:]", dataset)[0]


def _usual(dataset):
    """The difficulty of a generated dataset whose bare name is given; None for all else."""
    if not dataset or dataset not in datasets:
        return None
    (record,) = datasets.records(dataset)
    return record.facts.get("difficulty")
