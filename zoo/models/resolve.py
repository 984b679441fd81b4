"""Defaults of a configuration, their precedence, and the checks that need the registries.

Where defaults are decided, lowest precedence first:

1. the generic defaults and those of the task's arrangement, in this module;
2. the task's defaults (`Task.defaults` and `Task.head`, in `tasks.library`);
3. the dataset's defaults (the fact `defaults` of its registration, in `tasks.datasets`);
4. for the trials of a search, `SEARCH_DEFAULTS`;
5. the value that the configuration gives (a flag of the command line, an argument of `zoo.Config`).

A field that none of them sets has the default of `zoo.config.Config`. `resolve` fills in the
defaults, and `sources_of_values` returns the origin of each value.
"""

import dataclasses
import json
from collections.abc import Mapping
from typing import Any

from keras import ops

from registry import RegistryError
from tasks.arrangements import ENCODER_DECODER, Arrangement
from tasks.data import difficulty
from tasks.datasets import datasets
from tasks.heads import heads
from tasks.library import tasks
from tasks.task import Task
from zoo.cells import cells
from zoo.config import Config
from zoo.errors import RequestError, is_out_of_memory
from zoo.layers.arguments import make_cell
from zoo.layers.recurrent import Recurrent
from zoo.models.builder import cell_arguments, regularization_arguments

GENERIC_DEFAULTS: Mapping[str, Any] = {
    "layers": 1,
    "units": 128,
    "embedding": 64,
    "dropout": 0.0,
    "token_dropout": 0.0,
    "learning_rate": 2e-3,
    "batch_size": 32,
    "bptt": 64,
    "epochs": 10,
    "patience": 0,
    "token": "word",
    "vocabulary_size": 20000,
    "characters": "none",
    "bidirectional": False,
}
SEARCH_DEFAULTS: Mapping[str, Any] = {"patience": 5}
# Fields of one arrangement only; a value given with another arrangement is an error.
ENCODER_DECODER_DEFAULTS: Mapping[str, Any] = {
    "attention": "dot_product",
    "beam": 5,
    "length_penalty": 0.6,
}
STATEFUL_DEFAULTS: Mapping[str, Any] = {"sampled_softmax": 0}

# (cell class, its arguments as JSON) that passed `_check_cell`: building a cell takes tens of
# milliseconds, and a search resolves hundreds of configurations with few distinct cells.
_CHECKED_CELLS: set[tuple[type, str]] = set()


def resolve(config: Config, search: bool = False) -> Config:
    """Return `config` with every default filled in.

    Precedence, lowest to highest: generic defaults, task, dataset, search, values given in
    `config`.

    Args:
        config: a configuration; fields that are None take a default.
        search: whether the configuration is that of a trial of a search.

    Returns:
        The resolved configuration. `difficulty` is None in it: it has become part of `dataset`.

    Raises:
        RegistryError: for an unknown task, head, cell or initializer.
        RequestError: for values that the task, the head or the cell does not accept.
    """
    task = tasks.get(config.task)
    config = difficulty.resolve(config, task)
    _check_arrangement_fields(config, task)
    config = config.filled(*(values for _, values in _defaults(config, task, search)))
    _check(config, task)
    return config


def sources_of_values(config: Config, search: bool = False) -> dict[str, tuple[Any, str]]:
    """Return the value and the origin of each field of the resolved configuration.

    Args:
        config: a configuration that is not resolved yet.
        search: whether it is that of a trial of a search.

    Returns:
        Field name -> (value, origin) in the order of the fields. The origin is "given", "search",
        "dataset NAME", "task NAME" or "default", highest precedence first. A given value that
        equals the default of `zoo.config.Config` has the origin "default". A given difficulty is
        part of the value of `dataset`.

    Raises:
        RegistryError, RequestError: as `resolve`.
    """
    task, resolved = tasks.get(config.task), resolve(config, search)
    origins = {
        name: origin for origin, values in _defaults(resolved, task, search) for name in values
    } | _origin_of_dataset(config)
    sources = {}
    for field in dataclasses.fields(config):
        value, default = getattr(resolved, field.name), _field_default(field)
        if getattr(config, field.name) != default and value != default:
            origin = "given"
        else:
            origin = "default" if value == default else origins[field.name]
        sources[field.name] = (value, origin)
    return sources


def _defaults(config: Config, task: Task, search: bool) -> list[tuple[str, Mapping[str, Any]]]:
    """Return pairs (origin, values), lowest precedence first. `config.dataset` must be explicit."""
    by_origin: list[tuple[str, Mapping[str, Any]]] = [
        ("default", {**GENERIC_DEFAULTS, **_arrangement_defaults(task.arrangement)}),
        (f"task {config.task}", {**task.defaults, "head": task.head}),
    ]
    dataset = (config.dataset or "").partition("/")[0]
    if dataset in datasets:
        record, *_ = datasets.records(dataset)  # rejected plugins of the name follow its owner
        by_origin.append((f"dataset {dataset}", record.facts.get("defaults") or {}))
    return [*by_origin, ("search", SEARCH_DEFAULTS)] if search else by_origin


