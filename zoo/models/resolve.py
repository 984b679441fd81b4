"""Defaults of a configuration, and the checks that need the registries."""

from keras import ops

from registry import RegistryError
from tasks.arrangements import ENCODER_DECODER
from tasks.data import difficulty
from tasks.datasets import datasets
from tasks.heads import heads
from tasks.library import tasks
from zoo.cells import cells
from zoo.errors import RequestError
from zoo.layers.recurrent import Recurrent, make_cell
from zoo.models.builder import cell_arguments, regularization_arguments

GENERIC = {
    "layers": 1,
    "units": 128,
    "embedding": 64,
    "dropout": 0.0,
    "token_dropout": 0.0,
    "learning_rate": 2e-3,
    "batch_size": 32,
    "bptt": 64,
    "epochs": 10,
    "token": "word",
    "vocabulary_size": 20000,
    "characters": "none",
    "bidirectional": False,
}
TRANSLATING = {
    "attention": "dot_product",
    "beam": 5,
    "length_penalty": 0.6,
}  # usual for an encoder-decoder
CARRIED = {"sampled_softmax": 0}  # usual for a text without end


def resolve(config):
    """`config` with nothing left open: filled by what is usual, the task and the dataset, in rising order of weight.

    Raises RequestError for unknown names and for what the task cannot have.
    """
    task = tasks.get(config.task)
    config = difficulty.explicit(config, task)
    suggested = {}
    if config.dataset and config.dataset.partition("/")[0] in datasets:
        (record,) = datasets.records(config.dataset.partition("/")[0])
        suggested = record.facts.get("defaults") or {}
    _check_apart(config, task)
    own = (
        TRANSLATING
        if task.arrangement is ENCODER_DECODER
        else CARRIED
        if task.arrangement.stateful
        else {}
    )
    config = config.filled({**GENERIC, **own}, task.defaults, {"head": task.head}, suggested)
    _check(config, task)
    return config


def _check(config, task):
    if heads.get(config.head).sequences != task.arrangement.sequences:
        fitting = [
            name
            for name in heads.names()
            if heads.get(name).sequences == task.arrangement.sequences
        ]
        raise RequestError(
            f"head {config.head!r} does not fit task {config.task!r}, which wants a prediction for every "
            f"{'timestep' if task.arrangement.sequences else 'sequence'}. Fitting: {', '.join(fitting)}."
        )
    if config.token not in task.features.tokens:
        raise RequestError(
            f"token={config.token!r}: task {config.task!r} reads {', '.join(task.features.tokens)}. Leave "
            f"token out{_taking(config.token)}."
        )
    if task.arrangement.stateful and config.bidirectional:
        raise RequestError(
            f"bidirectional=true: a {config.task} would see the tokens it is to predict. "
            "Leave bidirectional out."
        )
    builder = cells.get(config.cell)
    try:
        make_cell(config.cell, config.units, config.cell_args).build((1, 1))
        cell = Recurrent(
            config.cell, 1, **regularization_arguments(config), **cell_arguments(config)
        ).cell
        cell.build((1, 1))
        cell.call(
            ops.zeros((1, 1)), cell.get_initial_state(1)
        )  # an activation is looked up in the step
    except (RequestError, RegistryError):
        raise
    except Exception as error:
        reason = str(error).strip().splitlines()[0].rstrip(".")
        raise RequestError(
            f"cell {config.cell!r} cannot be built with cell_args={config.cell_args}: {reason}. "
            f"Choices worth trying: {builder.search_space or 'none'}."
        ) from error


def _check_apart(config, task):
    """Fields that belong to one arrangement are not given with another."""
    for fields, fits, why, instead in (
        (
            TRANSLATING,
            task.arrangement is ENCODER_DECODER,
            "has no decoder that writes another sequence",
            "translation",
        ),
        (CARRIED, task.arrangement.stateful, "does not predict the next word", "language_model"),
    ):
        given = [name for name in fields if getattr(config, name) is not None]
        if given and not fits:
            raise RequestError(
                f"{given[0]}={getattr(config, given[0])}: a {config.task} {why}, so it has no {given[0]}. "
                f"Leave it out, or take --task={instead}."
            )


def _taking(token):
    taking = [name for name in tasks.names() if token in tasks.get(name).features.tokens]
    return f", or take one of the tasks {', '.join(taking)}" if taking else ""
