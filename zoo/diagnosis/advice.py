"""Advice for a network that does not learn: changes of its configuration that were tried."""

import dataclasses
import json
from collections.abc import Iterator, Sequence
from typing import Any

import keras

from tasks.data import difficulty
from zoo.cells import cells
from zoo.config import Config
from zoo.diagnosis import subjects
from zoo.diagnosis.forecast import Setting, probability
from zoo.diagnosis.readings import STEPS, Reader, Reading, readings
from zoo.errors import RequestError
from zoo.models.resolve import resolve

# Cells of all kinds: gated, orthogonal, oscillating, linear.
CELLS = ("lstm", "gru", "exprnn", "cornn", "antisymmetric_rnn", "lru")
_KERNELS = ("orthogonal", "glorot_uniform", "identity")
_CLIPNORM, _LAG, _SEQUENCES = 1.0, 100, 32


@dataclasses.dataclass(frozen=True)
class Trial:
    """A configuration that was tried.

    Attributes:
        changes: the fields that differ from the configuration, with their values; empty for the
            configuration itself.
        probability: the predicted probability that it learns, see `zoo.diagnosis.forecast`.
        keeps_cell: whether the cell is that of the configuration.
        readings: moment -> what was read then, see `zoo.diagnosis.readings.readings`.
    """

    changes: dict[str, Any]
    probability: float
    keeps_cell: bool
    readings: dict[str, Reading]

    @property
    def last(self) -> Reading:
        """The reading after the last training steps; without training, that of the start."""
        return self.readings[next((n for n in reversed(self.readings) if "step" in n), "start")]

    @property
    def text(self) -> str:
        """The changes as flags of the command line."""
        return " ".join(f"--{name}={_flag(value)}" for name, value in self.changes.items())


def _flag(value: Any) -> str:
    if isinstance(value, dict):
        return json.dumps(value)
    return "none" if value is None else str(value)


def advise(
    config: Config,
    data: Any = None,
    *,
    length: int | None = None,
    steps: int = 0,
    other_cells: Sequence[str] = CELLS,
) -> list[Trial]:
    """Try changes of a configuration, and rank them by the predicted probability of learning.

    Other initializers, biases of retention gates, choices of the cell's search space, clippings
    and cells are tried, one change at a time (a cell with gates that retain the state also with
    biases for the lag).

    Args:
        config: the configuration.
        data: a `zoo.Corpus`; None: the training data of the configuration.
        length: for generated data, its difficulty: the length of sequences.
        steps: training steps of each trial, 0 to 200; 0: only the initial weights are measured.
        other_cells: the cells that are tried.

    Returns:
        The trials, the best first. That of the configuration itself has no changes.

    Raises:
        RequestError: `steps` is not in the range, or the configuration is invalid.

    Example:
        >>> import zoo
        >>> config = zoo.Config(task="delayed_recall", cell="lru", units=8)
        >>> trials = zoo.advise(config, length=10, other_cells=["simple_rnn"])
        >>> sorted(trial.text for trial in trials)
        ['', '--cell=simple_rnn']
    """
    if isinstance(steps, bool) or not isinstance(steps, int) or not 0 <= steps <= max(STEPS):
        raise RequestError(f"steps={steps!r} is not a whole number from 0 to {max(STEPS)}.")
    changes = [{}, *changes_of(config, lag_of(config, length), other_cells)]
    trials = [_tried(config, each, data, length, steps) for each in changes]
    return sorted(trials, key=lambda trial: -trial.probability)


def _tried(
    config: Config, changes: dict[str, Any], data: Any, length: int | None, steps: int
) -> Trial:
    """Return the trial of a configuration with some changes."""
    keras.backend.clear_session()
    chosen = dataclasses.replace(config, **changes)
    found = subjects.subject_of(chosen, data, length, _batch_size(chosen), max(steps, 1))
    reader = Reader(found.model, subjects.sequences_of(found.batches[0], _SEQUENCES), found.lag)
    read = readings(reader, found.batches[:steps])
    predicted = probability(read, setting_of(chosen, reader))
    return Trial(changes, predicted, chosen.cell == config.cell, read)


def setting_of(config: Config, reader: Reader) -> Setting:
    """Return the setting of a configuration.

    Shorter lags are taken to teach something, unless generated data needs a single one.
    """
    config = resolve(config)
    builder, level = subjects.generated(config), difficulty.of(config.dataset)
    one_lag = False
    if builder is not None:
        dataset = builder(config=str(level))
        one_lag = dataset.shortest_lag == dataset.lag
    gated = "gated" in cells.entry(config.cell).facts["tags"]
    return Setting(reader.longest if reader.lag is None else reader.lag, one_lag, gated)


def _batch_size(config: Config) -> int:
    size = resolve(config).batch_size
    assert size is not None
    return size


def lag_of(config: Config, length: int | None) -> int:
    """Return the lag that biases are initialized for: the length, or the default of `chrono`."""
    return max(3, length or config.difficulty or _LAG)


def changes_of(
    config: Config, lag: int, other_cells: Sequence[str] = CELLS
) -> Iterator[dict[str, Any]]:
    """Yield the changes to try: fields of the configuration with other values.

    Args:
        config: the configuration.
        lag: the lag that the task needs.
        other_cells: names of cells.
    """
    builder = cells.get(config.cell)
    if builder.recurrent_shape == "full":
        for name in _KERNELS:
            if name != (config.recurrent_initializer or builder.default_recurrent_initializer):
                yield {"recurrent_initializer": name}
    for bias in _biases(builder, lag):
        if bias != (config.bias_initializer or builder.default_bias_initializer):
            yield {"bias_initializer": bias}
    for name, values in builder.search_space.items():
        present = config.cell_args.get(name, builder.argument_default(name))
        for value in values if isinstance(values, tuple) else (values["min"], values["max"]):
            if value != present:
                yield {"cell_args": {**config.cell_args, name: value}}
    if config.global_clipnorm != _CLIPNORM and resolve(config).global_clipnorm != _CLIPNORM:
        yield {"clipnorm": None, "clipvalue": None, "global_clipnorm": _CLIPNORM}
    for cell in other_cells:
        if cell != config.cell:
            changed = _with_cell(cell, lag).items()
            yield {name: value for name, value in changed if value != getattr(config, name)}


def _with_cell(cell: str, lag: int) -> dict[str, Any]:
    """Return the changes to another cell, with the initializers of its own."""
    biases = _biases(cells.get(cell), lag)
    bias = {"bias_initializer": biases[-1] if biases else None}
    return {"cell": cell, "cell_args": {}, "recurrent_initializer": None, **bias}


def _biases(builder: Any, lag: int) -> tuple[str, ...]:
    return ("unit_forget", f"chrono:{lag}") if builder.retention_gates else ()