def _arrangement_defaults(arrangement: Arrangement) -> Mapping[str, Any]:
    if arrangement is ENCODER_DECODER:
        return ENCODER_DECODER_DEFAULTS
    return STATEFUL_DEFAULTS if arrangement.stateful else {}


def _origin_of_dataset(config: Config) -> dict[str, str]:
    """Return the origin of `dataset`, whose full name holds the difficulty."""
    if config.difficulty is not None:
        return {"dataset": "given"}
    return {"dataset": f"task {config.task}"}


def _field_default(field: dataclasses.Field) -> Any:
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return field.default


def _check(config: Config, task: Task) -> None:
    _check_head(config, task)
    if config.token not in task.features.tokens:
        raise RequestError(
            f"token={config.token!r}: task {config.task!r} reads "
            f"{', '.join(task.features.tokens)}. Leave token out{_tasks_that_read(config.token)}."
        )
    if task.arrangement.stateful and config.bidirectional:
        raise RequestError(
            f"bidirectional=true: a bidirectional {config.task} would read the tokens that it "
            "predicts. Leave bidirectional out."
        )
    _check_cell(config)


def _check_head(config: Config, task: Task) -> None:
    assert config.head is not None
    if _head_fits(config.head, task):
        return
    fitting = [
        record.name
        for record in heads.records()
        if not record.broken and _head_fits(record.name, task)
    ]
    raise RequestError(
        f"head {config.head!r} does not fit task {config.task!r}, which needs a prediction for "
        f"every {'timestep' if task.arrangement.sequences else 'sequence'} (arrangement "
        f"{task.arrangement.name!r}) of {task.decoding}. Heads that fit: {', '.join(fitting)}."
    )


def _head_fits(name: str, task: Task) -> bool:
    """Return whether the head's `sequences` and its facts, if it declares them, fit the task."""
    entry, arrangement = heads.entry(name), task.arrangement
    arrangements = entry.facts.get("arrangements") or (arrangement.name,)
    decodings = entry.facts.get("decodings") or (task.decoding,)
    return (
        entry.object.sequences == arrangement.sequences
        and arrangement.name in arrangements
        and task.decoding in decodings
    )


def _check_cell(config: Config) -> None:
    """Build the cell and run one step, which looks up initializers and activations."""
    assert config.units is not None
    cell_class = cells.get(config.cell)
    arguments = {**regularization_arguments(config), **cell_arguments(config)}
    try:
        key = cell_class, json.dumps([config.units, config.cell_args, arguments], sort_keys=True)
    except TypeError:  # a value that JSON cannot express
        key = None
    if key in _CHECKED_CELLS:
        return
    try:
        make_cell(config.cell, config.units, config.cell_args)  # checks the names of `cell_args`
        cell = Recurrent(config.cell, config.units, **arguments).cell
        cell.build((1, 1))
        cell.call(ops.zeros((1, 1)), cell.get_initial_state(1))
    except (RequestError, RegistryError):
        raise
    except Exception as error:
        if is_out_of_memory(error):
            raise
        reason = str(error).strip().splitlines()[0].rstrip(".")
        raise RequestError(
            f"cell {config.cell!r} cannot be built with cell_args={config.cell_args}: {reason}. "
            f"Its search space is {cell_class.search_space or 'empty'}."
        ) from error
    if key is not None:
        _CHECKED_CELLS.add(key)


def _check_arrangement_fields(config: Config, task: Task) -> None:
    """Reject fields that do not belong to the task's arrangement."""
    for fields, fits, why, instead in (
        (
            ENCODER_DECODER_DEFAULTS,
            task.arrangement is ENCODER_DECODER,
            "has no decoder",
            "translation",
        ),
        (
            STATEFUL_DEFAULTS,
            task.arrangement.stateful,
            "does not predict the next token",
            "language_model",
        ),
    ):
        given = [name for name in fields if getattr(config, name) is not None]
        if given and not fits:
            raise RequestError(
                f"{given[0]}={getattr(config, given[0])}: a {config.task} {why}. "
                f"Leave {given[0]} out, or choose --task={instead}."
            )
    if config.pooling != "last" and task.arrangement.sequences:
        raise RequestError(
            f"pooling={config.pooling}: a {config.task} does not predict one value for a sequence. "
            "Leave pooling out, or choose --task=classification."
        )


def _tasks_that_read(token: str | None) -> str:
    names = [name for name in tasks.names() if token in tasks.get(name).features.tokens]
    return f", or choose one of the tasks {', '.join(names)}" if names else ""
